// What a world is made of, what a client needs to play in it, and what is recorded of each call.

import type { Clock, memoryStore } from "oauth2-token-response";
import type { TokenEndpointOptions, TokenOnTheWire, TokenRequest } from "./token-endpoint.ts";

export const API = "https://api.test";

/** How an API endpoint answers. */
export type Behaviour =
  /** Accepts every valid token. */
  | { readonly kind: "good" }
  /** Answers 401 to everything. */
  | { readonly kind: "sick" }
  /** Answers 401 to everything, and says that the token is not the reason. */
  | { readonly kind: "challenging" }
  /** Answers 401 to a part of the calls, whatever they send. */
  | { readonly kind: "flaky"; readonly chance: number }
  /** Hears of a new token late; the first one is known everywhere. */
  | { readonly kind: "lagging"; readonly lagMs: number }
  /** Accepts the token that was issued last, and no other. */
  | { readonly kind: "latest" }
  /** Needs no token. */
  | { readonly kind: "public" }
  /** One URL with many operations, as GraphQL has it: some are rejected whatever the token. */
  | { readonly kind: "mixed" }
  /** Answers valid tokens with this status. */
  | { readonly kind: "status"; readonly status: number };

export interface Call {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly behaviour: Behaviour;
  /** For mixed endpoints: whether the operation is one of those that are rejected. */
  readonly isRejected?: boolean;
  readonly abortAfterMs?: number | undefined;
  /** Which process calls (default: 0). */
  readonly process?: number;
}

/** What happens to the servers and the clocks. */
export type Happening = { readonly at: number } & (
  | { readonly type: "revoke" }
  /** The wall clock is set. */
  | { readonly type: "setWall"; readonly ms: number }
  /** The lid is closed for a while. */
  | { readonly type: "sleep"; readonly ms: number }
);

export interface WorldOptions {
  readonly seed: number;
  readonly tokens: TokenEndpointOptions;
  readonly calls: readonly Call[];
  readonly happenings: readonly Happening[];
  /** How many processes share a store (default: one, without a store). */
  readonly processes?: number;
  /** Responses of the API take up to this long (default: 100 ms). */
  readonly apiLatencyMs?: number;
}

/** What a client is made of, in each process. */
export interface Surroundings {
  readonly clock: Clock;
  request(signal?: AbortSignal): Promise<TokenOnTheWire>;
  readonly fetch: typeof globalThis.fetch;
  readonly store: ReturnType<typeof memoryStore> | undefined;
}

/** Only the status of what it returns counts. */
export type Client = (url: string, init: CallInit) => Promise<{ readonly status: number }>;
/** The arguments of `fetch` that a world uses. */
export interface CallInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export type ClientFactory = (surroundings: Surroundings) => Client;

/** One of the requests that a call led to. */
interface ApiRequest {
  readonly at: number;
  readonly token: string | undefined;
  readonly status: number;
  /** What plain `fetch` would have got at this moment. */
  readonly plain: number | undefined;
}

/** What became of a call. */
export interface CallRecord {
  readonly call: Call;
  /** What plain `fetch` gets; `undefined` while there is no token that it could send. */
  readonly plain: number | undefined;
  /** How long that token is still valid; 0 if there is none. */
  readonly remainingMs: number;
  readonly requests: ApiRequest[];
  /** A status, or what was thrown; `undefined` while the call is under way. */
  result: { readonly status: number } | { readonly error: unknown } | undefined;
  readonly abort: AbortController;
  /** Whether the abort was heard at once; `undefined` if there was none, or nothing left to abort. */
  isAbortHeard?: boolean | undefined;
}

export interface Played {
  readonly records: readonly CallRecord[];
  readonly tokenRequests: readonly TokenRequest[];
  readonly apiRequests: number;
  readonly timersLeft: number;
}

/** Whether a call deserves a response that is not a 401: an endpoint that has a use for a valid token. */
export function isGood({ behaviour, isRejected }: Call): boolean {
  return !isRejected && behaviour.kind !== "sick" && behaviour.kind !== "challenging";
}

export function hasFailed({ result }: CallRecord): boolean {
  return !result || "error" in result || result.status === 401;
}

export function errorOf({ result }: CallRecord): unknown {
  return result && "error" in result ? result.error : undefined;
}

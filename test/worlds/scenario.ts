// The types of a simulated world: its calls and events, what a client gets, and what is recorded of each call.

import type { Clock, memoryStore } from "oauth2-token-response";
import type { TokenEndpointOptions, TokenOnTheWire, TokenRequest } from "./token-endpoint.ts";

export const API = "https://api.test";

/** How an API endpoint responds. */
export type Behaviour =
  /** Accepts every valid token. */
  | { readonly kind: "good" }
  /** Answers 401 to everything. */
  | { readonly kind: "sick" }
  /** Answers 401 to everything, with a challenge that names another reason than the token. */
  | { readonly kind: "challenging" }
  /** Answers 401 to random calls, with this probability. */
  | { readonly kind: "flaky"; readonly chance: number }
  /** Accepts a new token only after a while, except for the first one. */
  | { readonly kind: "lagging"; readonly lagMs: number }
  /** Accepts the token that was issued last, and no other. */
  | { readonly kind: "latest" }
  /** Needs no token. */
  | { readonly kind: "public" }
  /** One URL with many operations, as in GraphQL: some are rejected whatever the token. */
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

/** An event at the servers or the clocks. */
export type Happening = { readonly at: number } & (
  | { readonly type: "revoke" }
  /** The wall clock is moved. */
  | { readonly type: "setWall"; readonly ms: number }
  /** The machine sleeps. */
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

/** What a client is created from, in each process. */
export interface Surroundings {
  readonly clock: Clock;
  request(signal?: AbortSignal): Promise<TokenOnTheWire>;
  readonly fetch: typeof globalThis.fetch;
  readonly store: ReturnType<typeof memoryStore> | undefined;
}

/** Only the status of the response is used. */
export type Client = (url: string, init: CallInit) => Promise<{ readonly status: number }>;
/** The arguments of `fetch` that a world uses. */
export interface CallInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export type ClientFactory = (surroundings: Surroundings) => Client;

/** A request that a call caused. */
interface ApiRequest {
  readonly at: number;
  readonly token: string | undefined;
  readonly status: number;
  /** What plain `fetch` would have got at this moment. */
  readonly plain: number | undefined;
}

/** The course and the result of a call. */
export interface CallRecord {
  readonly call: Call;
  /** The status that plain `fetch` gets. `undefined` while there is no token to send. */
  readonly plain: number | undefined;
  /** The remaining lifetime of that token. 0 if there is none. */
  readonly remainingMs: number;
  readonly requests: ApiRequest[];
  /** A status, or what was thrown; `undefined` while the call is under way. */
  result: { readonly status: number } | { readonly error: unknown } | undefined;
  readonly abort: AbortController;
  /** Whether the call rejected immediately after its abort. `undefined` if there was none, or the call had ended. */
  hasAborted?: boolean | undefined;
}

export interface Played {
  readonly records: readonly CallRecord[];
  readonly tokenRequests: readonly TokenRequest[];
  readonly apiRequests: number;
  readonly timersLeft: number;
}

/** Whether a call with a valid token should not get a 401. */
export function isGood({ behaviour, isRejected }: Call): boolean {
  return !isRejected && behaviour.kind !== "sick" && behaviour.kind !== "challenging";
}

export function hasFailed({ result }: CallRecord): boolean {
  return !result || "error" in result || result.status === 401;
}

export function errorOf({ result }: CallRecord): unknown {
  return result && "error" in result ? result.error : undefined;
}

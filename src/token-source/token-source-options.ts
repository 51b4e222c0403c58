// What a token source is, and what it takes.

import type { AccessToken } from "../access-token.ts";
import type { SharedStore } from "../store/share.ts";
import type { Clock } from "../time/clock.ts";
import type { TokenEvent } from "./events.ts";
import type { TokenRequesterOptions } from "./token-requester.ts";

/** Keeps alive what runs in the background, as `ctx.waitUntil` of Workers does. */
export type WaitUntil = (promise: Promise<unknown>) => void;

/** For `get()`. */
export interface GetOptions {
  /** Ends this caller's wait, and no other. */
  readonly signal?: AbortSignal | undefined;
  /** Called with a refresh that this call starts (default: the source's own). */
  readonly waitUntil?: WaitUntil | undefined;
}

/** How a source keeps its token fresh. */
export interface RefreshOptions {
  /** Milliseconds before the expiry from which on the token is refreshed in the background (default: 1,200,000, at most 25 % of the lifetime). */
  readonly refreshWindowMs?: number | undefined;
  /** Milliseconds before the expiry from which on `get()` waits for the refresh (default: 10,000, at most 5 % of the lifetime). */
  readonly blockingWindowMs?: number | undefined;
  /** How long a caller without a token waits for one, all attempts included (default: 30,000 ms). */
  readonly timeoutMs?: number | undefined;
  /** How long one attempt may take (default: 10,000 ms). */
  readonly attemptTimeoutMs?: number | undefined;
  /** Lifetime of a token whose response has no `expires_in` (default: valid until an API rejects it). */
  readonly defaultLifetimeMs?: number | undefined;
  /** Where several processes share the token, such as `redisStore(redis)` (default: the source keeps its own). */
  readonly store?: SharedStore | undefined;
  /** How long a command of the store may take (default: 50 ms), or four times as long while there is no token. */
  readonly storeTimeoutMs?: number | undefined;
  /** Called with each refresh, for runtimes that end background work together with the request that started it: Workers, Vercel, `after` of Next.js. */
  readonly waitUntil?: WaitUntil | undefined;
  /** For tests (default: the platform's). */
  readonly clock?: Clock | undefined;
  /** Receives an event for each thing that happens. What it throws is ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

export type DurationOption = Extract<keyof RefreshOptions, `${string}Ms`>;

export type TokenSourceOptions = RefreshOptions & TokenRequesterOptions;

/** Returns one token to all callers, for one client and one set of scopes: make one source per process. */
export interface TokenSource {
  /** The origin that gets the token if `origins` names none: that of `baseUrl`. */
  readonly origin: string | undefined;
  /**
   * Returns a token that has not expired: the cached one, or a new one.
   *
   * @throws {TokenRequestError | TokenResponseError} why there is none; until `nextTryAt` the source fails fast
   * @throws {TokenTimeoutError} when the time is over
   * @throws the signal's reason, when it is aborted
   */
  get(options?: GetOptions): Promise<AccessToken>;
  /** The cached token, if `get()` would return it and do nothing else. */
  peekFresh(): AccessToken | undefined;
  /**
   * Reports that an API rejected a token: the next `get()` refreshes it first, if the budget of forced refreshes allows it.
   *
   * If no other token can be obtained, `get()` returns this one until it expires: the API may have been wrong.
   */
  invalidate(token: AccessToken): void;
}

// The public interface of a token source, and its options. The defaults and their reasons are in `refresh-policy.ts`.

import type { AccessToken } from "../access-token.ts";
import type { SharedStore } from "../store/share.ts";
import type { Clock } from "../time/clock.ts";
import type { TokenEvent } from "./events.ts";
import type { TokenRequesterOptions } from "./token-requester.ts";

/** Keeps background work alive until the promise settles, as `ctx.waitUntil` of Workers does. */
export type WaitUntil = (promise: Promise<unknown>) => void;

/** For {@link TokenSource.get}. */
export interface GetOptions {
  /** Ends the wait of this caller. Other callers go on waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the refresh that this call starts (default: the `waitUntil` of the source). */
  readonly waitUntil?: WaitUntil | undefined;
}

/** How a source keeps its token fresh. All durations are in milliseconds. */
export interface RefreshOptions {
  /**
   * How long before its expiry the token is refreshed in the background (default: 1,200,000; at most 25 % of the
   * lifetime).
   */
  readonly refreshWindowMs?: number | undefined;
  /** How long before the expiry `get()` waits for the refresh (default: 10,000; at most 5 % of the lifetime). */
  readonly blockingWindowMs?: number | undefined;
  /** How long a caller without a token waits for one, all attempts included (default: 30,000). */
  readonly timeoutMs?: number | undefined;
  /** The time limit of one attempt (default: 10,000). */
  readonly attemptTimeoutMs?: number | undefined;
  /** The lifetime of a token whose response has no `expires_in` (default: valid until an API rejects it). */
  readonly defaultLifetimeMs?: number | undefined;
  /** Shares the token between processes, such as `redisStore(redis)` (default: the source does not share its token). */
  readonly store?: SharedStore | undefined;
  /** The time limit of one store command (default: 50). It is four times as long while no token is cached. */
  readonly storeTimeoutMs?: number | undefined;
  /** Called with each refresh, for runtimes that stop background work when a request ends: Workers, Vercel, Next.js. */
  readonly waitUntil?: WaitUntil | undefined;
  /** The clock, for tests (default: the platform's). */
  readonly clock?: Clock | undefined;
  /** Receives the events of the source. Its errors are ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

export type DurationOption = Extract<keyof RefreshOptions, `${string}Ms`>;

export type TokenSourceOptions = RefreshOptions & TokenRequesterOptions;

/** Returns one token to all callers, for one client and one set of scopes. Create one source per process. */
export interface TokenSource {
  /** The origin of `baseUrl`. It gets the token if `origins` is not set. */
  readonly origin: string | undefined;
  /**
   * Returns a token that has not expired: the cached one or a new one.
   *
   * @throws {TokenRequestError | TokenResponseError} if no token can be obtained; until `nextTryAt` further calls fail
   *   at once
   * @throws {TokenTimeoutError} if no attempt has succeeded within `timeoutMs`
   * @throws the signal's reason, when it is aborted
   */
  get(options?: GetOptions): Promise<AccessToken>;
  /** Returns the cached token if it needs no refresh yet, and otherwise `undefined`. It never starts a refresh. */
  peekFresh(): AccessToken | undefined;
  /**
   * Reports that an API rejected a token. The next `get()` then refreshes the token first.
   *
   * The API may have been wrong. So forced refreshes have a budget, and if no other token can be obtained, `get()`
   * returns this one until it expires.
   */
  invalidate(token: AccessToken): void;
}

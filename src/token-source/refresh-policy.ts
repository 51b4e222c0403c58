// The decisions of a token source, as pure functions, and all its time constants with their reasons. `token-source.ts`
// has the state and carries the decisions out.

import { type TokenError, TokenRequestError, TokenResponseError } from "../errors.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

// The windows at the end of a lifetime. They are limited to parts of it, so that a short token is not refreshed at
// every call.

/** The refresh window: long enough to survive an outage of some minutes. */
export const REFRESH_WINDOW_MS: number = 20 * MINUTE_MS;
const REFRESH_WINDOW_PART = 0.25;
/** The blocking window: callers wait here, because a slow call could outlive its token. */
export const BLOCKING_WINDOW_MS: number = 10 * SECOND_MS;
const BLOCKING_WINDOW_PART = 0.05;
/** A caller stops waiting for a slow refresh this long before the expiry, so that it can still use its token. */
const LAST_USE_MS = SECOND_MS;
/** The refresh window opens later by a random part of it, up to this, so that processes do not all refresh at once. */
const JITTER_PART = 0.2;

// One refresh.

/** The time limit of one attempt: long enough for a slow server, short enough for more attempts. */
export const ATTEMPT_TIMEOUT_MS: number = 10 * SECOND_MS;
/** The time limit of all attempts of a refresh together: about as long as people wait for a page. */
export const TIMEOUT_MS: number = 30 * SECOND_MS;
/** The time limit of one store command. A store nearby is faster; a store that hangs must not slow calls down. */
export const STORE_TIMEOUT_MS = 50;
/** The longest random delay after the first failed attempt. It doubles after each further one, up to the longest. */
const RETRY_MS = SECOND_MS / 2;
const LONGEST_RETRY_MS = 10 * SECOND_MS;
/** A server that reuses tokens may send one in its last second. A second later it issues another. */
const EXPIRED_RETRY_MS = SECOND_MS;
/** If a refresh ends this long after its time limit, the process was frozen. */
export const FROZEN_MS: number = SECOND_MS / 2;

// After a refresh.

/** The cooldown after a transient failure. It doubles after each further one, up to the longest. */
const TRANSIENT_COOLDOWN_MS = SECOND_MS;
const LONGEST_TRANSIENT_COOLDOWN_MS = MINUTE_MS;
/** The same after a permanent failure. Wrong credentials stay wrong, and servers block clients that keep trying. */
const PERMANENT_COOLDOWN_MS = 30 * SECOND_MS;
const LONGEST_PERMANENT_COOLDOWN_MS = 5 * MINUTE_MS;
/** The longest `Retry-After` that is obeyed. */
export const LONGEST_COOLDOWN_MS: number = 5 * MINUTE_MS;
/** Cooldowns are longer by a random part of them, up to this one, so that many processes do not retry at once. */
const COOLDOWN_JITTER_PART = 0.1;
/** After the same token, the next refresh waits for half of the remaining lifetime, but at least this long. */
const SHORTEST_UNCHANGED_COOLDOWN_MS = SECOND_MS;

// After a 401. These values were chosen by measurement: see `docs/comparison.md`.

/** How long the 401s of an endpoint that rejects every token are ignored. Doubles each time, up to the longest. */
export const BLAME_MS: number = 5 * SECOND_MS;
export const LONGEST_BLAME_MS: number = MINUTE_MS;
export const MAX_BLAMED_ENDPOINTS = 100;
/** The budget of forced refreshes: this many at once, then one more per `FORCED_EVERY_MS`. */
export const FORCED_AT_ONCE = 10;
export const FORCED_EVERY_MS: number = 10 * SECOND_MS;
/** How long a 401 is first replayed with the predecessor: an API's replicas may not know the new token yet. */
export const PREDECESSOR_MS: number = MINUTE_MS;

/** The two windows at the end of a lifetime: how long before the expiry each opens. */
export interface Windows {
  readonly refreshMs: number;
  readonly blockingMs: number;
}

/** Returns the windows of a token. `random` is between 0 and 1. */
export function windowsFor(lifetimeMs: number, longest: Windows, random: number): Windows {
  const refreshMs = Math.min(longest.refreshMs, lifetimeMs * REFRESH_WINDOW_PART);
  const blockingMs = Math.min(longest.blockingMs, lifetimeMs * BLOCKING_WINDOW_PART, refreshMs);
  return { refreshMs: Math.max(refreshMs * (1 - JITTER_PART * random), blockingMs), blockingMs };
}

/**
 * The stage of a token in its lifetime. It decides what `get()` does:
 *
 * - *fresh*: return the token.
 * - *ageing*: return the token, and refresh it in the background.
 * - *ending*: wait for the first attempt of a refresh. If it fails or takes too long, return the token.
 * - *gone*: wait for a refresh. If it fails, throw.
 */
export type Stage = "fresh" | "ageing" | "ending" | "gone";

/** Returns the stage of a token. Without a token, `windows` is `undefined`. */
export function stageOf(remainingMs: number, windows: Windows | undefined): Stage {
  if (!windows || remainingMs <= 0) return "gone";
  if (remainingMs > windows.refreshMs) return "fresh";
  return remainingMs > windows.blockingMs ? "ageing" : "ending";
}

/** Returns how long a caller waits for a refresh while its token is ending. The token must stay usable. */
export function longestWaitMs(remainingMs: number): number {
  return Math.max(remainingMs - LAST_USE_MS, remainingMs / 2);
}

/** The reasons to wait with a refresh. */
export interface Cooldowns {
  /** The remaining cooldown after a failure. */
  readonly failureMs: number;
  /** Whether a token was cached when the failure happened. */
  readonly hadToken: boolean;
  /** The remaining cooldown after the server returned the same token. */
  readonly unchangedMs: number;
}

/** Reports whether a refresh may start now. A forced refresh ignores the cooldown after the same token. */
export function mayRefresh(stage: Stage, isForced: boolean, { failureMs, hadToken, unchangedMs }: Cooldowns): boolean {
  // When the token expires during an outage, one immediate try is allowed, because the outage may be over.
  const isFirstTryWithoutToken = stage === "gone" && hadToken;
  if (failureMs > 0 && !isFirstTryWithoutToken) return false;
  return isForced || stage === "gone" || unchangedMs <= 0;
}

/** Returns the cooldown after the `count`th failure in a row. */
export function cooldownMs(failure: TokenError, count: number, random: number): number {
  // The process that failed has already applied the rules below.
  if (failure instanceof SharedFailureError) return retryAfterMs(failure);
  const isPermanent = failure instanceof TokenRequestError && !isTransient(failure);
  const [first, longest] = isPermanent
    ? [PERMANENT_COOLDOWN_MS, LONGEST_PERMANENT_COOLDOWN_MS]
    : [TRANSIENT_COOLDOWN_MS, LONGEST_TRANSIENT_COOLDOWN_MS];
  const ownMs = Math.min(first * 2 ** (count - 1) * (1 + COOLDOWN_JITTER_PART * random), longest);
  return Math.max(ownMs, Math.min(retryAfterMs(failure), LONGEST_COOLDOWN_MS));
}

/** Returns the cooldown after the server returned the same token, which has this remaining lifetime. */
export function unchangedCooldownMs(remainingMs: number): number {
  return Math.max(remainingMs / 2, SHORTEST_UNCHANGED_COOLDOWN_MS);
}

/** The server sent a token that had already expired. */
export class ExpiredTokenError extends TokenResponseError {
  constructor(expiresIn: unknown) {
    super("/expires_in", "a lifetime that is not over yet", expiresIn);
  }
}

/** The failure of another process that shares the token. `retryAfterMs` is its remaining cooldown. */
export class SharedFailureError extends TokenRequestError {}

/** Reports whether the same request may succeed later: there was no response, or its status is 408, 429 or 5xx. */
export function isTransient(failure: unknown): boolean {
  if (!(failure instanceof TokenRequestError)) return failure instanceof ExpiredTokenError;
  const { status = 500 } = failure;
  return status === 408 || status === 429 || status >= 500;
}

/** Returns the delay before the next attempt, after `count` failed ones; `undefined` if it would not help. */
export function retryDelayMs(failure: unknown, count: number, random: number): number | undefined {
  if (failure instanceof ExpiredTokenError) return EXPIRED_RETRY_MS;
  if (!isTransient(failure)) return undefined;
  const longest = Math.min(RETRY_MS * 2 ** (count - 1), LONGEST_RETRY_MS);
  return Math.max(random * longest, retryAfterMs(failure));
}

/** Returns `retryAfterMs`, if it is usable. An error of a user's `request` function may have any value there. */
function retryAfterMs(failure: unknown): number {
  const { retryAfterMs = 0 } = failure as { readonly retryAfterMs?: number };
  return retryAfterMs > 0 ? retryAfterMs : 0;
}

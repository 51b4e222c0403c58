// What a token source decides, as pure functions, and every time it uses, with the reason. `token-source.ts` holds the state
// and does what is decided here.

import { type TokenError, TokenRequestError, TokenResponseError } from "../errors.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

// The windows: parts of the lifetime, so that a short token is not refreshed at every call.

/** The refresh window: long enough for an outage of minutes to end before the token does. */
export const REFRESH_WINDOW_MS: number = 20 * MINUTE_MS;
const REFRESH_WINDOW_PART = 0.25;
/** The blocking window: callers wait here, because a slow call could outlive its token. */
export const BLOCKING_WINDOW_MS: number = 10 * SECOND_MS;
const BLOCKING_WINDOW_PART = 0.05;
/** A token that is returned because its refresh is slow has this much left to be used, or half of what it had. */
const LAST_USE_MS = SECOND_MS;
/** The refresh window opens later at random, by up to this part of it, so that many processes do not refresh at once. */
const JITTER_PART = 0.2;

// One refresh.

/** One attempt: long enough for a slow server, short enough to try again within the whole time. */
export const ATTEMPT_TIMEOUT_MS: number = 10 * SECOND_MS;
/** All attempts of a refresh together: as long as people wait for a page. */
export const TIMEOUT_MS: number = 30 * SECOND_MS;
/** One command of a store: longer than any takes nearby, and short enough to be no reason against a store. */
export const STORE_TIMEOUT_MS = 50;
/** The delay before another attempt: up to this after the first failure, and up to twice as long after each further one. */
const RETRY_MS = SECOND_MS / 2;
const LONGEST_RETRY_MS = 10 * SECOND_MS;
/** A server that reuses tokens may send one in its last second; a second later it has another. */
const EXPIRED_RETRY_MS = SECOND_MS;
/** A refresh that ends this long after its time limit was frozen together with the process. */
export const FROZEN_MS: number = SECOND_MS / 2;

// After a refresh.

/** The cooldown after a failure: doubled after each further one, at most the longest. */
const TRANSIENT_COOLDOWN_MS = SECOND_MS;
const LONGEST_TRANSIENT_COOLDOWN_MS = MINUTE_MS;
/** Wrong credentials do not become right by themselves, and servers block clients that keep trying. */
const PERMANENT_COOLDOWN_MS = 30 * SECOND_MS;
const LONGEST_PERMANENT_COOLDOWN_MS = 5 * MINUTE_MS;
/** The longest `Retry-After` that is obeyed. */
export const LONGEST_COOLDOWN_MS: number = 5 * MINUTE_MS;
/** Cooldowns are longer at random, by up to this part. */
const COOLDOWN_JITTER_PART = 0.1;
/** A server that returned the same token has no other before half of its remaining lifetime has passed, or at least this. */
const SHORTEST_UNCHANGED_COOLDOWN_MS = SECOND_MS;

// After a 401. The reasons are measured: `docs/comparison.md` has the worlds and the figures.

/** An endpoint that rejects every token is not believed for this long; doubled each time, at most the longest. */
export const BLAME_MS: number = 5 * SECOND_MS;
export const LONGEST_BLAME_MS: number = MINUTE_MS;
export const MAX_BLAMED_ENDPOINTS = 100;
/** The budget of forced refreshes: so many at once, and one more after each of these times. */
export const FORCED_AT_ONCE = 10;
export const FORCED_EVERY_MS: number = 10 * SECOND_MS;
/** Replicas of an API learn of a new token within seconds. For this long its predecessor is tried before a refresh is forced. */
export const PREDECESSOR_MS: number = MINUTE_MS;

/** The two windows at the end of a lifetime, in milliseconds before the expiry. */
export interface Windows {
  readonly refreshMs: number;
  readonly blockingMs: number;
}

/** The windows of a token; `random` is from 0 to 1. */
export function windowsFor(lifetimeMs: number, longest: Windows, random: number): Windows {
  const refreshMs = Math.min(longest.refreshMs, lifetimeMs * REFRESH_WINDOW_PART);
  const blockingMs = Math.min(longest.blockingMs, lifetimeMs * BLOCKING_WINDOW_PART, refreshMs);
  return { refreshMs: Math.max(refreshMs * (1 - JITTER_PART * random), blockingMs), blockingMs };
}

/**
 * How far a token is through its lifetime, and with it what `get()` does:
 *
 * - *fresh*: returns the token.
 * - *ageing*: returns the token, while a refresh runs in the background.
 * - *ending*: waits for the refresh's first attempt. If that fails, or takes too long for the token, returns the token.
 * - *gone*: waits for the refresh. If that fails, throws.
 */
export type Stage = "fresh" | "ageing" | "ending" | "gone";

/** The stage of a token by its remaining lifetime; a token that does not exist has none left. */
export function stageOf(remainingMs: number, windows: Windows | undefined): Stage {
  if (!windows || remainingMs <= 0) return "gone";
  if (remainingMs > windows.refreshMs) return "fresh";
  return remainingMs > windows.blockingMs ? "ageing" : "ending";
}

/** How long a caller waits for a refresh while its token is ending: the token that it gets then must not have expired. */
export function patienceMs(remainingMs: number): number {
  return Math.max(remainingMs - LAST_USE_MS, remainingMs / 2);
}

/** What speaks against a refresh now. */
export interface Cooldowns {
  /** The rest of the cooldown after a failure. */
  readonly failureMs: number;
  /** Whether a token was cached when the failure happened. */
  readonly hadToken: boolean;
  /** The rest of the cooldown after the server returned the same token. */
  readonly unchangedMs: number;
}

/** Reports whether a refresh may start in this stage. A forced one need not wait for a server that returned the same token. */
export function mayRefresh(stage: Stage, isForced: boolean, { failureMs, hadToken, unchangedMs }: Cooldowns): boolean {
  // A token that expires during an outage allows one immediate try: the outage may be over.
  const isFirstTryWithoutToken = stage === "gone" && hadToken;
  if (failureMs > 0 && !isFirstTryWithoutToken) return false;
  return isForced || stage === "gone" || unchangedMs <= 0;
}

/** How long the token endpoint is left alone after the `count`th failure in a row. */
export function cooldownMs(failure: TokenError, count: number, random: number): number {
  // Its rest, and nothing on top of it: the process that failed has doubled it.
  if (failure instanceof SharedFailureError) return retryAfterMs(failure);
  const isPermanent = failure instanceof TokenRequestError && !isTransient(failure);
  const [first, longest] = isPermanent
    ? [PERMANENT_COOLDOWN_MS, LONGEST_PERMANENT_COOLDOWN_MS]
    : [TRANSIENT_COOLDOWN_MS, LONGEST_TRANSIENT_COOLDOWN_MS];
  const ownMs = Math.min(first * 2 ** (count - 1) * (1 + COOLDOWN_JITTER_PART * random), longest);
  return Math.max(ownMs, Math.min(retryAfterMs(failure), LONGEST_COOLDOWN_MS));
}

/** How long a server that returned the same token is left alone while the token has this lifetime left. */
export function unchangedCooldownMs(remainingMs: number): number {
  return Math.max(remainingMs / 2, SHORTEST_UNCHANGED_COOLDOWN_MS);
}

/** A token that had expired when it arrived. */
export class ExpiredTokenError extends TokenResponseError {
  constructor(expiresIn: unknown) {
    super("/expires_in", "seconds that are not over yet", expiresIn);
  }
}

/** The failure of another process of a fleet; `retryAfterMs` is the rest of its cooldown. */
export class SharedFailureError extends TokenRequestError {}

/** Reports whether the same request may succeed a little later: it did not arrive, or the server says so by its status. */
export function isTransient(failure: unknown): boolean {
  if (!(failure instanceof TokenRequestError)) return failure instanceof ExpiredTokenError;
  const { status = 500 } = failure;
  return status === 408 || status === 429 || status >= 500;
}

/** Milliseconds until the attempt after the `count`th failure; `undefined` if another would not help. */
export function retryDelayMs(failure: unknown, count: number, random: number): number | undefined {
  if (failure instanceof ExpiredTokenError) return EXPIRED_RETRY_MS;
  if (!isTransient(failure)) return undefined;
  const longest = Math.min(RETRY_MS * 2 ** (count - 1), LONGEST_RETRY_MS);
  return Math.max(random * longest, retryAfterMs(failure));
}

/** A `request` of the user's own may throw anything here. */
function retryAfterMs(failure: unknown): number {
  const { retryAfterMs = 0 } = failure as { readonly retryAfterMs?: number };
  return retryAfterMs > 0 ? retryAfterMs : 0;
}

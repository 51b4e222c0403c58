// What a token source decides, as pure functions: when to renew, and when to ask again after it went wrong.

import { TokenRequestError, TokenResponseError } from "../errors.ts";
import type { TokenError } from "./events.ts";

const MINUTE_MS = 60_000;

// The times of the policy, each with its reason.

/** Refresh long before the expiry: an outage of the endpoint for this long is noticed by nobody. */
export const REFRESH_WINDOW_MS: number = 20 * MINUTE_MS;
const REFRESH_WINDOW_SHARE = 0.25;
/** The refresh window opens up to a fifth later by chance, so that many processes do not refresh at once. */
const REFRESH_JITTER = 0.2;
/** Wait for a new token while the old one may expire on its way to the API. */
export const BLOCKING_WINDOW_MS: number = 10_000;
const BLOCKING_WINDOW_SHARE = 0.05;

/** As long as the clients of most APIs wait. */
export const REFRESH_TIMEOUT_MS: number = 30_000;
/** Long enough for a slow server, short enough to try again in time. */
export const ATTEMPT_TIMEOUT_MS: number = 10_000;
/** One that may wait for other processes first: for a dead one's lease, and another one's request. */
export const SHARED_ATTEMPT_TIMEOUT_MS: number = 15_000;

/** A retry comes up to this long after the first failure, and up to twice as long after each further one (full jitter). */
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
/** A server that reuses tokens may send one in its last second; a second later it has another. */
const EXPIRED_RETRY_MS = 1000;

interface Cooldown {
  readonly firstMs: number;
  readonly maxMs: number;
}
/** What may pass soon is tried again soon. */
const TRANSIENT_COOLDOWN: Cooldown = { firstMs: 1000, maxMs: MINUTE_MS };
/** Somebody has to change something first, such as the client secret. */
const PERMANENT_COOLDOWN: Cooldown = { firstMs: MINUTE_MS / 2, maxMs: 5 * MINUTE_MS };
/** An API that rejects tokens is no reason to request ever more of them. */
const REJECTED_COOLDOWN: Cooldown = { firstMs: 5000, maxMs: MINUTE_MS };
/** Cooldowns last up to a tenth longer by chance, so that many processes do not come back at once. */
const COOLDOWN_JITTER = 0.1;
/** A server may ask for a longer wait, but not take a client away for good. */
const MAX_RETRY_AFTER_MS = 5 * MINUTE_MS;
/** A server that returned the same token has no other before half of the remaining lifetime has passed, and is left alone this long at least. */
const MIN_UNCHANGED_COOLDOWN_MS = 1000;
/** A token that was accepted for this long was good, and its rejection no sign that the next one will be rejected too. */
export const ACCEPTED_MS: number = MINUTE_MS;

/** A token that had expired when it arrived. */
export class ExpiredTokenError extends TokenResponseError {
  constructor(expiresIn: unknown) {
    super("/expires_in", "seconds that are not over yet", expiresIn);
  }
}

/** A token that an API rejects: the server returned it again, or it replaced one that was rejected as well. */
export class RejectedTokenError extends TokenRequestError {
  constructor(endpoint: string) {
    super(endpoint, {
      status: 401,
      error: "invalid_token",
      errorDescription: "The API rejects the tokens that it issues",
    });
  }
}

/** The ends of a token's lifetime, in milliseconds before its expiry. */
export interface Windows {
  /** From here on it is refreshed in the background. */
  readonly refreshWindowMs: number;
  /** From here on callers wait for the new one. */
  readonly blockingWindowMs: number;
}

/**
 * The windows are parts of the lifetime, so that a short token is not refreshed at every call.
 */
export function windowsOf(lifetimeMs: number, max: Windows, chance: number): Windows {
  const refreshWindowMs = Math.min(max.refreshWindowMs, lifetimeMs * REFRESH_WINDOW_SHARE);
  const blockingWindowMs = Math.min(max.blockingWindowMs, lifetimeMs * BLOCKING_WINDOW_SHARE, refreshWindowMs);
  return {
    refreshWindowMs: Math.max(refreshWindowMs * (1 - REFRESH_JITTER * chance), blockingWindowMs),
    blockingWindowMs,
  };
}

/**
 * The cooldown after the `count`th failure in a row: 1 s to 1 min after a transient one, 30 s to 5 min after a permanent one, 5 s
 * to 1 min while an API rejects the tokens. It is later by chance, and as long as the server says, up to 5 min.
 */
export function failureCooldownMs(failure: TokenError, count: number, chance: number): number {
  const { firstMs, maxMs } = cooldownFor(failure);
  const { retryAfterMs = 0 } = failure as TokenRequestError;
  const cooldownMs = Math.min(firstMs * 2 ** (count - 1) * (1 + COOLDOWN_JITTER * chance), maxMs);
  return Math.max(cooldownMs, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}

function cooldownFor(failure: TokenError): Cooldown {
  if (failure instanceof RejectedTokenError) return REJECTED_COOLDOWN;
  const isPermanent = failure instanceof TokenRequestError && !isTransient(failure);
  return isPermanent ? PERMANENT_COOLDOWN : TRANSIENT_COOLDOWN;
}

/** Whether the same request may succeed a little later: it did not arrive, or the server says so by its status. */
export function isTransient(failure: unknown): boolean {
  if (!(failure instanceof TokenRequestError)) return failure instanceof ExpiredTokenError;
  const { status = 500 } = failure;
  return status === 408 || status === 429 || status >= 500;
}

/** Milliseconds until another attempt; `undefined` where none would help. */
export function retryPauseMs(failure: unknown, count: number): number | undefined {
  if (failure instanceof ExpiredTokenError) return EXPIRED_RETRY_MS;
  if (!(failure instanceof TokenRequestError) || !isTransient(failure)) return undefined;
  const maxMs = Math.min(FIRST_RETRY_MS * 2 ** (count - 1), MAX_RETRY_MS);
  return Math.max(Math.random() * maxMs, failure.retryAfterMs ?? 0);
}

/** A server that returned the token which was there already has no other until that one is older. */
export function unchangedCooldownMs(remainingMs: number): number {
  return Math.max(remainingMs / 2, MIN_UNCHANGED_COOLDOWN_MS);
}

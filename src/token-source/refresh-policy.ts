// What a token source decides, as pure functions: when to renew, and when to ask again after it went wrong.

import { TokenRequestError, TokenResponseError } from "../errors.ts";
import type { TokenError } from "./events.ts";

const MINUTE_MS = 60_000;

/** Long enough for a slow server, short enough to try again in time. */
export const ATTEMPT_TIMEOUT_MS: number = 10_000;
/** One that may wait for other processes first: for a dead one's lease, and another one's request. */
export const SHARED_ATTEMPT_TIMEOUT_MS: number = 15_000;
/** A pause is up to this long after the first failure, and up to twice as long after each further one (full jitter). */
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
/** A server that reuses tokens may send one in its last second; a second later it has another. */
const EXPIRED_RETRY_MS = 1000;
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
 * The windows are parts of the lifetime, so that a short token is not renewed at every call. The refresh window opens later by
 * chance, up to a fifth of it, so that a fleet does not wake at once.
 */
export function windowsOf(lifetimeMs: number, max: Windows, chance: number): Windows {
  const refreshWindowMs = Math.min(max.refreshWindowMs, lifetimeMs * 0.25);
  const blockingWindowMs = Math.min(max.blockingWindowMs, lifetimeMs * 0.05, refreshWindowMs);
  return { refreshWindowMs: Math.max(refreshWindowMs * (1 - 0.2 * chance), blockingWindowMs), blockingWindowMs };
}

/**
 * The cooldown after the `count`th failure in a row: 1 s to 1 min after a transient one, 30 s to 5 min after a permanent one, 5 s
 * to 1 min while an API rejects the tokens. It is later by chance, and as long as the server says, up to 5 min.
 */
export function failureCooldownMs(failure: TokenError, count: number, chance: number): number {
  const [first, max] = cooldownsFor(failure);
  const { retryAfterMs = 0 } = failure as TokenRequestError;
  const cooldownMs = Math.min(first * 2 ** (count - 1) * (1 + 0.1 * chance), max);
  return Math.max(cooldownMs, Math.min(retryAfterMs, 5 * MINUTE_MS));
}

function cooldownsFor(failure: TokenError): [firstMs: number, maxMs: number] {
  if (failure instanceof RejectedTokenError) return [5000, MINUTE_MS];
  const isPermanent = failure instanceof TokenRequestError && !isTransient(failure);
  return isPermanent ? [MINUTE_MS / 2, 5 * MINUTE_MS] : [1000, MINUTE_MS];
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
  return Math.max(remainingMs / 2, 1000);
}

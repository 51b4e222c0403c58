// What a token source decides, as pure functions: when to renew, and when to ask again after it went wrong.

import { TokenRequestError } from "./errors.ts";
import type { TokenError } from "./events.ts";
import { isPassing, RefusedTokenError } from "./retry.ts";

const MINUTE_MS = 60_000;

/** The last stretches of a token's life, in milliseconds before its expiry. */
export interface Windows {
  /** From here on it is renewed while it is still given. */
  readonly refreshMs: number;
  /** From here on callers wait for the new one. */
  readonly lastMomentMs: number;
}

/**
 * The windows are parts of the lifetime, so that a short token is not renewed at every call. The refresh window opens later by
 * chance, up to a fifth of it, so that a fleet does not wake at once.
 */
export function windowsOf(lifeMs: number, longest: Windows, chance: number): Windows {
  const refreshMs = Math.min(longest.refreshMs, lifeMs * 0.25);
  const lastMomentMs = Math.min(longest.lastMomentMs, lifeMs * 0.05, refreshMs);
  return { refreshMs: Math.max(refreshMs * (1 - 0.2 * chance), lastMomentMs), lastMomentMs };
}

/**
 * The pause after the `count`th failure in a row: 1 s to 1 min, or 30 s to 5 min where it will not pass by itself, or 5 s to
 * 1 min where an API refuses the tokens. It is later by chance, and as long as the server says, up to 5 min.
 */
export function coolDownMs(failure: TokenError, count: number, chance: number): number {
  const [first, longest] = coolDownsFor(failure);
  const { retryAfterMs = 0 } = failure as TokenRequestError;
  const pauseMs = Math.min(first * 2 ** (count - 1) * (1 + 0.1 * chance), longest);
  return Math.max(pauseMs, Math.min(retryAfterMs, 5 * MINUTE_MS));
}

function coolDownsFor(failure: TokenError): [firstMs: number, longestMs: number] {
  if (failure instanceof RefusedTokenError) return [5000, MINUTE_MS];
  const isFinal = failure instanceof TokenRequestError && !isPassing(failure);
  return isFinal ? [MINUTE_MS / 2, 5 * MINUTE_MS] : [1000, MINUTE_MS];
}

/** A server that gave the token which was there already has no other until that one is older. */
export function quietMs(leftMs: number): number {
  return Math.max(leftMs / 2, 1000);
}

/** A token that was accepted for so long was good, and its refusal no sign that the next one will be refused too. */
export const ACCEPTED_MS: number = MINUTE_MS;

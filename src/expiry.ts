// When does a token response expire? Pure functions on the response as it came over the wire, for whoever calls `fetch`
// directly. All else in this package that has to do with expiry asks here, so that one rule and one subtraction exist.

import { checked, TokenResponseError } from "./errors.ts";
import type { OAuth2TokenResponse } from "./generated/types.ts";

/** The members of a token response, or of a token info, that tell its expiry; some servers send `null`. */
export interface Expiring {
  readonly created_at?: OAuth2TokenResponse["created_at"] | null;
  readonly expires_in?: OAuth2TokenResponse["expires_in"] | null;
}

/** What the response itself does not say. */
export interface ExpiryOptions {
  /** When the request was sent. Without it `created_at` is the anchor, which is early for a token that the server reuses. */
  readonly requestedAt?: Date | undefined;
  /** Seconds that a token lives if `expires_in` is absent. Without it the expiry is unknown. */
  readonly defaultLifetime?: number | undefined;
}

/** When to look at it. */
export interface MomentOptions {
  /** The moment to look at (default: now). */
  readonly now?: Date | undefined;
}

/** How early to call it expired. */
export interface LeewayOptions extends MomentOptions {
  /** Seconds before the expiry at which the token already counts as expired (default: 0). */
  readonly leeway?: number | undefined;
}

/**
 * Tells when a token response expires: `expires_in` seconds after the request was sent, so never later than the server means.
 *
 * `expires_in` may be a number or a number in a string; a fraction is rounded down. A value not smaller than `created_at` is
 * itself a moment, in epoch seconds. `null` is absent. A server that rounds up what remains of a reused token, as Doorkeeper
 * does, means up to half a second less than it says: that is what leeway is for.
 *
 * @param response the body that the token endpoint answered
 * @param options.requestedAt when the request was sent; without it `created_at` is the anchor
 * @param options.defaultLifetime seconds that the token lives if `expires_in` is absent
 * @returns the moment of the expiry; `undefined` where it is unknown: the token is valid until the server says otherwise
 * @throws {TokenResponseError} when `expires_in` is no number of seconds that a `Date` can hold, or nothing to count it from
 * @throws {TypeError} when an option is no valid `Date` or number
 * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
 * @example
 * const moment = expiresAt({ expires_in: 7200 }, { requestedAt: new Date("2026-01-01T00:00:00Z") }); // 02:00:00Z
 */
export function expiresAt(response: Expiring, options: ExpiryOptions = {}): Date | undefined {
  const { created_at, expires_in } = response;
  const requestedAtMs = options.requestedAt && checked("requestedAt", options.requestedAt);
  const defaultLifetime = checked("defaultLifetime", options.defaultLifetime ?? 0);
  if (expires_in == null && options.defaultLifetime === undefined) return undefined;

  const createdAt = secondsIn(created_at);
  const lifetime = expires_in == null ? defaultLifetime : secondsIn(expires_in);
  // A `created_at` of 0 is no moment, but a server's field that was never set.
  const isMoment = expires_in != null && createdAt > 0 && lifetime >= createdAt;
  const anchorMs = isMoment ? 0 : (requestedAtMs ?? createdAt * 1000);
  if (Number.isNaN(anchorMs) && !Number.isNaN(lifetime)) {
    throw new TokenResponseError("/created_at", "epoch seconds, or `requestedAt`", created_at);
  }
  const expiry = new Date(anchorMs + lifetime * 1000);
  if (Number.isNaN(expiry.getTime())) {
    throw new TokenResponseError("/expires_in", "seconds that a Date can hold", expires_in);
  }
  return expiry;
}

/**
 * Tells how many seconds a token response has remaining.
 *
 * @param response the body that the token endpoint answered
 * @param options as for {@link expiresAt}, and `now`: the moment to look at (default: now)
 * @returns seconds with their fraction, 0 or negative from the expiry on; `undefined` where the expiry is unknown
 * @throws as {@link expiresAt} does
 * @example
 * const remaining = remainingSeconds({ expires_in: 60 }, { requestedAt, now: new Date(requestedAt.getTime() + 1500) }); // 58.5
 */
export function remainingSeconds(response: Expiring, options: ExpiryOptions & MomentOptions = {}): number | undefined {
  const nowMs = checked("now", options.now ?? new Date());
  const expiry = expiresAt(response, options);
  return expiry && (expiry.getTime() - nowMs) / 1000;
}

/**
 * Tells whether a token response has expired.
 *
 * An absent `expires_in` means unknown, and unknown counts as valid: the server decides then.
 *
 * @param response the body that the token endpoint answered
 * @param options as for {@link remainingSeconds}, and `leeway`: seconds before the expiry at which it already counts as expired
 * @returns `true` from the expiry on, less the leeway
 * @throws as {@link expiresAt} does, and `TypeError` for a leeway that is negative or no number
 * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
 * @example
 * const renew = isExpired({ expires_in: 3600 }, { requestedAt, leeway: 10 });
 */
export function isExpired(response: Expiring, options: ExpiryOptions & LeewayOptions = {}): boolean {
  const remaining = remainingSeconds(response, options) ?? Infinity;
  return remaining <= checked("leeway", options.leeway ?? 0);
}

/** Whole seconds, from a number or a number in a string, as some servers send it; all else is `NaN`. */
function secondsIn(value: unknown): number {
  const isNumber = typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
  return isNumber ? Math.floor(Number(value)) : NaN;
}

// When does a token response expire? Pure functions on the response as it came over the wire, for clients that call `fetch`
// themselves. Everything else in this package that has to do with expiry uses them, so that there is one rule.

import { checked, TokenResponseError } from "./errors.ts";

/** The members of a token response, or of a token info, that determine its expiry; some servers send `null`. */
export interface Expiring {
  readonly created_at?: number | string | null | undefined;
  readonly expires_in?: number | string | null | undefined;
}

/** What the response itself does not say. */
export interface ExpiryOptions {
  /** When the request was sent. Without it `created_at` is the anchor, which is early for a token that the server reuses. */
  readonly requestedAt?: Date | undefined;
  /** The lifetime in seconds if `expires_in` is missing. Without it the expiry is unknown. */
  readonly defaultLifetime?: number | undefined;
}

/** When to check it. */
export interface MomentOptions {
  /** The moment to check (default: now). */
  readonly now?: Date | undefined;
}

/** How early it counts as expired. */
export interface LeewayOptions extends MomentOptions {
  /** Seconds before the expiry at which the token already counts as expired (default: 0). */
  readonly leeway?: number | undefined;
}

/**
 * Returns when a token response expires: `expires_in` seconds after the request was sent, so never later than the server means.
 *
 * `expires_in` may be a number or a number in a string; a fraction is rounded down. A value not smaller than `created_at` is
 * itself a moment, in epoch seconds. `null` is missing. A server that rounds up what remains of a reused token, as Doorkeeper
 * does, means up to half a second less than it says: that is what leeway is for.
 *
 * @param response the body that the token endpoint returned
 * @param options.requestedAt when the request was sent; without it `created_at` is the anchor
 * @param options.defaultLifetime the lifetime in seconds if `expires_in` is missing
 * @returns the moment of the expiry; `undefined` if it is unknown: the token is valid until the server says otherwise
 * @throws {TokenResponseError} if `expires_in` is not a number of seconds that a `Date` can hold, or there is nothing to count it from
 * @throws {TypeError} if an option is not a valid `Date` or number
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
 * Returns the remaining lifetime of a token response in seconds.
 *
 * @param response the body that the token endpoint returned
 * @param options as for {@link expiresAt}, and `now`: the moment to check (default: now)
 * @returns seconds with their fraction, 0 or negative from the expiry on; `undefined` if the expiry is unknown
 * @throws as {@link expiresAt} does
 * @example
 * const seconds = remainingSeconds({ expires_in: 60 }, { requestedAt, now: new Date(requestedAt.getTime() + 1500) }); // 58.5
 */
export function remainingSeconds(response: Expiring, options: ExpiryOptions & MomentOptions = {}): number | undefined {
  const nowMs = checked("now", options.now ?? new Date());
  const expiry = expiresAt(response, options);
  return expiry && (expiry.getTime() - nowMs) / 1000;
}

/**
 * Reports whether a token response has expired.
 *
 * If `expires_in` is missing, the expiry is unknown and the token counts as valid: the server will decide.
 *
 * @param response the body that the token endpoint returned
 * @param options as for {@link remainingSeconds}, and `leeway`: seconds before the expiry at which it already counts as expired
 * @returns `true` from the expiry on, less the leeway
 * @throws as {@link expiresAt} does, and `TypeError` for a leeway that is negative or not a number
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

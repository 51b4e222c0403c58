// When does a token response expire? Pure functions on the response as it came over the wire, with no other part of
// this package. The rest of the package uses them too, so there is one rule for expiry.

import { checkNonNegative, TokenResponseError } from "./errors.ts";

/** The members of a token response, or of a token info, that determine its expiry. Some servers send `null`. */
export interface Expiring {
  readonly created_at?: number | string | null | undefined;
  readonly expires_in?: number | string | null | undefined;
}

/** Facts that the response itself does not contain. */
export interface ExpiryOptions {
  /** When the request was sent. Without it, `created_at` is used, which is too early for reused tokens. */
  readonly requestedAt?: Date | undefined;
  /** The lifetime in seconds if `expires_in` is missing (default: unknown). */
  readonly defaultLifetime?: number | undefined;
}

/** For {@link remainingSeconds}. */
export interface MomentOptions {
  /** The moment to check (default: now). */
  readonly now?: Date | undefined;
}

/** For {@link isExpired}. */
export interface LeewayOptions extends MomentOptions {
  /** Seconds before the expiry at which the token already counts as expired (default: 0). */
  readonly leeway?: number | undefined;
}

/**
 * Returns when a token response expires.
 *
 * That is `expires_in` seconds after the request was sent. The server starts to count a little later, so the result is
 * never too late. `expires_in` may be a number or a numeric string, and fractions are rounded down. `null` counts as
 * missing. If the value is not smaller than `created_at`, it is not a duration but a time in epoch seconds.
 *
 * Doorkeeper rounds the remaining lifetime of a reused token up, by half a second at most. Use a leeway for such
 * servers.
 *
 * @param response the body that the token endpoint returned
 * @param options.requestedAt when the request was sent; without it, `created_at` is used
 * @param options.defaultLifetime the lifetime in seconds if `expires_in` is missing
 * @returns the expiry, or `undefined` if it is unknown: the token is then valid until the server rejects it
 * @throws {TokenResponseError} if `expires_in` is not a number of seconds that a `Date` can hold, or if neither
 *   `requestedAt` nor `created_at` is there to count from
 * @throws {TypeError} if an option is not a valid `Date` or number
 * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
 * @example
 * const expiry = expiresAt({ expires_in: 7200 }, { requestedAt: new Date("2026-01-01T00:00:00Z") }); // 02:00:00Z
 */
export function expiresAt(response: Expiring, options: ExpiryOptions = {}): Date | undefined {
  const { created_at, expires_in } = response;
  const requestedAtMs = options.requestedAt && checkNonNegative("requestedAt", options.requestedAt);
  const defaultLifetime = checkNonNegative("defaultLifetime", options.defaultLifetime ?? 0);
  if (expires_in == null && options.defaultLifetime === undefined) return undefined;

  const createdAt = parseSeconds(created_at);
  const lifetime = expires_in == null ? defaultLifetime : parseSeconds(expires_in);
  // A server that never sets `created_at` may send 0.
  const isEpochTime = expires_in != null && createdAt > 0 && lifetime >= createdAt;
  const anchorMs = isEpochTime ? 0 : (requestedAtMs ?? createdAt * 1000);
  if (Number.isNaN(anchorMs) && !Number.isNaN(lifetime)) {
    throw new TokenResponseError("/created_at", "epoch seconds, as `requestedAt` is missing", created_at);
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
 * @returns seconds, with a fraction; 0 or negative once expired; `undefined` if the expiry is unknown
 * @throws as {@link expiresAt} does
 * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
 * @example
 * const seconds = remainingSeconds({ expires_in: 60 }, { requestedAt, now: new Date(requestedAt.getTime() + 1500) }); // 58.5
 */
export function remainingSeconds(response: Expiring, options: ExpiryOptions & MomentOptions = {}): number | undefined {
  const nowMs = checkNonNegative("now", options.now ?? new Date());
  const expiry = expiresAt(response, options);
  return expiry && (expiry.getTime() - nowMs) / 1000;
}

/**
 * Reports whether a token response has expired.
 *
 * If the expiry is unknown, the token counts as valid: the server will decide.
 *
 * @param response the body that the token endpoint returned
 * @param options as for {@link remainingSeconds}, and `leeway`: seconds before the expiry at which the token already
 *   counts as expired (default: 0)
 * @returns `true` from `leeway` seconds before the expiry on
 * @throws as {@link expiresAt} does, and `TypeError` if the leeway is negative or not a number
 * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
 * @example
 * const renew = isExpired({ expires_in: 3600 }, { requestedAt, leeway: 10 });
 */
export function isExpired(response: Expiring, options: ExpiryOptions & LeewayOptions = {}): boolean {
  const remaining = remainingSeconds(response, options) ?? Infinity;
  return remaining <= checkNonNegative("leeway", options.leeway ?? 0);
}

/** Rounds a number or a numeric string down to full seconds. Anything else is `NaN`: `Number([60])` would be 60. */
function parseSeconds(value: unknown): number {
  const isNumber = typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
  return isNumber ? Math.floor(Number(value)) : NaN;
}

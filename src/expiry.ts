// When does a token response expire? Pure functions on the response as it came over the wire, for whoever calls `fetch`
// directly. All else in this package that has to do with expiry asks here, so that one rule and one subtraction exist.

import { TokenResponseError } from "./errors.ts";
import type { OAuth2TokenResponse } from "./generated/schemas.ts";

/** The members of a token response, or of a token info, that tell its expiry. */
export type Expiring = Pick<OAuth2TokenResponse, "created_at" | "expires_in">;

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
 * itself a moment, in epoch seconds. `null` is absent.
 *
 * @param response the body that the token endpoint answered
 * @param options.requestedAt when the request was sent; without it `created_at` is the anchor
 * @param options.defaultLifetime seconds that the token lives if `expires_in` is absent
 * @returns the moment of the expiry; `undefined` where it is unknown: the token is valid until the server says otherwise
 * @throws {TokenResponseError} when `expires_in` is no number of seconds that a `Date` can hold, or there is no anchor
 * @throws {TypeError} when an option is no valid `Date` or number
 * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
 * @example
 * const moment = expiresAt({ expires_in: 7200 }, { requestedAt: new Date("2026-01-01T00:00:00Z") }); // 02:00:00Z
 */
export function expiresAt(response: Expiring, options: ExpiryOptions = {}): Date | undefined {
  const { requestedAt, defaultLifetime } = options;
  const expiresIn = secondsIn(response.expires_in);
  if (expiresIn === undefined && response.expires_in != null) throw malformed(response.expires_in);
  // A `created_at` that is no moment, such as the 0 of a server that never set it, is none.
  const createdAt = Math.max(secondsIn(response.created_at) ?? 0, 0) || undefined;

  const isMoment = expiresIn !== undefined && createdAt !== undefined && expiresIn >= createdAt;
  if (isMoment) return dateOf(expiresIn * 1000, response);

  const lifetime =
    expiresIn ?? (defaultLifetime === undefined ? undefined : checked("defaultLifetime", defaultLifetime));
  if (lifetime === undefined) return undefined;
  const anchor = requestedAt ? timeOf("requestedAt", requestedAt) : createdAt && createdAt * 1000;
  if (anchor === undefined) {
    throw new TokenResponseError("/created_at", "epoch seconds, as no `requestedAt` is given", response.created_at);
  }
  return dateOf(anchor + lifetime * 1000, response);
}

/**
 * Tells how many seconds a token response has left.
 *
 * @param response the body that the token endpoint answered
 * @param options as for {@link expiresAt}, and `now`: the moment to look at (default: now)
 * @returns seconds with their fraction, 0 or negative from the expiry on; `undefined` where the expiry is unknown
 * @throws as {@link expiresAt} does
 * @example
 * const left = expiresIn({ expires_in: 60 }, { requestedAt, now: new Date(requestedAt.getTime() + 1500) }); // 58.5
 */
export function expiresIn(response: Expiring, options: ExpiryOptions & MomentOptions = {}): number | undefined {
  const moment = expiresAt(response, options);
  return moment && (moment.getTime() - timeOf("now", options.now ?? new Date())) / 1000;
}

/**
 * Tells whether a token response has expired.
 *
 * An absent `expires_in` means unknown, and unknown counts as valid: the server decides then.
 *
 * @param response the body that the token endpoint answered
 * @param options as for {@link expiresIn}, and `leeway`: seconds before the expiry at which it already counts as expired
 * @returns `true` from the expiry on, less the leeway
 * @throws as {@link expiresAt} does, and `TypeError` for a leeway that is negative or no number
 * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
 * @example
 * const renew = isExpired({ expires_in: 3600 }, { requestedAt, leeway: 10 });
 */
export function isExpired(response: Expiring, options: ExpiryOptions & LeewayOptions = {}): boolean {
  const leeway = checked("leeway", options.leeway ?? 0);
  const left = expiresIn(response, options);
  return left !== undefined && left <= leeway;
}

/** Whole seconds, from a number or a number in a string; some servers send `"3600"`. */
function secondsIn(value: unknown): number | undefined {
  const isNumber = typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
  const seconds = isNumber ? Math.floor(Number(value)) : Number.NaN;
  return Number.isFinite(seconds) ? seconds : undefined;
}

function dateOf(milliseconds: number, response: Expiring): Date {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) throw malformed(response.expires_in);
  return date;
}

function malformed(expiresIn: unknown): TokenResponseError {
  return new TokenResponseError("/expires_in", "a number of seconds that a Date can hold", expiresIn);
}

function timeOf(option: string, date: Date): number {
  const time = date.getTime();
  if (Number.isNaN(time)) throw new TypeError(`\`${option}\` is an invalid Date.`);
  return time;
}

function checked(option: string, seconds: number): number {
  if (!(seconds >= 0 && seconds < Infinity))
    throw new TypeError(`\`${option}\` must be a number of seconds, 0 or more.`);
  return seconds;
}

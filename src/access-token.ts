// A token response that was checked: it holds a token fit for a header, knows its expiry, and keeps its secret.

import { TokenResponseError } from "./errors.ts";
import {
  type ExpiryOptions,
  expiresAt,
  isExpired,
  type LeewayOptions,
  type MomentOptions,
  remainingSeconds,
} from "./expiry.ts";
import type { Scope, TokenResponse } from "./generated/endpoints.ts";

/** What was requested, and when. */
export interface AccessTokenOptions extends ExpiryOptions {
  /** When the request was sent. */
  readonly requestedAt: Date;
  /** The requested scope; it is the granted one if the response names none (RFC 6749 §5.1). */
  readonly scope?: string | readonly Scope[] | undefined;
}

/**
 * A token response without the credentials that it may hold (RFC 6749 §5.1; OpenID Connect Core 1.0 §3.1.3.3). Members that the
 * described provider always sends may be missing in that of another.
 */
export type PublicTokenResponse = Partial<Omit<TokenResponse, "access_token" | "refresh_token" | "id_token">>;

/**
 * A token response, however a library types it, and from whatever server it is: with `null` for what is missing, a number in a
 * string, members of its own.
 */
export interface AnyTokenResponse {
  readonly access_token?: string | null | undefined;
  readonly token_type?: string | null | undefined;
  readonly expires_in?: number | string | null | undefined;
  readonly created_at?: number | string | null | undefined;
  readonly scope?: string | null | undefined;
}

/** Visible ASCII (RFC 6749 appendix A.12): more than RFC 6750 allows, as many servers send more. */
const TOKEN = /^[!-~]+$/;
/** What servers mean by Bearer; the longer ones are eBay's. */
const BEARER = /^(bearer([-_ ]?token)?|(application|user) access token)$/i;

/**
 * A bearer token and what is known of it.
 *
 * Logged, inspected, serialised or put into a string it shows type, scope and expiry. Only `value` and `authorization`
 * return the secret.
 *
 * @example
 * const token = AccessToken.from(await response.json(), { requestedAt });
 * await fetch(url, { headers: { Authorization: token.authorization } });
 */
export class AccessToken {
  readonly type = "Bearer";
  /** The scopes granted, which may be fewer than were requested. */
  readonly scope: readonly Scope[];
  /** When the token expires; `undefined` if that is unknown, and then the server decides. */
  readonly expiresAt: Date | undefined;
  // Private: everything else is shown by what prints a token.
  readonly #response: AnyTokenResponse;
  readonly #options: ExpiryOptions;

  /**
   * Checks a token response and creates an access token from it.
   *
   * @param response the body that the token endpoint returned
   * @param options.requestedAt when the request was sent
   * @param options.scope the requested scope
   * @param options.defaultLifetime the lifetime in seconds if the response does not tell it
   * @throws {TokenResponseError} if it has no token that fits into a header, another type than Bearer, or a malformed expiry
   * @throws {TypeError} if an option is not a valid `Date` or number
   * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
   * @example
   * const token = AccessToken.from({ access_token: "abc", expires_in: 7200 }, { requestedAt: new Date() });
   */
  static from(response: AnyTokenResponse, options: AccessTokenOptions): AccessToken {
    // What is not an object has no members either.
    const { access_token, token_type, scope } = response ?? {};
    if (typeof access_token !== "string" || !TOKEN.test(access_token)) {
      throw new TokenResponseError(
        "/access_token",
        "a token of visible ASCII characters (RFC 6749, appendix A.12)",
        access_token,
      );
    }
    if (token_type != null && (typeof token_type !== "string" || !BEARER.test(token_type))) {
      throw new TokenResponseError("/token_type", "Bearer", token_type);
    }
    if (scope != null && typeof scope !== "string") {
      throw new TokenResponseError("/scope", "scopes separated by space", scope);
    }
    return new AccessToken(response, options);
  }

  private constructor(response: AnyTokenResponse, options: AccessTokenOptions) {
    const scope = [response.scope ?? options.scope ?? []].flat().join(" ");
    this.scope = Object.freeze(scope.split(" ").filter(Boolean));
    this.expiresAt = expiresAt(response, options);
    // Copies, as the caller may change the originals; the other options belong to a single call.
    this.#response = { ...response };
    this.#options = { requestedAt: new Date(options.requestedAt), defaultLifetime: options.defaultLifetime };
    Object.freeze(this);
  }

  /** The secret itself. */
  get value(): string {
    return this.#response.access_token as string;
  }

  /** The value of an `Authorization` header (RFC 6750 §2.1). */
  get authorization(): string {
    return `Bearer ${this.value}`;
  }

  /** The response as it came, unknown members included, but for the credentials in it. */
  get response(): PublicTokenResponse {
    const { access_token, refresh_token, id_token, ...response } = this.#response as Record<string, unknown>;
    return response;
  }

  /**
   * Returns the remaining lifetime in seconds.
   *
   * @param options.now the moment to check (default: now)
   * @returns seconds with their fraction, 0 or negative from the expiry on; `undefined` if the expiry is unknown
   * @throws {TypeError} if `now` is an invalid `Date`
   * @example
   * console.log(`${token.remainingSeconds()} s remaining`);
   */
  remainingSeconds(options?: MomentOptions): number | undefined {
    return remainingSeconds(this.#response, { ...options, ...this.#options });
  }

  /**
   * Reports whether the token has expired; if the expiry is unknown, it has not.
   *
   * @param options.leeway seconds before the expiry at which it already counts as expired (default: 0)
   * @param options.now the moment to check (default: now)
   * @throws {TypeError} if `now` is an invalid `Date`, or `leeway` is negative or not a number
   * @example
   * if (token.isExpired({ leeway: 10 })) token = await requestToken(options);
   */
  isExpired(options?: LeewayOptions): boolean {
    return isExpired(this.#response, { ...options, ...this.#options });
  }

  /** Type, scope and expiry, for logs. */
  toString(): string {
    // As JSON, which escapes control characters.
    const scope = JSON.stringify(this.scope.join(" "));
    return `Bearer token, scope ${scope}, expires ${this.expiresAt?.toISOString() ?? "at an unknown moment"}`;
  }
}

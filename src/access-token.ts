// The access token: a token response that was checked, and that does not show its secret when it is logged. The rule
// for its expiry is in `expiry.ts`.

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

/** For {@link AccessToken.from}. */
export interface AccessTokenOptions extends ExpiryOptions {
  /** When the request was sent. */
  readonly requestedAt: Date;
  /** The requested scope. It counts as granted if the response has no `scope` (RFC 6749 §5.1). */
  readonly scope?: string | readonly Scope[] | undefined;
}

/**
 * A token response without its credentials (RFC 6749 §5.1; OpenID Connect Core 1.0 §3.1.3.3).
 *
 * All members are optional, because other providers may not send what the described one always sends.
 */
export type PublicTokenResponse = Partial<Omit<TokenResponse, "access_token" | "refresh_token" | "id_token">>;

/**
 * The token response of any server, as any library types it.
 *
 * Members may be `null`, numbers may be strings, and there may be further members.
 */
export interface AnyTokenResponse {
  readonly access_token?: string | null | undefined;
  readonly token_type?: string | null | undefined;
  readonly expires_in?: number | string | null | undefined;
  readonly created_at?: number | string | null | undefined;
  readonly scope?: string | null | undefined;
}

/** Visible ASCII (RFC 6749 appendix A.12). RFC 6750 allows less, but Salesforce sends `!`, and eBay `^` and `#`. */
const TOKEN_PATTERN = /^[!-~]+$/;
/** The token types that mean Bearer. The longer ones are eBay's. */
const BEARER_PATTERN = /^(bearer([-_ ]?token)?|(application|user) access token)$/i;

/**
 * A bearer token with its scope and expiry.
 *
 * When it is logged, inspected, serialised or converted to a string, it shows only type, scope and expiry. Only `value`
 * and `authorization` return the secret.
 *
 * @example
 * const token = AccessToken.from(await response.json(), { requestedAt });
 * await fetch(url, { headers: { Authorization: token.authorization } });
 */
export class AccessToken {
  readonly type = "Bearer";
  /** The granted scopes, which may be fewer than requested. */
  readonly scope: readonly Scope[];
  /** When the token expires. `undefined` if that is unknown: the token is then valid until the server rejects it. */
  readonly expiresAt: Date | undefined;
  // Private fields, because loggers and `JSON.stringify` show all others.
  readonly #response: AnyTokenResponse;
  readonly #options: ExpiryOptions;

  /**
   * Checks a token response and creates an access token from it.
   *
   * @param response the body that the token endpoint returned
   * @param options.requestedAt when the request was sent
   * @param options.scope the requested scope
   * @param options.defaultLifetime the lifetime in seconds if the response has no `expires_in`
   * @returns the token, which never changes
   * @throws {TokenResponseError} if the token is missing or does not fit into a header, if its type is not Bearer, or
   *   if the scope or the expiry is malformed
   * @throws {TypeError} if an option is not a valid `Date` or number
   * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
   * @example
   * const token = AccessToken.from({ access_token: "abc", expires_in: 7200 }, { requestedAt: new Date() });
   */
  static from(response: AnyTokenResponse, options: AccessTokenOptions): AccessToken {
    const { access_token, token_type, scope } = response ?? {};
    if (typeof access_token !== "string" || !TOKEN_PATTERN.test(access_token)) {
      throw new TokenResponseError(
        "/access_token",
        "a token of visible ASCII characters (RFC 6749, appendix A.12)",
        access_token,
      );
    }
    if (token_type != null && (typeof token_type !== "string" || !BEARER_PATTERN.test(token_type))) {
      throw new TokenResponseError("/token_type", "Bearer", token_type);
    }
    if (scope != null && typeof scope !== "string") {
      throw new TokenResponseError("/scope", "scopes separated by spaces", scope);
    }
    return new AccessToken(response, options);
  }

  private constructor(response: AnyTokenResponse, options: AccessTokenOptions) {
    const scope = [response.scope ?? options.scope ?? []].flat().join(" ");
    this.scope = Object.freeze(scope.split(" ").filter(Boolean));
    this.expiresAt = expiresAt(response, options);
    // Copies, because the caller may change the originals.
    this.#response = { ...response };
    this.#options = { requestedAt: new Date(options.requestedAt), defaultLifetime: options.defaultLifetime };
    Object.freeze(this);
  }

  /** The token itself, which is a secret. */
  get value(): string {
    return this.#response.access_token as string;
  }

  /** The value of an `Authorization` header (RFC 6750 §2.1). */
  get authorization(): string {
    return `Bearer ${this.value}`;
  }

  /** The response as it came, unknown members included, without its credentials. */
  get response(): PublicTokenResponse {
    const { access_token, refresh_token, id_token, ...response } = this.#response as Record<string, unknown>;
    return response;
  }

  /**
   * Returns the remaining lifetime in seconds.
   *
   * @param options.now the moment to check (default: now)
   * @returns seconds, with a fraction; 0 or negative once expired; `undefined` if the expiry is unknown
   * @throws {TypeError} if `now` is an invalid `Date`
   * @example
   * console.log(`${token.remainingSeconds()} s remaining`);
   */
  remainingSeconds(options?: MomentOptions): number | undefined {
    return remainingSeconds(this.#response, { ...options, ...this.#options });
  }

  /**
   * Reports whether the token has expired. If the expiry is unknown, it has not.
   *
   * @param options.leeway seconds before the expiry at which the token already counts as expired (default: 0)
   * @param options.now the moment to check (default: now)
   * @returns `true` from `leeway` seconds before the expiry on
   * @throws {TypeError} if `now` is an invalid `Date`, or if `leeway` is negative or not a number
   * @example
   * if (token.isExpired({ leeway: 10 })) token = await requestToken(options);
   */
  isExpired(options?: LeewayOptions): boolean {
    return isExpired(this.#response, { ...options, ...this.#options });
  }

  /** Returns type, scope and expiry, for logs. */
  toString(): string {
    // JSON escapes control characters: a server could otherwise forge log lines.
    const scope = JSON.stringify(this.scope.join(" "));
    return `Bearer token, scope ${scope}, expires ${this.expiresAt?.toISOString() ?? "at an unknown moment"}`;
  }
}

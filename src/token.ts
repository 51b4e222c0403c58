// A token response that was checked: it holds a token fit for a header, knows its expiry, and keeps its secret.

import { TokenResponseError } from "./errors.ts";
import {
  type ExpiryOptions,
  expiresAt,
  expiresIn,
  isExpired,
  type LeewayOptions,
  type MomentOptions,
} from "./expiry.ts";
import type { OAuth2Scope, OAuth2TokenResponse } from "./generated/schemas.ts";

/** What was asked for, and when. */
export interface AccessTokenOptions extends ExpiryOptions {
  /** When the request was sent. */
  readonly requestedAt: Date;
  /** The scope that was asked for; it is the granted one where the response names none (RFC 6749 §5.1). */
  readonly scope?: string | readonly OAuth2Scope[] | undefined;
}

/** RFC 6750 §2.1: what an `Authorization` header can hold. */
const B64_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** Members that are credentials too (RFC 6749 §5.1; OpenID Connect Core 1.0 §3.1.3.3). */
const OTHER_SECRETS = ["refresh_token", "id_token"];

/**
 * A bearer token and what is known of it.
 *
 * Logged, inspected, serialised or put into a string it shows type, scope and expiry. The secret is given only by `value` and
 * `authorization`.
 *
 * @example
 * const token = AccessToken.from(await answer.json(), { requestedAt });
 * await fetch(url, { headers: { Authorization: token.authorization } });
 */
export class AccessToken {
  readonly type = "Bearer";
  /** The scopes granted, which may be fewer than were asked for. */
  readonly scope: readonly OAuth2Scope[];
  /** When the token expires; `undefined` where that is unknown, and then the server decides. */
  readonly expiresAt: Date | undefined;
  readonly #response: OAuth2TokenResponse;
  readonly #value: string;
  readonly #options: ExpiryOptions;

  private constructor(value: string, response: OAuth2TokenResponse, scope: string[], options: ExpiryOptions) {
    this.scope = Object.freeze(scope);
    this.expiresAt = expiresAt(response, options);
    this.#value = value;
    this.#response = response;
    this.#options = options;
    Object.freeze(this);
  }

  /**
   * Checks a token response and makes an access token of it.
   *
   * @param response the body that the token endpoint answered
   * @param options.requestedAt when the request was sent
   * @param options.scope the scope that was asked for
   * @param options.defaultLifetime seconds that the token lives if the response does not say
   * @throws {TokenResponseError} when it holds no token that a header can hold, another type than Bearer, or a malformed expiry
   * @throws {TypeError} when an option is no valid `Date` or number
   * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
   * @example
   * const token = AccessToken.from({ access_token: "abc", expires_in: 7200 }, { requestedAt: new Date() });
   */
  static from(response: OAuth2TokenResponse, options: AccessTokenOptions): AccessToken {
    if (typeof response !== "object" || response === null || Array.isArray(response)) {
      throw new TokenResponseError("", "a JSON object", response);
    }
    const { access_token: value, token_type: type, scope } = response;
    if (typeof value !== "string" || !B64_TOKEN.test(value)) {
      throw new TokenResponseError("/access_token", "a token of the characters that RFC 6750 §2.1 allows", value);
    }
    if (type != null && String(type).toLowerCase() !== "bearer") {
      throw new TokenResponseError("/token_type", "Bearer", type);
    }
    if (scope != null && typeof scope !== "string") {
      throw new TokenResponseError("/scope", "scopes separated by space", scope);
    }
    const { requestedAt, defaultLifetime } = options;
    return new AccessToken(value, withoutSecrets(response), scopesIn(scope ?? options.scope), {
      requestedAt,
      defaultLifetime,
    });
  }

  /** The secret itself. */
  get value(): string {
    return this.#value;
  }

  /** The value of an `Authorization` header (RFC 6750 §2.1). */
  get authorization(): string {
    return `Bearer ${this.#value}`;
  }

  /**
   * The response as it came, unknown members included, without `access_token`.
   *
   * Other credentials in it, such as a `refresh_token`, are given by name and shown by nothing.
   */
  get response(): Omit<OAuth2TokenResponse, "access_token"> {
    return this.#response;
  }

  /**
   * Tells how many seconds are left.
   *
   * @param options.now the moment to look at (default: now)
   * @returns seconds with their fraction, 0 or negative from the expiry on; `undefined` where the expiry is unknown
   * @throws {TypeError} when `now` is an invalid `Date`
   * @example
   * console.log(`${token.expiresIn()} s left`);
   */
  expiresIn(options?: MomentOptions): number | undefined {
    return expiresIn(this.#response, { ...options, ...this.#options });
  }

  /**
   * Tells whether the token has expired; where the expiry is unknown it has not.
   *
   * @param options.leeway seconds before the expiry at which it already counts as expired (default: 0)
   * @param options.now the moment to look at (default: now)
   * @throws {TypeError} when `now` is an invalid `Date`, or `leeway` negative or no number
   * @example
   * if (token.isExpired({ leeway: 10 })) token = await requestToken(options);
   */
  isExpired(options?: LeewayOptions): boolean {
    return isExpired(this.#response, { ...options, ...this.#options });
  }

  /** Type, scope and expiry, for logs. */
  toString(): string {
    const scope = this.scope.length > 0 ? `scope "${this.scope.join(" ")}"` : "no scope";
    return `Bearer token, ${scope}, ${this.expiresAt ? `expires ${this.expiresAt.toISOString()}` : "expiry unknown"}`;
  }
}

function scopesIn(scope: string | readonly string[] | undefined): string[] {
  return [scope ?? []].flat().join(" ").split(" ").filter(Boolean);
}

function withoutSecrets({ access_token: _, ...response }: OAuth2TokenResponse): OAuth2TokenResponse {
  for (const name of OTHER_SECRETS.filter((name) => name in response)) {
    const value = response[name as keyof typeof response];
    // An accessor, as even an inspection of hidden members does not call it.
    Object.defineProperty(response, name, { get: () => value, enumerable: false });
  }
  return Object.freeze(response);
}

// Token requests, and the other calls to an authorization server: one request each, no retry.

import { AccessToken } from "../access-token.ts";
import { checkNonNegative, TokenResponseError } from "../errors.ts";
import {
  type IntrospectionResponse,
  introspectionEndpoint,
  revocationEndpoint,
  type Scope,
  type TokenInfo,
  tokenEndpoint,
  tokenInfoEndpoint,
} from "../generated/endpoints.ts";
import {
  type Authorisation,
  type ClientCredentials,
  type EndpointRequest,
  endpointAt,
  endpointRequest,
  type Fields,
  type ProviderOptions,
  type SendOptions,
  send,
} from "./endpoint.ts";

/** Which token is requested, and by whom. */
export interface GrantOptions extends ClientCredentials {
  /**
   * Fields that are added to the request or take the place of one: `audience`, `resource` (several values are sent as several
   * fields), or `grant_type` with what that grant needs.
   */
  readonly params?: Fields | undefined;
}

/** A token of the described provider. */
export interface ProviderGrantOptions extends GrantOptions, ProviderOptions {
  readonly tokenUrl?: undefined;
  /** Scopes separated by space, or a list of them. */
  readonly scope: string | readonly Scope[];
}

/** A token of any authorization server. */
export interface UrlGrantOptions extends GrantOptions {
  readonly baseUrl?: undefined;
  /** The URL of the token endpoint, such as `https://login.example.com/oauth/token`; plain http only on loopback. */
  readonly tokenUrl: string;
  /** Scopes separated by space, or a list of them. */
  readonly scope?: string | readonly string[] | undefined;
}

/** For {@link requestToken}. */
export type TokenRequestOptions = SendOptions &
  (ProviderGrantOptions | UrlGrantOptions) & {
    /** Lifetime of a token whose response has no `expires_in` (default: unknown). */
    readonly defaultLifetimeMs?: number | undefined;
  };

/** For {@link getTokenInfo}. */
export interface TokenInfoOptions extends SendOptions, ProviderOptions {
  readonly accessToken: AccessToken;
}

interface Introspection extends SendOptions {
  /** The token in question. */
  readonly token: string;
}

/** For {@link introspectToken}, of the described provider. */
export interface IntrospectOptions extends Introspection, ProviderOptions {
  readonly introspectionUrl?: undefined;
  /** Authorises the call; the provider rejects the token in question itself. */
  readonly accessToken: AccessToken;
}

/** For {@link introspectToken}, of any authorization server: what authorises the call is a client, or a token. */
export type UrlIntrospectOptions = Introspection &
  Authorisation & {
    readonly baseUrl?: undefined;
    /** The URL of the introspection endpoint. */
    readonly introspectionUrl: string;
  };

/** What an introspection endpoint returns (RFC 7662 §2.2). */
export interface TokenIntrospection {
  readonly active: boolean;
  readonly scope?: string;
  readonly client_id?: string;
  readonly exp?: number;
  readonly iat?: number;
  readonly [member: string]: unknown;
}

/** For {@link revokeToken}. */
export type RevokeOptions = SendOptions &
  ClientCredentials & {
    /** The token to revoke. */
    readonly token: string;
  } & (
    | (ProviderOptions & { readonly revocationUrl?: undefined })
    | {
        readonly baseUrl?: undefined;
        /** The URL of the revocation endpoint. */
        readonly revocationUrl: string;
      }
  );

const TIMEOUT_MS = 10_000;

/**
 * Requests an access token from the token endpoint, by the client credentials grant unless `params` names another.
 *
 * It sends one request: it neither retries nor caches the token.
 *
 * @param options where the endpoint is, the client, and the scopes
 * @returns the token, whose scopes may be fewer than were requested
 * @throws {TokenRequestError} if the endpoint sends an error, cannot be reached, or has not responded in full within the time
 * @throws {TokenResponseError} if it succeeds with something that is not a token response
 * @throws {TypeError} if an option is missing, or the secret would be sent in clear
 * @throws the signal's reason, when it is aborted
 * @see [RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
 * @example
 * const token = await requestToken({ tokenUrl: "https://login.example.com/token", clientId, clientSecret });
 */
export async function requestToken(options: TokenRequestOptions): Promise<AccessToken> {
  const { request, scope } = tokenRequest(options);
  const { defaultLifetimeMs } = options;
  const defaultLifetime = defaultLifetimeMs && checkNonNegative("defaultLifetimeMs", defaultLifetimeMs) / 1000;
  const requestedAt = new Date();
  return AccessToken.from(await sendInTime(request, options), { requestedAt, scope, defaultLifetime });
}

/** Public to any reader: a server's message about one of them must stay readable. */
const PUBLIC_FIELDS = ["audience", "grant_type", "requested_token_type", "resource", "scope", "subject_token_type"];
/** Shorter values are no secrets, and are in every text. */
const MIN_SECRET_LENGTH = 3;

/** Writes a token request, which can be sent more than once. */
export function tokenRequest(options: ProviderGrantOptions | UrlGrantOptions): TokenRequest {
  const { tokenUrl, clientId, clientSecret, params = {} } = options;
  // `Object.entries` would find nothing in it.
  if (Symbol.iterator in params) throw new TypeError('`params` must be a plain object: { audience: "..." }');
  const asked = [options.scope ?? []].flat().join(" ");
  const { endpoint, url } = endpointAt(tokenEndpoint, options, "tokenUrl", tokenUrl);
  const standard = { grant_type: "client_credentials", ...endpoint.fields, ...(asked && { scope: asked }) };
  const fields: Fields = { ...standard, ...params };
  const secrets = listed(params).flatMap(([name, values]) => (PUBLIC_FIELDS.includes(name) ? [] : values));
  const hidden = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  const request = endpointRequest(url, endpoint, fields, options, hidden);
  // The scope is compared apart, in any order.
  const { scope = [], ...others } = fields;
  return {
    request,
    scope: [scope].flat().join(" "),
    clientSecret,
    identity: [url, clientId, JSON.stringify(listed(others))],
  };
}

/** The fields that are sent, in one order. */
function listed(fields: Fields): [name: string, values: string[]][] {
  return Object.entries(fields)
    .map(([name, values]): [string, string[]] => [name, [values ?? []].flat().map(String)])
    .filter(([, values]) => values.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A request for one token, and what is known of it. */
export interface TokenRequest {
  readonly request: EndpointRequest;
  readonly scope: string;
  readonly clientSecret: string;
  /** What tells its tokens from others of the same secret, besides the scope. */
  readonly identity: readonly string[];
}

/**
 * Requests what the server knows about an access token.
 *
 * @param options.accessToken the token in question, which authorises the call too
 * @returns the response as it came; its `expires_in` is the remaining lifetime, or a moment: `expiresAt` takes both
 * @throws as {@link requestToken} does
 * @example
 * const { application } = await getTokenInfo({ baseUrl, accessToken });
 */
export async function getTokenInfo(options: TokenInfoOptions): Promise<TokenInfo> {
  const { endpoint, url } = endpointAt(tokenInfoEndpoint, options);
  return sendInTime(endpointRequest(url, endpoint, endpoint.fields, options, []), options) as Promise<TokenInfo>;
}

/**
 * Requests whether a token is active: authorised by another token, or by the credentials of a client.
 *
 * @param options.token the value of the token in question
 * @returns the response as it came; `active` is `false` for an unknown token
 * @throws as {@link requestToken} does
 * @see [RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)
 * @example
 * const { active } = await introspectToken({ baseUrl, accessToken, token: token.value });
 */
export async function introspectToken(options: IntrospectOptions): Promise<IntrospectionResponse>;
export async function introspectToken(options: UrlIntrospectOptions): Promise<TokenIntrospection>;
export async function introspectToken(options: IntrospectOptions | UrlIntrospectOptions): Promise<object> {
  const { token, introspectionUrl } = options;
  const { endpoint, url } = endpointAt(introspectionEndpoint, options, "introspectionUrl", introspectionUrl);
  return sendInTime(endpointRequest(url, endpoint, { ...endpoint.fields, token }, options, [token]), options);
}

/**
 * Revokes a token. It succeeds for an unknown token too.
 *
 * @param options.token the value of the token to revoke
 * @throws as {@link requestToken} does, but never {@link TokenResponseError}: a success may have any body
 * @see [RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)
 * @example
 * await revokeToken({ baseUrl, clientId, clientSecret, token: token.value });
 */
export async function revokeToken(options: RevokeOptions): Promise<void> {
  const { token, revocationUrl } = options;
  const { endpoint, url } = endpointAt(revocationEndpoint, options, "revocationUrl", revocationUrl);
  try {
    await sendInTime(endpointRequest(url, endpoint, { ...endpoint.fields, token }, options, [token]), options);
  } catch (error) {
    // The status says all (RFC 7009 §2.2). Many servers send no body.
    if (!(error instanceof TokenResponseError)) throw error;
  }
}

function sendInTime(request: EndpointRequest, options: SendOptions): Promise<object> {
  return send(request, { ...options, timeoutMs: options.timeoutMs ?? TIMEOUT_MS });
}

// The calls to an authorization server: request a token, get its info, introspect and revoke it. Each sends one
// request, without retries and without a cache. How a request is built and sent is in `endpoint.ts`.

import { AccessToken } from "../access-token.ts";
import { checkNonNegative, TokenResponseError } from "../errors.ts";
import {
  type IntrospectionResponse,
  introspectionEndpoint,
  revocationEndpoint,
  type TokenInfo,
  tokenEndpoint,
  tokenInfoEndpoint,
} from "../generated/endpoints.ts";
import { type EndpointRequest, endpointAt, endpointRequest, type Fields, type SendOptions, send } from "./endpoint.ts";
import type {
  IntrospectOptions,
  ProviderGrantOptions,
  RevokeOptions,
  TokenInfoOptions,
  TokenIntrospection,
  TokenRequestOptions,
  UrlGrantOptions,
  UrlIntrospectOptions,
} from "./token-request-options.ts";

const TIMEOUT_MS = 10_000;

/**
 * Requests an access token with the client credentials grant, or with the `grant_type` in `params`.
 *
 * It sends one request. It does not retry, and it does not cache the token.
 *
 * @param options the endpoint, the client and the scopes
 * @returns the token, whose scopes may be fewer than requested
 * @throws {TokenRequestError} if the endpoint sends an error response, cannot be reached, or takes longer than
 *   `timeoutMs`
 * @throws {TokenResponseError} if the endpoint succeeds, but its response is not a valid token response
 * @throws {TypeError} if an option is missing or invalid, or if the secret would be sent over plain http
 * @throws the signal's reason, when it is aborted
 * @see [RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
 * @example
 * const token = await requestToken({ tokenUrl: "https://login.example.com/token", clientId, clientSecret });
 */
export async function requestToken(options: TokenRequestOptions): Promise<AccessToken> {
  const { request, scope } = tokenRequest(options);
  const { defaultLifetimeMs } = options;
  const defaultLifetime = checkNonNegative("defaultLifetimeMs", defaultLifetimeMs ?? 0) / 1000 || undefined;
  const requestedAt = new Date();
  return AccessToken.from(await sendWithTimeout(request, options), { requestedAt, scope, defaultLifetime });
}

/** Fields that are not secret, so that a server's message about them stays readable. */
const PUBLIC_FIELDS = ["audience", "grant_type", "requested_token_type", "resource", "scope", "subject_token_type"];
/** A shorter value cannot be a secret, and would be found in every text. */
const MIN_SECRET_LENGTH = 3;

/** Builds a token request, which can be sent more than once. */
export function tokenRequest(options: ProviderGrantOptions | UrlGrantOptions): TokenRequest {
  const { tokenUrl, clientId, clientSecret, params = {} } = options;
  // `Object.entries` would find no fields in a `Map` or a `URLSearchParams`.
  if (Symbol.iterator in params) throw new TypeError('`params` must be a plain object: { audience: "..." }');
  const requestedScope = [options.scope ?? []].flat().join(" ");
  const { endpoint, url } = endpointAt(tokenEndpoint, options, "tokenUrl", tokenUrl);
  const standard = {
    grant_type: "client_credentials",
    ...endpoint.fields,
    ...(requestedScope && { scope: requestedScope }),
  };
  const fields: Fields = { ...standard, ...params };
  const secrets = sortedEntries(params).flatMap(([name, values]) => (PUBLIC_FIELDS.includes(name) ? [] : values));
  const hidden = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  const request = endpointRequest(url, endpoint, fields, options, hidden);
  // The scope is not part of the identity here, because the order of scopes does not matter.
  const { scope = [], ...others } = fields;
  return {
    request,
    scope: [scope].flat().join(" "),
    clientSecret,
    identity: [url, clientId, JSON.stringify(sortedEntries(others))],
  };
}

/** Returns the fields that are sent, sorted by name. */
function sortedEntries(fields: Fields): [name: string, values: string[]][] {
  return Object.entries(fields)
    .map(([name, values]): [string, string[]] => [name, [values ?? []].flat().map(String)])
    .filter(([, values]) => values.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A token request, and the facts about it that a token source needs. */
export interface TokenRequest {
  readonly request: EndpointRequest;
  readonly scope: string;
  readonly clientSecret: string;
  /** Together with the scope, this distinguishes its tokens from others with the same secret. */
  readonly identity: readonly string[];
}

/**
 * Requests information about an access token from the described provider.
 *
 * @param options.accessToken the token, which also authorises the call
 * @returns the response as it came; `expiresAt` reads its `expires_in`, which is the remaining lifetime or a time
 * @throws as {@link requestToken} does
 * @example
 * const { application } = await getTokenInfo({ baseUrl, accessToken });
 */
export async function getTokenInfo(options: TokenInfoOptions): Promise<TokenInfo> {
  const { endpoint, url } = endpointAt(tokenInfoEndpoint, options);
  return sendWithTimeout(endpointRequest(url, endpoint, endpoint.fields, options, []), options) as Promise<TokenInfo>;
}

/**
 * Requests whether a token is active. Another token, or a client, authorises the call.
 *
 * @param options.token the value of the token to introspect
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
  return sendWithTimeout(endpointRequest(url, endpoint, { ...endpoint.fields, token }, options, [token]), options);
}

/**
 * Revokes a token. It also succeeds if the server does not know the token.
 *
 * @param options.token the value of the token to revoke
 * @throws as {@link requestToken} does, but never {@link TokenResponseError}, because the body of a success is ignored
 * @see [RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)
 * @example
 * await revokeToken({ baseUrl, clientId, clientSecret, token: token.value });
 */
export async function revokeToken(options: RevokeOptions): Promise<void> {
  const { token, revocationUrl } = options;
  const { endpoint, url } = endpointAt(revocationEndpoint, options, "revocationUrl", revocationUrl);
  try {
    await sendWithTimeout(endpointRequest(url, endpoint, { ...endpoint.fields, token }, options, [token]), options);
  } catch (error) {
    // Clients ignore the body (RFC 7009 §2.2). Many servers send none.
    if (!(error instanceof TokenResponseError)) throw error;
  }
}

function sendWithTimeout(request: EndpointRequest, options: SendOptions): Promise<object> {
  return send(request, { ...options, timeoutMs: options.timeoutMs ?? TIMEOUT_MS });
}

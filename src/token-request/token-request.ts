// The four calls to the `/oauth2/*` endpoints, one request each, no retry.

import { AccessToken } from "../access-token.ts";
import { TokenResponseError } from "../errors.ts";
import type {
  OAuth2IntrospectResponse,
  OAuth2Scope,
  OAuth2TokenInfo,
  OAuth2TokenResponse,
} from "../generated/types.ts";
import { callEndpoint, type EndpointOptions } from "./endpoint.ts";
import { basicCredentials } from "./redact.ts";
import { checkBaseUrl } from "./secure-url.ts";

/** How a client proves who it is (RFC 6749 §2.3.1). */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** For {@link requestToken}. */
export interface TokenRequestOptions extends EndpointOptions, ClientCredentials {
  /** Scopes separated by space, or a list of them. */
  readonly scope: string | readonly OAuth2Scope[];
}

/** For {@link getTokenInfo}. */
export interface TokenInfoOptions extends EndpointOptions {
  readonly accessToken: AccessToken;
}

/** For {@link introspectToken}. */
export interface IntrospectOptions extends EndpointOptions {
  /** Authorises the call; the provider rejects the token in question itself. */
  readonly accessToken: AccessToken;
  /** The token in question. */
  readonly token: string;
}

/** For {@link revokeToken}. */
export interface RevokeOptions extends EndpointOptions, ClientCredentials {
  /** The token to revoke. */
  readonly token: string;
}

/**
 * Requests an access token from the token endpoint, by the client credentials grant.
 *
 * It sends one request: it neither retries nor caches the token.
 *
 * @param options where the endpoint is, the client, and the scopes
 * @returns the token, whose scopes may be fewer than were requested
 * @throws {TokenRequestError} if the endpoint sends an error, cannot be reached, or has not responded in full after 10 s
 * @throws {TokenResponseError} if it succeeds with something that is not a token response
 * @throws {TypeError} if an option is missing, or `baseUrl` would send the secret in clear
 * @throws the signal's reason, when it is aborted
 * @see [RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
 * @example
 * const token = await requestToken({ baseUrl, clientId, clientSecret, scope: ["enterprise.company"] });
 */
export async function requestToken(options: TokenRequestOptions): Promise<AccessToken> {
  const requestedAt = new Date();
  return AccessToken.from(await requestTokenResponse(options), { requestedAt, scope: options.scope });
}

/** The same, without checking that the response holds a token. */
export async function requestTokenResponse(options: TokenRequestOptions): Promise<OAuth2TokenResponse> {
  const body = { ...credentialsBody(options), scope: [options.scope].flat().join(" ") };
  return callEndpoint("post", "/oauth2/token", body, { ...options, secrets: secretsOf(options) });
}

/** What a token request needs, checked before it is made. */
export function checkTokenRequest(options: TokenRequestOptions): TokenRequestOptions {
  credentialsBody(options);
  const { clientId, clientSecret, scope, fetch } = options;
  return { baseUrl: checkBaseUrl(options.baseUrl), clientId, clientSecret, scope: [scope].flat(), fetch };
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
export async function getTokenInfo(options: TokenInfoOptions): Promise<OAuth2TokenInfo> {
  return callEndpoint("get", "/oauth2/token/info", undefined, { ...options, secrets: [] });
}

/**
 * Requests whether a token is active, using another token.
 *
 * @param options.accessToken authorises the call
 * @param options.token the value of the token in question
 * @returns the response as it came; `active` is `false` for an unknown token
 * @throws as {@link requestToken} does
 * @see [RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)
 * @example
 * const { active } = await introspectToken({ baseUrl, accessToken, token: token.value });
 */
export async function introspectToken(options: IntrospectOptions): Promise<OAuth2IntrospectResponse> {
  const { token } = options;
  return callEndpoint("post", "/oauth2/introspect", { token }, { ...options, secrets: [token] });
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
  const body = { ...credentialsBody(options), token: options.token };
  const secrets = [...secretsOf(options), options.token];
  try {
    await callEndpoint("post", "/oauth2/revoke", body, { ...options, secrets });
  } catch (error) {
    // The status says all (RFC 7009 §2.2). Many servers send no body.
    if (!(error instanceof TokenResponseError)) throw error;
  }
}

function credentialsBody({ clientId, clientSecret }: ClientCredentials) {
  if (!clientId || !clientSecret) throw new TypeError("`clientId` and `clientSecret` must not be empty");
  return { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret } as const;
}

/** What a server may repeat: some proxies turn the credentials into a header. */
function secretsOf({ clientId, clientSecret }: ClientCredentials): string[] {
  return [clientSecret, ...basicCredentials(clientId, clientSecret)];
}

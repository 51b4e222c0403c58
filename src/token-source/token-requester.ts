// How a source comes by its tokens: a request to a token endpoint, or a function of the user's own.

import { AccessToken } from "../access-token.ts";
import { TokenResponseError } from "../errors.ts";
import type { Scope } from "../generated/endpoints.ts";
import { type SendOptions, send } from "../token-request/endpoint.ts";
import { redactor } from "../token-request/redact.ts";
import { isResponse, readJsonObject } from "../token-request/response-body.ts";
import { requestErrorOf } from "../token-request/thrown-error.ts";
import { type ProviderGrantOptions, tokenRequest, type UrlGrantOptions } from "../token-request/token-request.ts";

/** A way to tokens of one's own: another grant, another client. */
export interface TokenFunctionOptions {
  /**
   * Requests a token; returns the `Response` of the token endpoint, the token response in it, or an {@link AccessToken}. From what
   * it throws the reason is read, as openid-client, oauth4webapi, axios, ky, ofetch and got throw it.
   */
  readonly request: (options: { readonly signal: AbortSignal }) => unknown;
  /** The scope that it requests. */
  readonly scope?: string | readonly Scope[] | undefined;
  /** Seals what is in a `store`, which needs it: known to all processes that share the token, random, at least 32 characters. */
  readonly sharedSecret?: string | undefined;
  /** Tells these tokens from others of the same secret in a `store`, which needs it: provider, client and audience. */
  readonly tokenName?: string | undefined;
}

export type TokenRequesterOptions =
  | ((ProviderGrantOptions | UrlGrantOptions) & Pick<SendOptions, "fetch">)
  | TokenFunctionOptions;

/** What a source needs to know of it. */
export interface TokenRequester {
  /** Returns a token response; it is not checked. */
  readonly request: (options: { readonly signal: AbortSignal }) => Promise<unknown>;
  /** Where the token endpoint is, for messages. */
  readonly endpoint: string;
  /** The origin that gets the token unless `origins` says otherwise: that of the described provider. */
  readonly origin: string | undefined;
  /** The URL of the token endpoint, if it is known. */
  readonly url: string | undefined;
  readonly scope: string;
  /** What the processes that may share the token know, and nobody else. */
  readonly secret: string | undefined;
  /** What tells its tokens from others of the same secret; `undefined` if nothing does. */
  readonly identity: readonly string[] | undefined;
}

/** Shorter ones can be guessed, and the names of the keys in a store show whether a guess was right. */
const MIN_SECRET_LENGTH = 32;

/** @throws {TypeError} when an option is invalid */
export function createTokenRequester(options: TokenRequesterOptions): TokenRequester {
  const isFunction = "request" in options && options.request !== undefined;
  const { tokenUrl, baseUrl } = options as Partial<EndpointRequesterOptions>;
  if (isFunction && (tokenUrl ?? baseUrl) !== undefined) {
    throw new TypeError("`request` excludes `tokenUrl` and `baseUrl`: it sends the request itself");
  }
  return isFunction ? functionRequester(options) : endpointRequester(options as EndpointRequesterOptions);
}

type EndpointRequesterOptions = Exclude<TokenRequesterOptions, TokenFunctionOptions>;

function endpointRequester(options: EndpointRequesterOptions): TokenRequester {
  const { request, scope, clientSecret, identity } = tokenRequest(options);
  const { baseUrl, fetch } = options;
  return {
    request: ({ signal }) => send(request, { fetch, signal }),
    endpoint: request.name,
    // Below a `tokenUrl` there is no API as a rule, and a token must not go anywhere by a guess.
    origin: baseUrl === undefined ? undefined : new URL(baseUrl).origin,
    url: request.url,
    scope,
    secret: clientSecret,
    identity: [...identity, ...sorted(scope)],
  };
}

function functionRequester({ request, sharedSecret, tokenName, ...options }: TokenFunctionOptions): TokenRequester {
  const scope = [options.scope ?? []].flat().join(" ");
  if (typeof request !== "function") throw new TypeError("`request` must be a function");
  if (sharedSecret !== undefined && !(String(sharedSecret).length >= MIN_SECRET_LENGTH)) {
    throw new TypeError("`sharedSecret` must have at least 32 characters: `openssl rand -base64 32` makes one");
  }
  return {
    request: ({ signal }) => requestBy(request, signal, redactor([sharedSecret])),
    endpoint: NAME,
    origin: undefined,
    url: undefined,
    scope,
    secret: sharedSecret,
    identity: tokenName ? ["request", tokenName, ...sorted(scope)] : undefined,
  };
}

function sorted(scope: string): string[] {
  return scope.split(" ").filter(Boolean).sort();
}

/** What messages call a function of the user's own. */
const NAME = "`request`";

async function requestBy(
  request: TokenFunctionOptions["request"],
  signal: AbortSignal,
  redact: (text: string) => string,
): Promise<unknown> {
  let found: unknown;
  try {
    found = await request({ signal });
  } catch (thrown) {
    // Of a `requestToken` in it.
    if (thrown instanceof TokenResponseError) throw thrown;
    throw await requestErrorOf(thrown, NAME, redact);
  }
  if (isResponse(found)) return readJsonObject(found.url?.replace(/\?.*/, "") || NAME, found, redact);
  if (found instanceof AccessToken) return responseOf(found);
  // An error response of another client, or its body: nobody looked at the status.
  const { access_token, error, status, statusCode } = Object(found);
  if (!access_token && (error || (status ?? statusCode) >= 300)) throw await requestErrorOf(found, NAME, redact);
  return found;
}

/** The response that a token is from, with what remains of its lifetime. */
function responseOf(token: AccessToken): object {
  const { response, value, scope } = token;
  const granted = scope.join(" ") || undefined;
  return { ...response, access_token: value, scope: granted, expires_in: token.remainingSeconds() };
}

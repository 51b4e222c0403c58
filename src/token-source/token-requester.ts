// Turns the options of a source into the function that requests its tokens: from a token endpoint, or with the user's
// `request` function. Retries and caching are in `token-source.ts`.

import { AccessToken } from "../access-token.ts";
import { TokenResponseError } from "../errors.ts";
import type { Scope } from "../generated/endpoints.ts";
import { type SendOptions, send } from "../token-request/endpoint.ts";
import { redactor } from "../token-request/redact.ts";
import { isResponse, readJsonObject } from "../token-request/response-body.ts";
import { toRequestError } from "../token-request/thrown-error.ts";
import { tokenRequest } from "../token-request/token-request.ts";
import type { ProviderGrantOptions, UrlGrantOptions } from "../token-request/token-request-options.ts";

/** For a source that requests its tokens with your own function: with another grant, or another client library. */
export interface TokenFunctionOptions {
  /**
   * Requests a token. Returns an {@link AccessToken}, the `Response` of the token endpoint, or its parsed body.
   *
   * The errors of openid-client, oauth4webapi, axios, ky, ofetch and got are understood, so that permanent failures are
   * not retried.
   */
  readonly request: (options: { readonly signal: AbortSignal }) => unknown;
  /** The scope that `request` requests. */
  readonly scope?: string | readonly Scope[] | undefined;
  /** Required with a `store`: encrypts the stored values. At least 32 random characters, the same in all processes. */
  readonly sharedSecret?: string | undefined;
  /** Required with a `store`: names provider, client and audience. Sources with the same name share a token. */
  readonly tokenName?: string | undefined;
}

export type TokenRequesterOptions =
  | ((ProviderGrantOptions | UrlGrantOptions) & Pick<SendOptions, "fetch">)
  | TokenFunctionOptions;

/** Requests tokens, and describes them. */
export interface TokenRequester {
  /** Returns a token response, which is not checked yet. */
  readonly request: (options: { readonly signal: AbortSignal }) => Promise<unknown>;
  /** The name of the token endpoint, for messages. */
  readonly endpoint: string;
  /** The origin of the described provider, which gets the token if `origins` is not set. */
  readonly origin: string | undefined;
  /** The URL of the token endpoint, if it is known. */
  readonly url: string | undefined;
  readonly scope: string;
  /** The secret that the processes that share the token have in common. */
  readonly secret: string | undefined;
  /** Distinguishes these tokens from others with the same secret. `undefined` if the user gave no name. */
  readonly identity: readonly string[] | undefined;
}

/** A shorter secret could be guessed: the names of the keys in a store would confirm a correct guess. */
const MIN_SECRET_LENGTH = 32;

/** @throws {TypeError} if an option is invalid */
export function createTokenRequester(options: TokenRequesterOptions): TokenRequester {
  const isFunction = "request" in options && options.request !== undefined;
  const { tokenUrl, baseUrl } = options as Partial<EndpointRequesterOptions>;
  if (isFunction && (tokenUrl ?? baseUrl) !== undefined) {
    throw new TypeError("`request` cannot be combined with `tokenUrl` or `baseUrl`");
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
    // An authorization server at a `tokenUrl` usually has no API, and a token must not be sent to a guessed origin.
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
    throw new TypeError("`sharedSecret` must have at least 32 characters. Create one with `openssl rand -base64 32`");
  }
  return {
    request: ({ signal }) => callFunction(request, signal, redactor([sharedSecret])),
    endpoint: FUNCTION_NAME,
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

/** The name of the user's function in messages. */
const FUNCTION_NAME = "`request`";

async function callFunction(
  request: TokenFunctionOptions["request"],
  signal: AbortSignal,
  redact: (text: string) => string,
): Promise<unknown> {
  let result: unknown;
  try {
    result = await request({ signal });
  } catch (thrown) {
    // The function may have called `requestToken`.
    if (thrown instanceof TokenResponseError) throw thrown;
    throw await toRequestError(thrown, FUNCTION_NAME, redact);
  }
  if (isResponse(result)) return readJsonObject(result.url?.replace(/\?.*/, "") || FUNCTION_NAME, result, redact);
  if (result instanceof AccessToken) return toResponse(result);
  // Some functions return an error response of their client, or its body, without a check of the status.
  const { access_token, error, status, statusCode } = Object(result);
  if (!access_token && (error || (status ?? statusCode) >= 300))
    throw await toRequestError(result, FUNCTION_NAME, redact);
  return result;
}

/** Converts a token to a token response with its remaining lifetime. */
function toResponse(token: AccessToken): object {
  const { response, value, scope } = token;
  const granted = scope.join(" ") || undefined;
  return { ...response, access_token: value, scope: granted, expires_in: token.remainingSeconds() };
}

// How a source comes by its tokens: the client credentials grant, or a function of the caller's own.

import { safeCause, TokenRequestError } from "../errors.ts";
import type { OAuth2Scope, OAuth2TokenResponse } from "../generated/types.ts";
import { endpointUrl } from "../token-request/endpoint.ts";
import { redactor } from "../token-request/redact.ts";
import { checkTokenRequest, requestTokenResponse, type TokenRequestOptions } from "../token-request/token-request.ts";

/** A way to tokens of one's own: another grant, another provider. */
export interface TokenFunctionOptions {
  /** Returns the body that a token endpoint returned. */
  readonly request: (options: { readonly signal: AbortSignal }) => Promise<OAuth2TokenResponse>;
  /** The scope that it asks for. */
  readonly scope?: string | readonly OAuth2Scope[] | undefined;
  /** Seals what is in a `store`, which needs it: known to all processes that share the token, random, at least 32 characters. */
  readonly sharedSecret?: string | undefined;
  /** Tells these tokens from others of the same secret in a `store`, which needs it: provider, client and audience. */
  readonly tokenName?: string | undefined;
}

export type TokenRequesterOptions = Omit<TokenRequestOptions, "signal"> | TokenFunctionOptions;

/** What a source needs to know of it. */
export interface TokenRequester {
  readonly request: TokenFunctionOptions["request"];
  /** Whom it asks, for messages. */
  readonly endpoint: string;
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
  const scope = [options.scope ?? []].flat().join(" ");
  const scopes = scope.split(" ").filter(Boolean).sort();
  if ("request" in options && options.request !== undefined) {
    const { request, sharedSecret, tokenName } = options;
    if (typeof request !== "function") throw new TypeError("`request` must be a function");
    if (sharedSecret !== undefined && !(String(sharedSecret).length >= MIN_SECRET_LENGTH)) {
      throw new TypeError("`sharedSecret` must have at least 32 characters: `openssl rand -base64 32` makes one");
    }
    return {
      request: ({ signal }) => requestBy(request, signal, redactor([sharedSecret])),
      endpoint: "`request`",
      origin: undefined,
      url: undefined,
      scope,
      secret: sharedSecret,
      identity: tokenName ? ["request", tokenName, ...scopes] : undefined,
    };
  }
  const checked = checkTokenRequest(options as TokenRequestOptions);
  const { baseUrl, clientId, clientSecret } = checked;
  return {
    request: ({ signal }) => requestTokenResponse({ ...checked, signal }),
    endpoint: baseUrl,
    origin: new URL(baseUrl).origin,
    url: endpointUrl(baseUrl, "/oauth2/token"),
    scope,
    secret: clientSecret,
    identity: [baseUrl, clientId, ...scopes],
  };
}

/** Calls a function of the user's own. What it throws is its own: the error that callers get has it as its cause. */
async function requestBy(
  request: TokenFunctionOptions["request"],
  signal: AbortSignal,
  redact: (text: string) => string,
): Promise<OAuth2TokenResponse> {
  try {
    return await request({ signal });
  } catch (error) {
    const cause = { cause: safeCause(error, redact) };
    if (!(error instanceof TokenRequestError)) throw new TokenRequestError("`request`", {}, cause);
    // Only these: it may have other members, such as a request with its headers.
    const { status, error: code, errorDescription, retryAfterMs, requestId } = error;
    throw new TokenRequestError("`request`", { status, error: code, errorDescription, retryAfterMs, requestId }, cause);
  }
}

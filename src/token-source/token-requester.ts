// How a source comes by its tokens: the client credentials grant, or a function of the caller's own.

import type { OAuth2Scope, OAuth2TokenResponse } from "../generated/types.ts";
import { checkTokenRequest, requestTokenResponse, type TokenRequestOptions } from "../token-request/token-request.ts";

/** A way to tokens of one's own: another grant, another provider. */
export interface TokenFunctionOptions {
  /** Returns the body that a token endpoint returned. */
  readonly request: (options: { readonly signal: AbortSignal }) => Promise<OAuth2TokenResponse>;
  /** The scope that it asks for. */
  readonly scope?: string | readonly OAuth2Scope[] | undefined;
  /** Names and seals what lies in a `store`, which needs it: a secret of those who share the token, as good as a client secret. */
  readonly sharedSecret?: string | undefined;
}

export type TokenRequesterOptions = Omit<TokenRequestOptions, "signal"> | TokenFunctionOptions;

/** What a source needs to know of it. */
export interface TokenRequester {
  readonly request: TokenFunctionOptions["request"];
  /** Whom it asks, for messages. */
  readonly endpoint: string;
  readonly origin: string | undefined;
  readonly scope: string;
  /** What those who may share the token know, and nobody else. */
  readonly secret: string | undefined;
  /** What tells its tokens from others of the same secret. */
  readonly identity: readonly string[];
}

/** @throws {TypeError} when an option is invalid */
export function createTokenRequester(options: TokenRequesterOptions): TokenRequester {
  const scope = [options.scope ?? []].flat().join(" ");
  const scopes = scope.split(" ").filter(Boolean).sort();
  if ("request" in options) {
    const { request, sharedSecret } = options;
    return {
      // Async, so that what it throws at once is a failure like any other.
      request: async ({ signal }) => request({ signal }),
      endpoint: "`request`",
      origin: undefined,
      scope,
      secret: sharedSecret,
      identity: ["request", "", ...scopes],
    };
  }
  const checked = checkTokenRequest(options);
  const { baseUrl, clientId, clientSecret } = checked;
  return {
    request: ({ signal }) => requestTokenResponse({ ...checked, signal }),
    endpoint: baseUrl,
    origin: new URL(baseUrl).origin,
    scope,
    secret: clientSecret,
    identity: [baseUrl, clientId, ...scopes],
  };
}

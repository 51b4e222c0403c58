// What a token source and the bearer header tell of their work. No event holds a token or a secret.

import type { TokenRequestError, TokenResponseError, TokenTimeoutError } from "../errors.ts";

/** Why there is no token. */
export type TokenError = TokenRequestError | TokenResponseError | TokenTimeoutError;

/**
 * What happened; `type` tells events apart.
 *
 * @example
 * const onEvent = (event: TokenEvent) => {
 *   if (event.type === "failed") console.warn(event.error.message, `next try in ${event.retryInMs} ms`);
 * };
 */
export type TokenEvent =
  /** The token endpoint is asked; `failure` is that of the attempt before. */
  | { readonly type: "requested"; readonly attempt: number; readonly failure: unknown }
  /** A new token is there. */
  | { readonly type: "refreshed"; readonly durationMs: number; readonly expiresAt: Date | undefined }
  /** The store failed, or took too long; each process asks for itself until it is tried again. */
  | { readonly type: "storeFailed"; readonly error: unknown; readonly retryInMs: number }
  /** The server gave the token that was there already; it is not asked again for a while. */
  | { readonly type: "unchanged"; readonly durationMs: number; readonly retryInMs: number }
  /** No token came; until the next try `get()` gives what is left, or rejects at once. */
  | { readonly type: "failed"; readonly durationMs: number; readonly error: TokenError; readonly retryInMs: number }
  /** An API refused a token. It was the one in hand, or an older one. */
  | { readonly type: "invalidated"; readonly isCurrent: boolean }
  /** A request was sent again with another token. */
  | { readonly type: "replayed"; readonly status: number };

// The events that token sources, `bearerFetch` and the middleware emit. No event contains a token or a secret.

import type { TokenError } from "../errors.ts";

/**
 * An event of a token source, `bearerFetch` or the middleware.
 *
 * @example
 * const onEvent = (event: TokenEvent) => {
 *   if (event.type === "failed") console.warn(event.error.message, `next try in ${event.retryInMs} ms`);
 * };
 */
export type TokenEvent =
  /** A token is being requested. `failure` is the error of the previous attempt. */
  | { readonly type: "requested"; readonly attempt: number; readonly failure: unknown }
  /** A refresh returned a new token. */
  | { readonly type: "refreshed"; readonly durationMs: number; readonly expiresAt: Date | undefined }
  /** The store failed or took too long. Until it is tried again, each process requests its own token. */
  | { readonly type: "storeFailed"; readonly error: unknown; readonly retryInMs: number }
  /** The server returned the cached token again. No background refresh starts before `retryInMs` have passed. */
  | { readonly type: "unchanged"; readonly durationMs: number; readonly retryInMs: number }
  /** A refresh failed. Until the next try `get()` returns the cached token while it is valid, and otherwise rejects. */
  | { readonly type: "failed"; readonly durationMs: number; readonly error: TokenError; readonly retryInMs: number }
  /** An API rejected a token: the cached one or an older one. The token may stay in use. */
  | { readonly type: "invalidated"; readonly isCurrent: boolean }
  /** A call was replayed, and the response has this status. */
  | { readonly type: "replayed"; readonly status: number }
  /** A request was sent without a token: its origin is not in `origins`, or it has its own `Authorization`. */
  | { readonly type: "skipped"; readonly reason: "origin" | "authorization"; readonly origin: string };

/** Creates a `skipped` event. `url` is empty if `fetch` would reject it. */
export function skipped(reason: "origin" | "authorization", url: string): TokenEvent {
  return { type: "skipped", reason, origin: url && new URL(url).origin };
}

/** Creates a function that passes events to a listener, if there is one. */
export function emitter(onEvent: ((event: TokenEvent) => void) | undefined): (event: TokenEvent) => void {
  return (event) => {
    if (onEvent) callSafely(onEvent, event);
  };
}

/** Calls a user's callback at once, and ignores its errors: a listener must not make a refresh fail. */
export async function callSafely<T>(callback: (argument: T) => unknown, argument: T): Promise<void> {
  try {
    await callback(argument);
  } catch {}
}

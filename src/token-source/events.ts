// What a token source and the bearer header report. No event holds a token or a secret.

import type { TokenError } from "../errors.ts";

/**
 * What happened; `type` tells events apart.
 *
 * @example
 * const onEvent = (event: TokenEvent) => {
 *   if (event.type === "failed") console.warn(event.error.message, `next try in ${event.retryInMs} ms`);
 * };
 */
export type TokenEvent =
  /** A token is requested; `failure` is that of the attempt before. */
  | { readonly type: "requested"; readonly attempt: number; readonly failure: unknown }
  /** There is a new token. */
  | { readonly type: "refreshed"; readonly durationMs: number; readonly expiresAt: Date | undefined }
  /** The store failed, or took too long; each process requests its own token until the store is tried again. */
  | { readonly type: "storeFailed"; readonly error: unknown; readonly retryInMs: number }
  /** The server returned the cached token; no other is requested for a while. */
  | { readonly type: "unchanged"; readonly durationMs: number; readonly retryInMs: number }
  /** There is no new token; until the next try `get()` returns the cached one while it is valid, and then rejects at once. */
  | { readonly type: "failed"; readonly durationMs: number; readonly error: TokenError; readonly retryInMs: number }
  /** An API rejected a token: the cached one, or an older one. It may stay in use. */
  | { readonly type: "invalidated"; readonly isCurrent: boolean }
  /** A call was replayed, with this outcome. */
  | { readonly type: "replayed"; readonly status: number }
  /** A request got no token: it goes to an origin that is not in `origins`, or has an `Authorization` of its own. */
  | { readonly type: "skipped"; readonly reason: "origin" | "authorization"; readonly origin: string };

/** The event of a request that gets no token; `url` is empty if `fetch` would reject it. */
export function skipped(reason: "origin" | "authorization", url: string): TokenEvent {
  return { type: "skipped", reason, origin: url && new URL(url).origin };
}

/** Makes a function that passes events to a listener. */
export function emitter(onEvent: ((event: TokenEvent) => void) | undefined): (event: TokenEvent) => void {
  return (event) => {
    if (onEvent) callSafely(onEvent, event);
  };
}

/** Calls what the user wrote at once, and ignores what it throws or rejects with: it must not be able to stop the work. */
export async function callSafely<T>(callback: (argument: T) => unknown, argument: T): Promise<void> {
  try {
    await callback(argument);
  } catch {}
}

// Handles a 401, for `bearerFetch` and the middleware: replays the call with another token, and records what the
// outcome shows. How a source replaces a token is in `token-source.ts`.
//
// A 401 may be wrong: it concerns one token at one endpoint. The call is replayed with
//  1. the token that `get()` returns, if the rejected one has expired or was replaced;
//  2. otherwise the predecessor of the cached token, because some replicas of an API may not know the new token yet;
//  3. if there is no predecessor, or if it is rejected too, the token of a forced refresh.
// An endpoint that rejects the token of a forced refresh is blamed. For some time its 401s are returned to the caller
// unchanged.

import type { AccessToken } from "../access-token.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { readUpTo } from "../token-request/response-body.ts";
import type { TokenEvent } from "../token-source/events.ts";
import type { Replacement } from "../token-source/token-source.ts";
import { bodyForReplay, type ReplayBody, replayInit, type SavedBody } from "./body.ts";
import { type AnyTokenSource, type Recovery, recoveryOf } from "./recovery.ts";

/** A call that was answered 401. */
export interface RejectedCall {
  readonly source: AnyTokenSource;
  /** The token that was sent with the call. */
  readonly token: AccessToken;
  /** The method and the URL without its query. */
  readonly endpoint: string;
  readonly response: Response;
  readonly signal: AbortSignal | undefined;
  readonly emit: (event: TokenEvent) => void;
  /** Reports whether a URL may get the token. */
  readonly isAllowed: (url: string) => boolean;
  /** The headers of the call. */
  readonly headers: Headers;
  readonly savedBody: SavedBody;
  /** Sends the call again, with these headers and this body. Throws synchronously if the request cannot be built. */
  readonly resend: (token: AccessToken, init: RequestInit) => Promise<Response>;
}

/** A discarded response is read up to this size, to reuse its connection. For longer ones a new one is cheaper. */
const MAX_DRAIN_BYTES = 2 ** 16;
const MAX_DRAIN_MS = 1000;
/** Statuses that do not show whether the token was accepted. The same is true from 500 on. */
const INCONCLUSIVE_STATUSES = [401, 407, 408, 421, 425, 429];

/**
 * Handles a call that was answered 401.
 *
 * @returns the response of the last replay, or the 401 itself if the call was not replayed
 * @throws what `fetch` throws for a replay, or the signal's reason when it is aborted
 */
export async function handleUnauthorized(call: RejectedCall): Promise<Response> {
  const { response, isAllowed, savedBody } = call;
  if (!isRejection(response, isAllowed)) return response;
  const body = await bodyForReplay(savedBody);
  if (body !== undefined) return replay(call, body);
  // The call cannot be replayed, but later calls need another token. This one does not wait for it.
  replay({ ...call, signal: undefined }, body).catch(() => {});
  return response;
}

/**
 * Replays a call with one token after the other, until its response is not a 401.
 *
 * If the body cannot be sent again, the token is only replaced. An endpoint that rejects every token is blamed.
 */
async function replay(call: RejectedCall, body: ReplayBody): Promise<Response> {
  const { token, endpoint, isAllowed, headers, resend, emit } = call;
  const recovery = recoveryOf(call.source);
  const { evidence } = recovery;
  let { response } = call;
  const isCurrent = recovery.reject(token);
  // A newer token is cached already.
  if (!isCurrent && body === undefined) return response;
  for await (const { token: next, forced } of replacements(recovery, isCurrent, call)) {
    if (body !== undefined) {
      let resent: Promise<Response>;
      try {
        resent = resend(next, replayInit(headers, next.authorization, body));
      } catch {
        return response;
      }
      drain(response);
      response = await resent;
      emit({ type: "replayed", status: response.status });
      if (forced && isAcceptance(response)) evidence.clear(endpoint, forced, next.value !== token.value);
      if (!isRejection(response, isAllowed)) return response;
    }
    if (forced) evidence.blame(endpoint, forced);
  }
  return response;
}

/** Reads a response that is not returned. The caller does not wait for it, because the body may never end. */
function drain({ body }: Response): void {
  const read = (signal: AbortSignal) => readUpTo(MAX_DRAIN_BYTES, body, signal);
  withTimeout(read, { timeoutMs: MAX_DRAIN_MS, clock: systemClock }).catch(() => {});
}

/** Yields the tokens to replay a call with. The next one is requested only if the previous one was rejected. */
async function* replacements(
  recovery: Recovery,
  isCurrent: boolean,
  { token, endpoint, signal }: RejectedCall,
): AsyncGenerator<Replacement> {
  if (!isCurrent) {
    // The token expired or was replaced during the call, so the 401 proves nothing about the endpoint.
    const next = await recovery.get({ signal }).catch(() => signal?.throwIfAborted());
    if (next && next.value !== token.value) yield { token: next };
    return;
  }
  if (recovery.evidence.isBlamed(endpoint)) return;
  const predecessor = recovery.predecessor();
  if (predecessor) yield { token: predecessor };
  const replacement = await recovery.replace(token, { signal }).catch(() => signal?.throwIfAborted());
  if (replacement) yield replacement;
}

/**
 * Reports whether a response means that the token was rejected.
 *
 * It does if it is a 401, unless a Bearer challenge names an error other than `invalid_token` (RFC 6750 §3.1). After a
 * redirect the challenge must name `invalid_token`, because `fetch` may have dropped the header.
 */
function isRejection({ status, redirected, url, headers }: Response, isAllowed: (url: string) => boolean): boolean {
  if (status !== 401) return false;
  // A user's `fetch`, such as a mock, may return an incomplete `Response`.
  const error = bearerErrorIn(headers?.get?.("WWW-Authenticate") ?? "");
  return redirected ? isAllowed(url) && error === "invalid_token" : (error ?? "invalid_token") === "invalid_token";
}

/** Reports whether a response shows that the token was accepted. */
function isAcceptance({ status, redirected, type }: Response): boolean {
  return (
    status >= 200 &&
    status < 500 &&
    !INCONCLUSIVE_STATUSES.includes(status) &&
    !redirected &&
    !type?.startsWith("opaque")
  );
}

/** Returns the `error` of a Bearer challenge (RFC 6750 §3). */
function bearerErrorIn(challenges: string): string | undefined {
  // A word without a value is a scheme, and one with a value is a parameter (RFC 9110 §11.6.1). Quoted values may
  // contain commas.
  const parts = challenges.matchAll(/([\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?/g);
  let scheme: string | undefined;
  for (const [, name = "", quoted, value = quoted] of parts) {
    if (value === undefined) scheme = name.toLowerCase();
    else if (scheme === "bearer" && name.toLowerCase() === "error") return value;
  }
  return undefined;
}

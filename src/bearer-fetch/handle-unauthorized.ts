// What becomes of a 401: which tokens the call is replayed with, and what the outcome teaches. `fetch` and middleware share it.
//
// A 401 is a claim about one token at one endpoint, and it can be wrong. So a call is replayed with
//  1. the token that `get()` returns, if the rejected one was replaced or has expired;
//  2. else the predecessor of the cached token: replicas of an API may not know of the newer one yet;
//  3. else, or if the predecessor is rejected too, what a forced refresh brings.
// An endpoint that rejects what a forced refresh brought is blamed, and its 401s are returned as they are for a while.

import type { AccessToken } from "../access-token.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { readUpTo } from "../token-request/response-body.ts";
import type { TokenEvent } from "../token-source/events.ts";
import type { Replacement } from "../token-source/token-source.ts";
import { type KeptBody, type ReplayBody, replayable, replayInit } from "./body.ts";
import { type AnyTokenSource, type Rejections, rejectionsOf } from "./rejections.ts";

/** A call that was answered 401. */
export interface RejectedCall {
  readonly source: AnyTokenSource;
  /** The token that the call carried. */
  readonly token: AccessToken;
  /** The method, and the URL without its query. */
  readonly endpoint: string;
  readonly response: Response;
  readonly signal: AbortSignal | undefined;
  readonly emit: (event: TokenEvent) => void;
  /** Reports whether a URL may get the token. */
  readonly isOurs: (url: string) => boolean;
  /** What it was sent with. */
  readonly headers: Headers;
  readonly kept: KeptBody;
  /** Sends the call with other headers and the body for them, or throws at once if it cannot be built. */
  readonly resend: (token: AccessToken, init: RequestInit) => Promise<Response>;
}

/** A response that is thrown away is read up to this size, which frees its connection; more costs more than a new one. */
const MAX_DRAIN_BYTES = 2 ** 16;
const MAX_DRAIN_MS = 1000;
/** Statuses that show nothing about the token; nor do those from 500 on. */
const SILENT_STATUSES = [401, 407, 408, 421, 425, 429];

/**
 * Returns the response to a call that was answered 401: that of a replay, or the 401 itself.
 *
 * @throws the signal's reason, when it is aborted; what `fetch` throws for a replay
 */
export async function handleUnauthorized(call: RejectedCall): Promise<Response> {
  const { response, isOurs, kept } = call;
  if (!isRejection(response, isOurs)) return response;
  const body = await replayable(kept);
  if (body !== undefined) return replay(call, body);
  // The next call gets another token, and this one does not wait for that.
  replay({ ...call, signal: undefined }, body).catch(() => {});
  return response;
}

/** Replays a call, if it has its body, until its response is not a 401. What no replay clears is blamed. */
async function replay(call: RejectedCall, body: ReplayBody): Promise<Response> {
  const { token, endpoint, isOurs, headers, resend, emit } = call;
  const rejections = rejectionsOf(call.source);
  const { evidence } = rejections;
  let { response } = call;
  const isCurrent = rejections.reject(token);
  // The next call gets another token anyway.
  if (!isCurrent && body === undefined) return response;
  for await (const { token: next, experiment } of replacements(rejections, isCurrent, call)) {
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
      if (experiment && isAcceptance(response)) evidence.clear(endpoint, experiment, next.value !== token.value);
      if (!isRejection(response, isOurs)) return response;
    }
    if (experiment) evidence.blame(endpoint, experiment);
  }
  return response;
}

/** Reads a response that is not returned. Not awaited: a body that never ends must not hold up the response that counts. */
function drain({ body }: Response): void {
  const read = (signal: AbortSignal) => readUpTo(MAX_DRAIN_BYTES, body, signal);
  withTimeout(read, { timeoutMs: MAX_DRAIN_MS, clock: systemClock }).catch(() => {});
}

/** The tokens to replay a call with, in their order, each when the one before was rejected. */
async function* replacements(
  rejections: Rejections,
  isCurrent: boolean,
  { token, endpoint, signal }: RejectedCall,
): AsyncGenerator<Replacement> {
  if (!isCurrent) {
    // The token was replaced while the call was under way, or expired: then its 401 is no evidence.
    const next = await rejections.get({ signal }).catch(() => signal?.throwIfAborted());
    if (next && next.value !== token.value) yield { token: next };
    return;
  }
  if (rejections.evidence.isBlamed(endpoint)) return;
  const predecessor = rejections.predecessor();
  if (predecessor) yield { token: predecessor };
  const replacement = await rejections.replace(token, { signal }).catch(() => signal?.throwIfAborted());
  if (replacement) yield replacement;
}

/**
 * Reports whether a response says that the token was rejected: a 401, unless a Bearer challenge names another error
 * (RFC 6750 §3.1). After a redirect the challenge must name `invalid_token`: the header may have been dropped on the way.
 */
function isRejection({ status, redirected, url, headers }: Response, isOurs: (url: string) => boolean): boolean {
  if (status !== 401) return false;
  // A `fetch` of the user's own, such as a mock, may return less than a whole `Response`.
  const error = bearerErrorIn(headers?.get?.("WWW-Authenticate") ?? "");
  return redirected ? isOurs(url) && error === "invalid_token" : (error ?? "invalid_token") === "invalid_token";
}

/** Reports whether a response shows that the token was accepted. */
function isAcceptance({ status, redirected, type }: Response): boolean {
  return (
    status >= 200 && status < 500 && !SILENT_STATUSES.includes(status) && !redirected && !type?.startsWith("opaque")
  );
}

/** The error that a Bearer challenge names (RFC 6750 §3). */
function bearerErrorIn(challenges: string): string | undefined {
  // A scheme stands alone, a parameter has a value (RFC 9110 §11.6.1); commas may stand in quotes.
  const parts = challenges.matchAll(/([\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?/g);
  let scheme: string | undefined;
  for (const [, name = "", quoted, value = quoted] of parts) {
    if (value === undefined) scheme = name.toLowerCase();
    else if (scheme === "bearer" && name.toLowerCase() === "error") return value;
  }
  return undefined;
}

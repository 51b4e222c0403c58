// The body of a call: what is kept of it for a replay, and what `fetch` does with it at once.

import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { type FetchCall, isPlatformRequest } from "./fetch-arguments.ts";
import { bodyOf, copyOfBody, copyWhileSent, isStream, type KeptBody, type ReplayBody } from "./replay-body.ts";

/** How long a 401 waits for the copy of a body that is still being sent: enough for a body in memory, nothing for a stream. */
const COPY_GRACE_MS = 50;

/** Takes the body for a replay, and for the first time too: the caller may change it as soon as `bearerFetch` has returned. */
export function replayBodyOf(call: FetchCall, maxCopyBytes: number): KeptBody {
  const { init, request } = call;
  if (init.body != null) {
    init.body = copyOfBody(init.body);
    return { body: init.body };
  }
  const body = request ? bodyOf(request) : null;
  return request && body === undefined ? copyWhileSent(request, maxCopyBytes) : { body };
}

/** Marks a body as used, as `fetch` does at once: the caller may look at it while a token is requested. */
export function useBody(call: FetchCall, isPlatformFetch: boolean): void {
  const { init, request } = call;
  // Another `fetch` may take what the platform does not.
  if (!isPlatformFetch && !isPlatformRequest(request)) return;
  // Throws what `fetch` would, before a token is requested.
  const used = new Request(call.input, init);
  if (!request) {
    if (init.body instanceof ReadableStream) init.body = locked(init.body);
    return;
  }
  Object.assign(call, { input: used, headers: used.headers });
  delete init.body;
}

/** Locks a stream for good. */
function locked(stream: ReadableStream): ReadableStream {
  const [sent, unused] = stream.tee();
  // Its chunks are not kept then.
  unused.cancel().catch(() => {});
  return sent;
}

/**
 * The body for a replay; `undefined` if it cannot be sent again.
 *
 * A copy has to be complete, or nearly so: a 401 does not wait for a body that is still being written.
 */
export function replayable({ body }: KeptBody): Promise<ReplayBody> {
  const wait = async () => (isStream(body) ? undefined : body);
  return withTimeout(wait, { timeoutMs: COPY_GRACE_MS, clock: systemClock }).catch(() => undefined);
}

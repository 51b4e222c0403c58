// A `fetch` that sends the token, and replays a call after a 401. Except for the header it is like `fetch` itself.

import type { AccessToken } from "../access-token.ts";
import { systemClock } from "../time/clock.ts";
import { untilAborted, withTimeout } from "../time/wait.ts";
import { fetchFor, isTokenRequest } from "../token-request/platform-fetch.ts";
import { checkOrigins } from "../token-request/secure-url.ts";
import { emitter, type TokenEvent } from "../token-source/events.ts";
import { type FetchCall, isAnyRequest, isDictionary, isPlatformRequest, readArguments } from "./fetch-arguments.ts";
import { handleUnauthorized } from "./handle-unauthorized.ts";
import type { AnyTokenSource } from "./rejections.ts";
import { BodyCopy, bodyOf, copyOfBody, isStream, type ReplayBody, replayInit } from "./replay-body.ts";
import { SentTokens } from "./sent-tokens.ts";

/** Where a token may go, and what a replay needs. */
export interface BearerOptions {
  /** The origins that get the token, such as `https://enterprise-api.easyship.com`; plain http only on loopback. */
  readonly origins?: readonly string[] | undefined;
  /** Up to this size the body of a `Request` that is not a `ReplayableRequest` is copied, so that it can be sent again (default: 1 MiB). */
  readonly maxCopyBytes?: number | undefined;
  /** Receives an event for each replay, and for each request that gets no token. What it throws is ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

/** For {@link bearerFetch}. */
export interface BearerFetchOptions extends BearerOptions {
  /** Sends the requests (default: the global `fetch`, looked up at each call). */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export const MAX_COPY_BYTES: number = 2 ** 20;
/** More calls than this of one endpoint without a token, under way at once, are one that is called with what it sent itself. */
const MAX_PASSING = 20;
/** How long a 401 waits for the copy of a body that is still being sent: enough for a body in memory, nothing for a stream. */
const COPY_GRACE_MS = 50;

/**
 * Creates a `fetch` that sends the source's token, and replays a call after a 401.
 *
 * A request that has an `Authorization` already, or goes to another origin, is sent as it is. A stream is sent once. The body
 * of a `Request`, unless it is a {@link ReplayableRequest}, is copied while it is sent.
 *
 * @param options.fetch - Sends the requests (default: the global one)
 * @param options.origins - The origins that get the token (default: that of the token endpoint)
 * @returns a function like `fetch`; it rejects as `source.get()` does, and sends nothing then
 * @throws {TypeError} if neither source nor options name an origin
 * @example
 * const authorised = bearerFetch(tokens);
 * const response = await authorised("https://enterprise-api.easyship.com/companies");
 */
export function bearerFetch(source: AnyTokenSource, options: BearerFetchOptions = {}): typeof globalThis.fetch {
  const { onEvent, maxCopyBytes = MAX_COPY_BYTES } = options;
  const isOurs = checkOrigins(options.origins ?? source.origin);
  const emit = emitter(onEvent);

  const isRequest = options.fetch ? isAnyRequest : isPlatformRequest;
  const sent = new SentTokens();
  /** How many calls without a token are under way, by endpoint. */
  const passing = new Map<string, number>();

  // Not an async function: that would take longer.
  const wrapper: typeof globalThis.fetch = function bearerFetch(...args) {
    try {
      return dispatch(args);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  function dispatch(args: Parameters<typeof globalThis.fetch>): Promise<Response> {
    // Arguments that `fetch` rejects unread are passed on as they are.
    if (!(0 in args) || !isDictionary(args[1])) return send(false, ...args);
    const call = readArguments(args[0], args[1], isRequest);
    if (isTokenRequest(call.url, call.signal)) return send(true, call.input, args[1] && call.init);
    const reason = !isOurs(call.url) ? "origin" : call.headers.has("Authorization") ? "authorization" : undefined;
    if (!reason) return sendWithToken(call);
    emit({ type: "skipped", reason });
    return pass(call, args[1]);
  }

  /** Sends a call without a token of ours. */
  async function pass({ input, init, headers, endpoint }: FetchCall, given: unknown): Promise<Response> {
    const count = passing.get(endpoint) ?? 0;
    passing.set(endpoint, count + 1);
    try {
      const isOwn = count > MAX_PASSING || sent.find(headers.get("Authorization")) !== undefined;
      return await send(isOwn, input, given ? init : undefined);
    } finally {
      // Only endpoints with calls under way are remembered.
      if (count === 0) passing.delete(endpoint);
    }
  }

  async function sendWithToken(call: FetchCall): Promise<Response> {
    const { signal } = call;
    const body = replayBodyOf(call, maxCopyBytes);
    let token = source.peekFresh?.();
    if (!token && !signal?.aborted) {
      useBody(call, options.fetch === undefined);
      token = await untilAborted(source.get({ signal }), signal);
    }
    // An aborted call is sent without a token: `fetch` rejects it.
    if (token) {
      sent.add(token);
      call.headers.set("Authorization", token.authorization);
    }
    let response: Response;
    try {
      response = await send(false, call.input, { ...call.init, headers: call.headers });
    } catch (error) {
      if (body instanceof BodyCopy) body.cancel();
      throw error;
    }
    if (!token || response?.status !== 401) return response;

    const again = await replayable(body);
    const resend = (next: AccessToken) => {
      sent.add(next);
      return send(false, call.input, { ...call.init, ...replayInit(call.headers, next, again ?? null) });
    };
    return handleUnauthorized({
      ...{ source, token, response, onEvent, isOurs, signal },
      endpoint: call.endpoint,
      resend: again === undefined ? undefined : resend,
    });
  }

  const send = fetchFor(wrapper, options.fetch);
  return wrapper;
}

/** Takes the body for a replay, and for the first time too: the caller may change it as soon as `bearerFetch` has returned. */
function replayBodyOf(call: FetchCall, maxCopyBytes: number): ReplayBody | BodyCopy {
  const { init, request } = call;
  if (init.body != null) {
    init.body = copyOfBody(init.body);
    return init.body;
  }
  if (!request) return null;
  const known = bodyOf(request);
  return known === undefined ? new BodyCopy(request, maxCopyBytes) : known;
}

/** Marks a body as used, as `fetch` does at once: the caller may look at it while a token is requested. */
function useBody(call: FetchCall, isPlatformFetch: boolean): void {
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

/** Locks a stream, and reads it when it is sent. */
function locked(stream: ReadableStream): ReadableStream {
  const reader = stream.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/**
 * The body for a replay; `undefined` if it cannot be sent again.
 *
 * A copy has to be complete, or nearly so: a 401 does not wait for a body that is still being written.
 */
export async function replayable(body: ReplayBody | BodyCopy): Promise<ReplayBody> {
  if (!(body instanceof BodyCopy)) return isStream(body) ? undefined : body;
  return withTimeout(() => body.body, { timeoutMs: COPY_GRACE_MS, clock: systemClock }).catch(() => undefined);
}

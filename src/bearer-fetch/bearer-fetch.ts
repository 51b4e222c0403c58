// A `fetch` that sends the token, and replays a call after a 401. Except for the header it is like `fetch` itself.

import type { AccessToken } from "../access-token.ts";
import { fetchFor } from "../token-request/platform-fetch.ts";
import { checkOrigins } from "../token-request/secure-url.ts";
import { emitter, skipped, type TokenEvent } from "../token-source/events.ts";
import { Source } from "../token-source/token-source.ts";
import { keepBody, useBody } from "./body.ts";
import { type FetchCall, isAnyRequest, isDictionary, isPlatformRequest, readArguments } from "./fetch-arguments.ts";
import { handleUnauthorized } from "./handle-unauthorized.ts";
import { type AnyTokenSource, tokenOf } from "./rejections.ts";

type Fetch = typeof globalThis.fetch;

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
  readonly fetch?: Fetch | undefined;
}

export const MAX_COPY_BYTES: number = 2 ** 20;
/** More calls than this without a token at once are one call that comes back again and again. */
const MAX_PASSING = 1000;

/**
 * Creates a `fetch` that sends the source's token, and replays a call after a 401.
 *
 * A request that has an `Authorization` already, or goes to another origin, is sent as it is. A stream is sent once. The body
 * of a `Request`, unless it is a {@link ReplayableRequest}, is copied while it is sent.
 *
 * @param options.fetch - Sends the requests (default: the global one)
 * @param options.origins - The origins that get the token (default: that of the source's `baseUrl`)
 * @returns a function like `fetch`; it rejects as `source.get()` does, and sends nothing then
 * @throws {TypeError} if neither source nor options name an origin
 * @example
 * const authorised = bearerFetch(tokens);
 * const response = await authorised("https://enterprise-api.easyship.com/companies");
 */
export function bearerFetch(source: AnyTokenSource, options: BearerFetchOptions = {}): Fetch {
  // Not an async function: that would take longer.
  const wrapper: Fetch = function bearerFetch(...args) {
    try {
      return bearer.call(args);
    } catch (error) {
      return Promise.reject(error);
    }
  };
  const bearer = new Bearer(wrapper, source, options);
  return wrapper;
}

/** Decides what becomes of each call of one `bearerFetch`. */
class Bearer {
  readonly #source: AnyTokenSource;
  readonly #options: BearerFetchOptions;
  readonly #isOurs: (url: string) => boolean;
  readonly #emit: (event: TokenEvent) => void;
  readonly #send: ReturnType<typeof fetchFor>;
  /** The token that was sent last. */
  #latest: AccessToken | undefined;
  /** How many calls without a token are under way. */
  #passing = 0;

  constructor(wrapper: Fetch, source: AnyTokenSource, options: BearerFetchOptions) {
    this.#source = source;
    this.#options = { ...options };
    this.#isOurs = checkOrigins(options.origins ?? source.origin);
    this.#emit = emitter(options.onEvent);
    this.#send = fetchFor(wrapper, options.fetch);
  }

  call(args: Parameters<Fetch>): Promise<Response> {
    const [input, init] = args;
    // Arguments that `fetch` rejects unread are passed on as they are.
    if (!(0 in args) || !isDictionary(init)) return this.#send("caller", ...args);
    const call = readArguments(input, init, this.#options.fetch ? isAnyRequest : isPlatformRequest);
    if (Source.is(this.#source) && this.#source.isTokenRequest(call.url, call.signal)) {
      return this.#send("own", call.input, init && call.init);
    }
    const hasHeader = call.headers.has("Authorization");
    const reason = !this.#isOurs(call.url) ? "origin" : hasHeader ? "authorization" : undefined;
    if (!reason) return this.#sendWithToken(call);
    this.#emit(skipped(reason, call.url));
    return this.#pass(call, init && call.init);
  }

  /** Sends a call without a token of ours. */
  async #pass({ input, headers }: FetchCall, init: RequestInit | undefined): Promise<Response> {
    const isOwn = headers.get("Authorization") === this.#latest?.authorization;
    this.#passing += 1;
    try {
      return await this.#send(isOwn ? "own" : this.#passing > MAX_PASSING ? "loop" : "caller", input, init);
    } finally {
      this.#passing -= 1;
    }
  }

  async #sendWithToken(call: FetchCall): Promise<Response> {
    const { fetch, maxCopyBytes = MAX_COPY_BYTES } = this.#options;
    const { signal, endpoint } = call;
    const kept = keepBody(call, maxCopyBytes);
    let token = this.#source.peekFresh?.();
    if (!token && !signal?.aborted) {
      useBody(call, fetch === undefined);
      token = await tokenOf(this.#source, signal);
    }
    // An aborted call is sent without a token: `fetch` rejects it.
    if (token) call.headers.set("Authorization", token.authorization);
    this.#latest = token;
    const { input, init, headers } = call;
    let response: Response;
    try {
      response = await this.#send("caller", input, { ...init, headers });
    } catch (error) {
      kept.cancel?.();
      throw error;
    }
    if (!token || response?.status !== 401) return response;
    return handleUnauthorized({
      ...{ token, endpoint, response, signal, headers, kept },
      source: this.#source,
      isOurs: this.#isOurs,
      emit: this.#emit,
      resend: (next, changed) => {
        this.#latest = next;
        return this.#send("caller", input, { ...init, ...changed });
      },
    });
  }
}

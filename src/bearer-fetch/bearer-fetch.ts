// A `fetch` that sends the token, and replays a call after a 401. Except for the header it behaves like `fetch` itself.
// What happens at a 401 is in `handle-unauthorized.ts`.

import type { AccessToken } from "../access-token.ts";
import { registerWrapper } from "../token-request/platform-fetch.ts";
import { checkOrigins } from "../token-request/secure-url.ts";
import { emitter, skipped, type TokenEvent } from "../token-source/events.ts";
import { Source } from "../token-source/token-source.ts";
import { markBodyUsed, saveBody } from "./body.ts";
import { type FetchCall, isAnyRequest, isDictionary, isPlatformRequest, readArguments } from "./fetch-arguments.ts";
import { handleUnauthorized } from "./handle-unauthorized.ts";
import { type AnyTokenSource, getToken } from "./recovery.ts";

type Fetch = typeof globalThis.fetch;

/** For `bearerFetch` and `bearerMiddleware`. */
export interface BearerOptions {
  /** The origins that get the token (default: the source's `origin`). Http only on loopback. */
  readonly origins?: readonly string[] | undefined;
  /** The longest body of a `Request` that is copied for a replay, in bytes (default: 1 MiB). */
  readonly maxCopyBytes?: number | undefined;
  /** Receives an event for each replay, and for each request that is sent without a token. Its errors are ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

/** For {@link bearerFetch}. */
export interface BearerFetchOptions extends BearerOptions {
  /** Sends the requests (default: the global `fetch` at the time of each call). */
  readonly fetch?: Fetch | undefined;
}

export const MAX_COPY_BYTES: number = 2 ** 20;
/** More concurrent calls without a token than this must be one call in an endless loop. */
const MAX_TOKENLESS_CALLS = 1000;

/**
 * Creates a `fetch` that sends the source's token, and replays a call after a 401.
 *
 * A request to another origin, or with its own `Authorization` header, is sent unchanged. A stream cannot be replayed.
 * The body of a `Request` is copied while it is sent, unless it is a {@link ReplayableRequest}.
 *
 * @param source the token source
 * @param options.origins the origins that get the token (default: the source's `origin`)
 * @param options.maxCopyBytes the longest body of a `Request` that is copied for a replay, in bytes (default: 1 MiB)
 * @param options.onEvent receives the events `replayed` and `skipped`
 * @param options.fetch sends the requests (default: the global `fetch`)
 * @returns a function with the signature of `fetch`; if the source has no token, it rejects as `source.get()` does and
 *   sends nothing
 * @throws {TypeError} if an origin is missing or invalid
 * @see [RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)
 * @example
 * const authorised = bearerFetch(tokens);
 * const response = await authorised("https://enterprise-api.easyship.com/companies");
 */
export function bearerFetch(source: AnyTokenSource, options: BearerFetchOptions = {}): Fetch {
  // Not an async function, which would make each call slower.
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

/** The state of one `bearerFetch`. */
class Bearer {
  readonly #source: AnyTokenSource;
  readonly #options: BearerFetchOptions;
  readonly #isAllowed: (url: string) => boolean;
  readonly #emit: (event: TokenEvent) => void;
  readonly #send: ReturnType<typeof registerWrapper>;
  /** The token that was sent last. */
  #latest: AccessToken | undefined;
  /** How many calls without a token are under way. */
  #tokenlessCalls = 0;

  constructor(wrapper: Fetch, source: AnyTokenSource, options: BearerFetchOptions) {
    this.#source = source;
    this.#options = { ...options };
    this.#isAllowed = checkOrigins(options.origins ?? source.origin);
    this.#emit = emitter(options.onEvent);
    this.#send = registerWrapper(wrapper, options.fetch);
  }

  call(args: Parameters<Fetch>): Promise<Response> {
    const [input, init] = args;
    // `fetch` rejects such arguments without reading them.
    if (!(0 in args) || !isDictionary(init)) return this.#send("caller", ...args);
    const call = readArguments(input, init, this.#options.fetch ? isAnyRequest : isPlatformRequest);
    // A token request must not wait for the token.
    if (Source.is(this.#source) && this.#source.requests.isOwn(call.url, call.signal)) {
      return this.#send("own", call.input, init && call.init);
    }
    const hasHeader = call.headers.has("Authorization");
    const reason = !this.#isAllowed(call.url) ? "origin" : hasHeader ? "authorization" : undefined;
    if (!reason) return this.#sendWithToken(call);
    this.#emit(skipped(reason, call.url));
    return this.#sendWithoutToken(call, init && call.init);
  }

  async #sendWithoutToken({ input, headers }: FetchCall, init: RequestInit | undefined): Promise<Response> {
    // A `fetch` that wraps this one may pass our own call back to us.
    const isOwn = headers.get("Authorization") === this.#latest?.authorization;
    this.#tokenlessCalls += 1;
    const isLoop = this.#tokenlessCalls > MAX_TOKENLESS_CALLS;
    try {
      return await this.#send(isOwn ? "own" : isLoop ? "loop" : "caller", input, init);
    } finally {
      this.#tokenlessCalls -= 1;
    }
  }

  async #sendWithToken(call: FetchCall): Promise<Response> {
    const { fetch, maxCopyBytes = MAX_COPY_BYTES } = this.#options;
    const { signal, endpoint } = call;
    const savedBody = saveBody(call, maxCopyBytes);
    let token = this.#source.peekFresh?.();
    if (!token && !signal?.aborted) {
      markBodyUsed(call, fetch === undefined);
      token = await getToken(this.#source, signal);
    }
    // An aborted call has no token, but `fetch` rejects it anyway.
    if (token) call.headers.set("Authorization", token.authorization);
    this.#latest = token;
    const { input, init, headers } = call;
    let response: Response;
    try {
      response = await this.#send("caller", input, { ...init, headers });
    } catch (error) {
      savedBody.cancel?.();
      throw error;
    }
    if (!token || response?.status !== 401) return response;
    return handleUnauthorized({
      ...{ token, endpoint, response, signal, headers, savedBody },
      source: this.#source,
      isAllowed: this.#isAllowed,
      emit: this.#emit,
      resend: (next, changed) => {
        this.#latest = next;
        return this.#send("caller", input, { ...init, ...changed });
      },
    });
  }
}

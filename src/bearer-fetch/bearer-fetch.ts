// A `fetch` that sends the token, and replays a call once after a 401.

import { checkOrigins } from "../token-request/secure-url.ts";
import type { TokenEvent } from "../token-source/events.ts";
import type { TokenSource } from "../token-source/token-source.ts";
import { handleUnauthorized, isRejection } from "./handle-unauthorized.ts";
import { bodyOf, copyOf } from "./replayable-request.ts";

/** Where a token may go, and who is told. */
export interface BearerOptions {
  /** The origins that get the token, such as `https://enterprise-api.easyship.com`; plain http only on loopback. */
  readonly origins?: readonly string[] | undefined;
  /** Is told of replays; what it throws is ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

/** For {@link bearerFetch}. */
export interface BearerFetchOptions extends BearerOptions {
  /** Sends the requests (default: the global `fetch`). */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Makes a `fetch` that sends the source's token, and after a 401 once more with another.
 *
 * A request that has an `Authorization` already, or goes to another origin, is left alone. A stream is sent once. A `Request`
 * with a body, unless it is a {@link ReplayableRequest}, is copied before it is sent.
 *
 * @param options.fetch sends the requests (default: the global one)
 * @param options.origins the origins that get the token (default: the one that the source asks)
 * @returns a function like `fetch`; it throws as `source.get()` does, and sends nothing then
 * @throws {TypeError} where neither source nor options tell an origin
 * @example
 * const authorised = bearerFetch(tokens);
 * const answer = await authorised("https://enterprise-api.easyship.com/companies");
 */
export function bearerFetch(source: TokenSource, options: BearerFetchOptions = {}): typeof globalThis.fetch {
  const { origins = source.origin && [source.origin], onEvent } = options;
  if (!origins) throw new TypeError("`origins` is needed: this source does not tell one");
  const isOurs = checkOrigins(origins);

  return async function bearerFetch(input, init) {
    const send = options.fetch ?? globalThis.fetch;
    const request = input instanceof Request ? input : undefined;
    const headers = new Headers(init?.headers ?? request?.headers);
    const url = request?.url ?? new URL(input as string | URL, globalThis.location?.href).href;
    if (!isOurs(url) || headers.has("Authorization")) return send(input, init);

    const signal = init?.signal ?? request?.signal;
    const token = source.peekFresh() ?? (await source.get({ signal }));
    headers.set("Authorization", token.authorization);
    const known = init?.body ?? (request ? bodyOf(request) : null);
    const body = known === undefined && request ? copyOf(request) : known;
    const response = await send(input, { ...init, headers });
    if (!isRejection(response, isOurs)) return response;

    const answer = await handleUnauthorized({ source, onEvent, token, response, signal, body }, (next, again) => {
      headers.set("Authorization", next.authorization);
      const unread = request ? new Request(request, { body: again }) : input;
      return send(unread, { ...init, headers });
    });
    return answer ?? response;
  };
}

// The same as middleware of openapi-fetch.

import type { Middleware } from "openapi-fetch";
import type { AccessToken } from "../access-token.ts";
import { checkOrigins } from "../token-request/secure-url.ts";
import type { TokenSource } from "../token-source/token-source.ts";
import type { BearerOptions } from "./bearer-fetch.ts";
import { handleUnauthorized, isRejection } from "./handle-unauthorized.ts";
import { bodyOf, copyOf, type ReplayBody } from "./replayable-request.ts";

export { ReplayableRequest } from "./replayable-request.ts";

/** A call may outlive its token, but not by many. */
const MAX_SENT = 10;

/**
 * Makes openapi-fetch middleware that sends the source's token, and after a 401 once more with another.
 *
 * A request that has an `Authorization` already, or goes to another origin, is left alone. Where the client makes other
 * requests than {@link ReplayableRequest}, those with a body are copied before they are sent.
 *
 * @param options.origins the origins that get the token (default: that of the client's base URL)
 * @throws as `source.get()` does; nothing is sent then
 * @example
 * const api = createClient<paths>({ baseUrl, Request: ReplayableRequest });
 * api.use(bearerMiddleware(tokens));
 */
export function bearerMiddleware(source: TokenSource, { origins, onEvent }: BearerOptions = {}): Middleware {
  const sent = new Map<string, AccessToken>();
  let latest: AccessToken | undefined;
  const copies = new WeakMap<Request, Promise<ReplayBody>>();
  let base = "";
  let isOurs = checkOrigins(origins ?? []);

  const authorise = (request: Request, token: AccessToken): undefined => {
    request.headers.set("Authorization", token.authorization);
    if (token !== latest) {
      latest = token;
      sent.set(token.authorization, token);
      if (sent.size > MAX_SENT) sent.delete(sent.keys().next().value as string);
    }
    if (bodyOf(request) === undefined) copies.set(request, copyOf(request));
  };

  return {
    // No async functions: with a token in hand, a call waits for nothing.
    onRequest({ request, options: { baseUrl } }) {
      if (!origins && base !== baseUrl) {
        base = baseUrl;
        isOurs = checkOrigins([new URL(baseUrl, request.url).origin]);
      }
      if (!isOurs(request.url) || request.headers.has("Authorization")) return undefined;
      const token = source.peekFresh();
      if (token) return authorise(request, token);
      return source.get({ signal: request.signal }).then((fresh) => authorise(request, fresh));
    },
    onResponse({ request, response, options: { fetch } }) {
      const token = isRejection(response, isOurs) && sent.get(String(request.headers.get("Authorization")));
      if (!token) return undefined;
      const { signal } = request;
      const body = copies.get(request) ?? bodyOf(request);
      return handleUnauthorized({ source, onEvent, token, response, signal, body }, (next, again) => {
        const replayed = new Request(request, { body: again });
        replayed.headers.set("Authorization", next.authorization);
        return fetch(replayed);
      });
    },
  };
}

// Middleware for openapi-fetch that does the same as `bearerFetch`: it sends the token, and replays a call after a 401.
// No other file knows openapi-fetch.

import type { Middleware } from "openapi-fetch";
import type { AccessToken } from "../access-token.ts";
import { checkOrigins } from "../token-request/secure-url.ts";
import { emitter, skipped } from "../token-source/events.ts";
import { type BearerOptions, MAX_COPY_BYTES } from "./bearer-fetch.ts";
import { bodyOf, copyWhileSent, type SavedBody } from "./body.ts";
import { endpointOf, referrerOf } from "./fetch-arguments.ts";
import { handleUnauthorized } from "./handle-unauthorized.ts";
import { type AnyTokenSource, getToken } from "./recovery.ts";

export { ReplayableRequest } from "./replayable-request.ts";

/** How many sent tokens are remembered. The token may be refreshed during a long call, but not often. */
const MAX_SENT = 10;

/**
 * Creates openapi-fetch middleware that sends the source's token, and replays a call after a 401.
 *
 * A request to another origin, or with its own `Authorization` header, is sent unchanged. Give the client
 * {@link ReplayableRequest} as its `Request`: otherwise each body is copied while it is sent.
 *
 * @param source the token source
 * @param options.origins the origins that get the token (default: the source's `origin`)
 * @param options.maxCopyBytes the longest body that is copied for a replay, in bytes (default: 1 MiB)
 * @param options.onEvent receives the events `replayed` and `skipped`
 * @returns middleware for `client.use()`; if the source has no token, calls reject as `source.get()` does and send
 *   nothing
 * @throws {TypeError} if an origin is missing or invalid
 * @see [RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)
 * @example
 * const api = createClient<paths>({ baseUrl, Request: ReplayableRequest });
 * api.use(bearerMiddleware(tokens));
 */
export function bearerMiddleware(source: AnyTokenSource, options: BearerOptions = {}): Middleware {
  const { maxCopyBytes = MAX_COPY_BYTES } = options;
  const isAllowed = checkOrigins(options.origins ?? source.origin);
  const emit = emitter(options.onEvent);
  /** The tokens that were sent last, by their header. */
  const sent = new Map<string, AccessToken>();
  let latest: AccessToken | undefined;
  const copies = new WeakMap<Request, SavedBody>();

  const authorise = (request: Request, token: AccessToken): undefined => {
    const { authorization } = token;
    request.headers.set("Authorization", authorization);
    if (token !== latest) sent.set(authorization, token);
    if (sent.size > MAX_SENT) sent.delete(sent.keys().next().value as string);
    latest = token;
    if (bodyOf(request) === undefined) copies.set(request, copyWhileSent(request, maxCopyBytes));
  };

  return {
    // Not async functions, so that a call with a fresh token does not wait.
    onRequest({ request }) {
      const reason = !isAllowed(request.url)
        ? "origin"
        : request.headers.has("Authorization")
          ? "authorization"
          : undefined;
      if (reason) {
        emit(skipped(reason, request.url));
        return undefined;
      }
      const token = source.peekFresh?.();
      if (token) return authorise(request, token);
      return getToken(source, request.signal).then((fresh) => authorise(request, fresh));
    },
    onResponse({ request, response, options: { fetch } }) {
      const token = response.status === 401 ? sent.get(request.headers.get("Authorization") ?? "") : undefined;
      if (!token || !isAllowed(request.url)) return undefined;
      const { method, url, headers, signal } = request;
      return handleUnauthorized({
        ...{ source, token, response, emit, isAllowed, headers, signal },
        endpoint: endpointOf(method, url),
        savedBody: copies.get(request) ?? { body: bodyOf(request) },
        resend: (_, init) => fetch(new Request(request, { ...referrerOf(request), ...init })),
      }).then((result) => {
        if (result === response) return undefined;
        // A user's `fetch` may return something else, for which openapi-fetch would throw.
        return result instanceof Response ? result : new Response((result as Response).body, result);
      });
    },
    onError({ request }) {
      copies.get(request)?.cancel?.();
    },
  };
}

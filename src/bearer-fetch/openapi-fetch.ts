// The same as middleware of openapi-fetch.

import type { Middleware } from "openapi-fetch";
import type { AccessToken } from "../access-token.ts";
import { checkOrigins } from "../token-request/secure-url.ts";
import { emitter, skipped } from "../token-source/events.ts";
import { type BearerOptions, MAX_COPY_BYTES } from "./bearer-fetch.ts";
import { bodyOf, copyWhileSent, type KeptBody } from "./body.ts";
import { endpointOf, referrerOf } from "./fetch-arguments.ts";
import { handleUnauthorized } from "./handle-unauthorized.ts";
import { type AnyTokenSource, tokenOf } from "./rejections.ts";

export { ReplayableRequest } from "./replayable-request.ts";

/** How many tokens are remembered: a call may outlive its token, but not by many. */
const MAX_SENT = 10;

/**
 * Makes openapi-fetch middleware that sends the source's token, and after a 401 once more with another.
 *
 * A request that has an `Authorization` already, or goes to another origin, is left alone. Where the client makes other
 * requests than {@link ReplayableRequest}, those with a body are copied while they are sent.
 *
 * @param options.origins the origins that get the token (default: that of the source's `baseUrl`)
 * @throws as `source.get()` does; nothing is sent then
 * @example
 * const api = createClient<paths>({ baseUrl, Request: ReplayableRequest });
 * api.use(bearerMiddleware(tokens));
 */
export function bearerMiddleware(source: AnyTokenSource, options: BearerOptions = {}): Middleware {
  const { maxCopyBytes = MAX_COPY_BYTES } = options;
  const isOurs = checkOrigins(options.origins ?? source.origin);
  const emit = emitter(options.onEvent);
  /** The tokens that were sent a short while ago, by their header. */
  const sent = new Map<string, AccessToken>();
  let latest: AccessToken | undefined;
  const copies = new WeakMap<Request, KeptBody>();

  const authorise = (request: Request, token: AccessToken): undefined => {
    const { authorization } = token;
    request.headers.set("Authorization", authorization);
    if (token !== latest) sent.set(authorization, token);
    if (sent.size > MAX_SENT) sent.delete(sent.keys().next().value as string);
    latest = token;
    if (bodyOf(request) === undefined) copies.set(request, copyWhileSent(request, maxCopyBytes));
  };

  return {
    // No async functions: while the token is fresh, a call waits for nothing.
    onRequest({ request }) {
      const reason = !isOurs(request.url)
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
      return tokenOf(source, request.signal).then((fresh) => authorise(request, fresh));
    },
    onResponse({ request, response, options: { fetch } }) {
      const token = response.status === 401 ? sent.get(request.headers.get("Authorization") ?? "") : undefined;
      if (!token || !isOurs(request.url)) return undefined;
      const { method, url, headers, signal } = request;
      return handleUnauthorized({
        ...{ source, token, response, emit, isOurs, headers, signal },
        endpoint: endpointOf(method, url),
        kept: copies.get(request) ?? { body: bodyOf(request) },
        resend: (_, init) => fetch(new Request(request, { ...referrerOf(request), ...init })),
      }).then((result) => {
        if (result === response) return undefined;
        // openapi-fetch throws for anything else, which a `fetch` of the user's own may return.
        return result instanceof Response ? result : new Response((result as Response).body, result);
      });
    },
    onError({ request }) {
      copies.get(request)?.cancel?.();
    },
  };
}

// Calls the middleware as openapi-fetch does, and does the same without it as the reference.

import type { Middleware } from "openapi-fetch";
import { bearerMiddleware, ReplayableRequest } from "../../src/bearer-fetch/openapi-fetch.ts";
import { type Mode, start } from "./modes.ts";
import type { Fetch } from "./row.ts";

/** What openapi-fetch 0.17 does between the arguments of a call and its response. */
function client(RequestClass: typeof Request, middleware?: Middleware): Fetch {
  return async (input, init) => {
    const send: typeof fetch = (...args) => globalThis.fetch(...args);
    const options = { baseUrl: "", fetch: send } as Parameters<NonNullable<Middleware["onRequest"]>>[0]["options"];
    const rest = { schemaPath: "/", params: {}, options, id: "1" };
    let request: Request = new RequestClass(input as string, init as RequestInit);
    const changed = await middleware?.onRequest?.({ ...rest, request });
    if (changed instanceof Request) request = changed;
    const response = await send(request);
    const replaced = await middleware?.onResponse?.({ ...rest, request, response });
    return replaced instanceof Response ? replaced : response;
  };
}

const plain = client(Request);

/**
 * What was copied can follow a redirect, unlike a stream, and unlike a form, to which undici gives another boundary then. A body
 * that is copied is locked before it is sent.
 */
const MAY_DIFFER = ["follows or rejects a 307 after a stream", "follows a 307 after a form", "locks a stream at once"];

function mode(name: string, RequestClass: typeof Request, names: readonly string[], isHot: boolean): Mode {
  return {
    name,
    plain,
    isCopying: RequestClass === Request,
    mayDiffer: RequestClass === Request ? MAY_DIFFER : [],
    isRejected: names.length > 1,
    async make(origins, row) {
      const { tokens } = start(origins, row, [...names]);
      if (isHot) await tokens.get();
      return client(RequestClass, bearerMiddleware(tokens, { origins }));
    },
  };
}

export const MIDDLEWARE_MODES: readonly Mode[] = [
  mode("without a token yet", ReplayableRequest, ["good-1"], false),
  mode("with a token, for a plain Request", Request, ["good-1"], true),
  mode("after a 401 to its token", ReplayableRequest, ["stale-1", "good-1"], true),
  mode("after a 401 to its token, for a plain Request", Request, ["stale-1", "good-1"], true),
];

// Sends every kind of body, by bearerFetch and by the middleware, to an API that rejects the first token, and prints the results as
// JSON. `runtimes.test.ts` and `runtimes.slow.test.ts` run it on each supported Node.

import createClient from "openapi-fetch";
import { bearerMiddleware, ReplayableRequest } from "../../src/bearer-fetch/openapi-fetch.ts";
import { bearerFetch, createTokenSource, type TokenSource } from "../../src/index.ts";
import { startEchoServer } from "../provider/echo.ts";

const bytes = new Uint8Array(100_000).fill(7);
const form = new FormData();
form.set("file", new Blob([bytes]));
const bodies: Record<string, BodyInit | undefined> = {
  none: undefined,
  string: '{"a":1}',
  bytes,
  blob: new Blob([bytes]),
  parameters: new URLSearchParams({ a: "b" }),
  form,
};

const server = await startEchoServer();
const origins = [server.origin];
const outcomes: Record<string, string> = {};
for (const [kind, body] of Object.entries(bodies)) {
  const init = { method: "POST", ...(body !== undefined && { body }) };
  // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
  const api = createClient<any>({ baseUrl: server.origin, Request: ReplayableRequest });
  const faces = {
    url: () => bearerFetch(tokens(), { origins })(`${server.origin}/`, init),
    request: () => bearerFetch(tokens(), { origins })(new Request(`${server.origin}/`, init)),
    replayable: () => bearerFetch(tokens(), { origins })(new ReplayableRequest(`${server.origin}/`, init)),
    middleware: async () => {
      const own = bearerMiddleware(tokens(), { origins });
      api.use(own);
      const { response } = await api.POST("/", body === undefined ? {} : { body, bodySerializer: () => body });
      api.eject(own);
      return response;
    },
  };
  for (const [face, send] of Object.entries(faces)) {
    server.reset();
    server.rejected.add("a");
    const { status } = await send();
    const lengths = server.seen.map((seen) => (kind === "form" ? seen.body.length > 100_000 : seen.body.length));
    outcomes[`${face} ${kind}`] = `${status} ${lengths}`;
  }
}
await server.close();
console.log(JSON.stringify(outcomes));

/** A source whose first token is rejected. */
function tokens(): TokenSource {
  const names = ["a", "b"];
  return createTokenSource({ request: async () => ({ access_token: names.shift() ?? "c", expires_in: 60 }) });
}

import { AccessToken, bearerFetch, type TokenEvent, type TokenSource } from "oauth2-token-response";
import { bearerMiddleware, ReplayableRequest } from "oauth2-token-response/openapi-fetch";
import createClient, { type Middleware } from "openapi-fetch";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { settled } from "./fake-clock.ts";
import { type EchoServer, startEchoServer } from "./provider/echo.ts";

const ORIGIN_ELSEWHERE = "https://elsewhere.test";
let server: EchoServer;
beforeAll(async () => {
  server = await startEchoServer();
});
afterAll(() => server.close());
beforeEach(() => server.reset());

/** A source with one token for each letter. After the last one `get` rejects. */
function sourceOf(names: string, origin: string | undefined = server.origin) {
  const tokens = [...names].map((access_token) => AccessToken.from({ access_token }, { requestedAt: new Date() }));
  const invalidated: string[] = [];
  const source: TokenSource = {
    origin,
    peekFresh: () => tokens[0],
    get: async () => tokens[0] ?? Promise.reject(new Error("no token available")),
    invalidate: (token) => {
      invalidated.push(token.value);
      if (tokens[0]?.value === token.value) tokens.shift();
    },
  };
  return { source, invalidated };
}

/** For a source that has no token without a wait. */
const peekFresh = () => undefined;

/** A signal that ends with an error of ours. */
function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error("enough")) };
}

type Send = (source: TokenSource, init?: RequestInit, onEvent?: (event: TokenEvent) => void) => Promise<Response>;

/** A client of openapi-fetch with our middleware. */
function createApi(
  source: TokenSource,
  options: { Request?: typeof Request; onEvent?: ((event: TokenEvent) => void) | undefined },
) {
  const { Request, onEvent } = options;
  // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
  const api = createClient<any>({ baseUrl: server.origin, ...(Request && { Request }) });
  api.use(bearerMiddleware(source, { onEvent }));
  return api;
}

const sendByClient =
  (Request?: typeof globalThis.Request): Send =>
  async (source, init = {}, onEvent) => {
    const api = createApi(source, { ...(Request && { Request }), onEvent });
    const { body, method = "GET", ...rest } = init;
    const { response } = await api.request(method.toLowerCase() as "get", "/api", {
      ...rest,
      ...(body != null && { body, bodySerializer: (value: unknown) => value }),
      parseAs: "stream",
    });
    return response;
  };

const WRAPPERS: [string, Send][] = [
  [
    "bearerFetch with a URL string",
    (source, init, onEvent) => bearerFetch(source, { onEvent })(`${server.origin}/api`, init),
  ],
  [
    "bearerFetch with a URL object",
    (source, init, onEvent) => bearerFetch(source, { onEvent })(new URL("/api", server.origin), init),
  ],
  [
    "bearerFetch with a Request",
    (source, init, onEvent) => bearerFetch(source, { onEvent })(new Request(`${server.origin}/api`, init)),
  ],
  [
    "bearerFetch with a ReplayableRequest",
    (source, init, onEvent) => bearerFetch(source, { onEvent })(new ReplayableRequest(`${server.origin}/api`, init)),
  ],
  ["the middleware", sendByClient(ReplayableRequest)],
  ["the middleware without ReplayableRequest", sendByClient()],
];

const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
const form = () => {
  const data = new FormData();
  data.set("file", new Blob([bytes]), "file.bin");
  return data;
};
const BODIES: [string, () => BodyInit][] = [
  ["an empty string", () => ""],
  ["a string", () => "{}"],
  ["bytes", () => bytes],
  ["a buffer", () => bytes.buffer],
  ["a blob", () => new Blob([bytes])],
  ["URL parameters", () => new URLSearchParams({ a: "b" })],
];

describe.each(WRAPPERS)("%s", (_, send) => {
  const sentTokens = () => server.seen.map(({ authorization }) => authorization);

  test("sends the token of its source", async () => {
    expect((await send(sourceOf("a").source)).status).toBe(200);
    expect(sentTokens()).toEqual(["Bearer a"]);
  });

  test("waits for a token if none is cached", async () => {
    const { source } = sourceOf("a");
    expect((await send({ ...source, peekFresh: () => undefined })).status).toBe(200);
    expect(sentTokens()).toEqual(["Bearer a"]);
  });

  test("ignores a listener that throws", async () => {
    server.rejected.add("a");
    const onEvent = () => {
      throw new Error("listener");
    };
    expect((await send(sourceOf("ab").source, {}, onEvent)).status).toBe(200);
  });

  test("invalidates the token after a 401, and replays the request with the next one", async () => {
    server.rejected.add("a");
    const { source, invalidated } = sourceOf("ab");
    const events: TokenEvent[] = [];
    const response = await send(source, { method: "DELETE" }, (event) => events.push(event));
    expect(await response.json()).toEqual({ token: "b" });
    expect(sentTokens()).toEqual(["Bearer a", "Bearer b"]);
    expect(invalidated).toEqual(["a"]);
    expect(events).toEqual([{ type: "replayed", status: 200 }]);
  });

  test.each(BODIES)("replays a body that is %s", async (_, body) => {
    server.rejected.add("a");
    expect((await send(sourceOf("ab").source, { method: "POST", body: body() })).status).toBe(200);
    const [first, second] = server.seen;
    const expected = Buffer.from(await new Response(body()).arrayBuffer());
    // `equals`: a printed difference of 300 kB would be slow and useless.
    expect(server.seen.map((seen) => seen.body.equals(expected))).toEqual([true, true]);
    expect(second?.headers["content-type"]).toBe(first?.headers["content-type"]);
  });

  test("replays a form with its file", async () => {
    server.rejected.add("a");
    expect((await send(sourceOf("ab").source, { method: "POST", body: form() })).status).toBe(200);
    const [first, second] = server.seen.map(({ body }) => body.toString("latin1").split("\r\n").slice(1, 5));
    expect(second).toEqual(first);
    expect(server.seen[1]?.body.length).toBeGreaterThan(300_000);
  });

  test.each(["POST", "PUT", "PATCH"])("replays a %s", async (method) => {
    server.rejected.add("a");
    await send(sourceOf("ab").source, { method, body: "x" });
    expect(server.seen.map((seen) => seen.method)).toEqual([method, method]);
  });

  test("returns the second response, even if it is a 401 too", async () => {
    server.rejected.add("a").add("b");
    const { source, invalidated } = sourceOf("abc");
    expect((await send(source)).status).toBe(401);
    expect(sentTokens()).toEqual(["Bearer a", "Bearer b"]);
    expect(invalidated).toEqual(["a"]);
  });

  test("returns the 401 if no other token is available", async () => {
    server.rejected.add("a");
    const response = await send(sourceOf("a").source, { method: "POST", body: "x" });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("invalid_token");
    expect(sentTokens()).toEqual(["Bearer a"]);
  });

  test("replays once even if the source has the same token again", async () => {
    server.rejected.add("a");
    expect((await send(sourceOf("aa").source)).status).toBe(401);
    expect(sentTokens()).toEqual(["Bearer a", "Bearer a"]);
  });

  test("is sent again with a token that the source has replaced meanwhile, which is not invalidated", async () => {
    server.rejected.add("a");
    const { source, invalidated } = sourceOf("bc");
    const old = AccessToken.from({ access_token: "a" }, { requestedAt: new Date() });
    let isFirst = true;
    const get = async () => {
      const token = isFirst ? old : await source.get();
      isFirst = false;
      return token;
    };
    expect((await send({ ...source, get, peekFresh })).status).toBe(200);
    expect(sentTokens()).toEqual(["Bearer a", "Bearer b"]);
    expect(invalidated).toEqual([]);
  });

  test("passes its signal to each `get` of the source, and ends with it even if the source never settles", async () => {
    server.rejected.add("a");
    const { source } = sourceOf("a");
    const { signal, abort } = abortable();
    const signals: (AbortSignal | undefined)[] = [];
    const get = (options?: { signal?: AbortSignal | undefined }) => {
      signals.push(options?.signal);
      if (signals.length === 1) return source.get();
      setTimeout(abort);
      return new Promise<never>(() => {});
    };
    await expect(send({ ...source, get, peekFresh }, { signal })).rejects.toThrow("enough");
    expect(signals.map((one) => one instanceof AbortSignal)).toEqual([true, true]);
  });

  test("ends with its signal while the source never returns a first token", async () => {
    const { signal, abort } = abortable();
    const get = () => {
      setTimeout(abort);
      return new Promise<never>(() => {});
    };
    await expect(send({ ...sourceOf("a").source, get, peekFresh }, { signal })).rejects.toThrow("enough");
    expect(server.seen).toEqual([]);
  });

  test("throws if there is no token, and sends nothing", async () => {
    await expect(send(sourceOf("").source)).rejects.toThrow("no token available");
    expect(server.seen).toEqual([]);
  });

  test("leaves a request alone that has its own Authorization header", async () => {
    server.rejected.add("mine");
    const { source, invalidated } = sourceOf("ab");
    const response = await send(source, { headers: { authorization: "Bearer mine" } });
    expect(response.status).toBe(401);
    expect(sentTokens()).toEqual(["Bearer mine"]);
    expect(invalidated).toEqual([]);
  });

  test("sends the other headers both times", async () => {
    server.rejected.add("a");
    await send(sourceOf("ab").source, { headers: { "x-mine": "1" } });
    expect(server.seen.map(({ headers }) => headers["x-mine"])).toEqual(["1", "1"]);
  });

  test.each([403, 400, 500])("returns a %i without a replay", async (status) => {
    server.rejected.add("a");
    server.reject = (response) => response.writeHead(status).end();
    const { source, invalidated } = sourceOf("ab");
    expect((await send(source)).status).toBe(status);
    expect(invalidated).toEqual([]);
  });

  test.each([
    ['Bearer error="invalid_token"', 2],
    ["", 2],
    ["Bearer", 2],
    ['Basic realm="x"', 2],
    ['Bearer realm="a, error=\\"insufficient_scope\\"", error=invalid_token', 2],
    ['Basic realm="x", error="other", Bearer realm="y"', 2],
    ['Bearer error="insufficient_scope"', 1],
    ["bearer ERROR=insufficient_scope", 1],
    ['Bearer error = "insufficient_scope"', 1],
    ['Basic realm="x, y", Bearer realm="z", error="invalid_request"', 1],
  ])("after a 401 with the challenge `%s` has sent the request %i time(s)", async (challenge, times) => {
    server.rejected.add("a");
    server.reject = (response) => response.writeHead(401, { "WWW-Authenticate": challenge }).end();
    await send(sourceOf("ab").source);
    expect(server.seen).toHaveLength(times);
  });

  test("reads the first 401 to its end, so that its connection can be reused", async () => {
    server.rejected.add("a");
    server.reject = (response) => response.writeHead(401).end("x".repeat(60_000));
    for (let call = 0; call < 10; call++) await send(sourceOf("ab").source);
    // If they were not read, each of the ten 401s would cost a connection. On a busy machine some are read late.
    expect(new Set(server.seen.map(({ port }) => port)).size).toBeLessThan(8);
  });

  test("does not wait for the end of the first 401", async () => {
    server.rejected.add("a");
    server.reject = (response) => void response.writeHead(401).write("x");
    expect((await send(sourceOf("ab").source)).status).toBe(200);
  });

  test("rejects with the reason of an abort while it waits for a token", async () => {
    const controller = new AbortController();
    const { source } = sourceOf("");
    const waiting = {
      ...source,
      get: ({ signal }: { signal?: AbortSignal } = {}) => rejectionOf(signal),
    } as TokenSource;
    const response = send(waiting, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(response).rejects.toThrow("enough");
    expect(server.seen).toEqual([]);
  });

  test("rejects with the reason of an abort while it waits for another token", async () => {
    server.rejected.add("a");
    const controller = new AbortController();
    const { source } = sourceOf("a");
    const waiting: TokenSource = {
      ...source,
      get: ({ signal } = {}) => {
        controller.abort(new Error("enough"));
        return rejectionOf(signal);
      },
    };
    await expect(send(waiting, { signal: controller.signal })).rejects.toThrow("enough");
    expect(server.seen).toHaveLength(1);
  });
});

/** Rejects when the signal aborts, as `get()` of a source does. */
function rejectionOf(signal: AbortSignal | undefined): Promise<AccessToken> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

describe("a stream is sent once", () => {
  const stream = () => new Blob(["streamed"]).stream();
  const iterable = async function* () {
    yield new TextEncoder().encode("streamed");
  };

  test.each<[string, (source: TokenSource) => Promise<Response>]>([
    [
      "bearerFetch with a stream",
      (source) => bearerFetch(source)(server.origin, { method: "POST", body: stream(), duplex: "half" } as RequestInit),
    ],
    [
      "bearerFetch with an iterable",
      (source) =>
        bearerFetch(source)(server.origin, {
          method: "POST",
          body: iterable() as unknown as BodyInit,
          duplex: "half",
        } as RequestInit),
    ],
    [
      "a ReplayableRequest",
      (source) =>
        bearerFetch(source)(
          new ReplayableRequest(server.origin, { method: "POST", body: stream(), duplex: "half" } as RequestInit),
        ),
    ],
    [
      "the middleware",
      (source) =>
        sendByClient(ReplayableRequest)(source, { method: "POST", body: stream(), duplex: "half" } as RequestInit),
    ],
  ])("by %s: the 401 is returned, and the token is invalidated", async (_, send) => {
    server.rejected.add("a");
    const { source, invalidated } = sourceOf("ab");
    expect((await send(source)).status).toBe(401);
    expect(server.seen.map(({ body }) => body.toString())).toEqual(["streamed"]);
    await settled();
    expect(invalidated).toEqual(["a"]);
  });
});

describe("a plain Request with a body", () => {
  test.each([
    [2 ** 20, 2],
    [2 ** 20 + 1, 1],
  ])("of %i bytes is sent %i time(s)", async (length, times) => {
    server.rejected.add("a");
    const request = new Request(server.origin, { method: "POST", body: new Uint8Array(length) });
    await bearerFetch(sourceOf("ab").source)(request);
    expect(server.seen.map(({ body }) => body.length)).toEqual(Array(times).fill(length));
  });
});

describe("a token is sent", () => {
  const createSpy = () => {
    const seen: (string | null)[] = [];
    const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init);
      seen.push(request.headers.get("authorization"));
      return new Response("", { status: 401 });
    };
    return { fetch, seen };
  };

  test.each([
    "https://elsewhere.test/",
    "https://api.test.elsewhere.test/",
    "https://api.test:8443/",
    "http://api.test/",
  ])("not to %s, if the origin is https://api.test", async (url) => {
    const { fetch, seen } = createSpy();
    const { source, invalidated } = sourceOf("ab", "https://api.test");
    expect((await bearerFetch(source, { fetch })(url)).status).toBe(401);
    expect(seen).toEqual([null]);
    expect(invalidated).toEqual([]);
  });

  test("to the `origins` of the options", async () => {
    const { fetch, seen } = createSpy();
    const { source } = sourceOf("a", "https://api.test");
    const origins = ["https://third.test", ORIGIN_ELSEWHERE];
    await bearerFetch(source, { fetch, origins })(`${ORIGIN_ELSEWHERE}/path`);
    expect(seen[0]).toBe("Bearer a");
  });

  test.each(["http://api.test", "ftp://api.test"])(
    "only over https: an origin of %s is a TypeError at creation",
    (origin) => {
      expect(() => bearerFetch(sourceOf("a").source, { origins: [origin] })).toThrow(TypeError);
      expect(() => bearerFetch(sourceOf("a").source, { origins: [origin] })).toThrow(
        `must not contain ${new URL(origin).origin}`,
      );
      expect(() => bearerMiddleware(sourceOf("a").source, { origins: [origin] })).toThrow(TypeError);
    },
  );

  test("only to known origins: without any, creation throws", () => {
    const { source } = sourceOf("a");
    expect(() => bearerFetch({ ...source, origin: undefined })).toThrow("`origins` is required");
  });

  test("by the middleware only to the base URL of the client, even if an earlier middleware redirects the request", async () => {
    const api = createClient<Record<"/api", { get: { responses: Record<200, object> } }>>({ baseUrl: server.origin });
    const elsewhere: string[] = [];
    api.use(
      { onRequest: ({ request }) => new Request(`${ORIGIN_ELSEWHERE}/api`, request) },
      bearerMiddleware(sourceOf("ab").source),
    );
    const fetch = async (request: Request) => {
      elsewhere.push(`${request.url} ${request.headers.get("authorization")}`);
      return new Response(null, { status: 204 });
    };
    await api.GET("/api", { fetch });
    expect(elsewhere).toEqual([`${ORIGIN_ELSEWHERE}/api null`]);
  });
});

describe.each(WRAPPERS)("across a redirect, %s", (_, send) => {
  let elsewhere: EchoServer;
  beforeAll(async () => {
    elsewhere = await startEchoServer();
  });
  afterAll(() => elsewhere.close());

  test("sends the token to no other origin, and returns a 401 from there without a replay", async () => {
    const { source, invalidated } = sourceOf("ab");
    server.rejected.add("a");
    server.reject = (response) => response.writeHead(307, { Location: `${elsewhere.origin}/` }).end();
    elsewhere.reset();
    elsewhere.rejected.add("");
    expect((await send(source)).status).toBe(401);
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
    expect(server.seen).toHaveLength(1);
    expect(invalidated).toEqual([]);
  });
});

describe("the replay", () => {
  const settings = { credentials: "include", redirect: "manual", keepalive: true, cache: "no-store" } as const;
  const picked = ({ credentials, redirect, keepalive, cache }: RequestInit | Request) => ({
    credentials,
    redirect,
    keepalive,
    cache,
  });
  /** A `fetch` that records its calls, and responds 401 to the token `a`. */
  function recorder() {
    const calls: { input: unknown; init: RequestInit | undefined }[] = [];
    const fetch = async (input: unknown, init?: RequestInit) => {
      calls.push({ input, init });
      const { headers } = new Request(input as string, init);
      return new Response(null, { status: headers.get("Authorization") === "Bearer a" ? 401 : 200 });
    };
    return { calls, fetch };
  }

  test("has the settings of the first try, including those that only this `fetch` knows", async () => {
    const { calls, fetch } = recorder();
    const { source } = sourceOf("ab");
    const { signal } = new AbortController();
    const init = { ...settings, method: "POST", body: "text", signal, priority: "high", dispatcher: "a proxy" };
    await bearerFetch(source, { fetch })(`${server.origin}/api`, init as RequestInit);
    const settingsOfCalls = calls.map(({ init: { headers, ...rest } = {} }) => rest);
    expect(settingsOfCalls).toEqual([init, init]);
  });

  test.each<[string, (source: TokenSource, fetch: typeof globalThis.fetch) => Promise<unknown>]>([
    [
      "of a Request",
      (source, fetch) =>
        bearerFetch(source, { fetch })(
          new Request(`${server.origin}/api`, { ...settings, method: "POST", body: "text" }),
        ),
    ],
    [
      "through openapi-fetch",
      (source, fetch) => {
        // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
        const api = createClient<any>({ baseUrl: server.origin, fetch, Request: ReplayableRequest });
        api.use(bearerMiddleware(source));
        return api.POST("/api", { ...settings, body: "text" });
      },
    ],
  ])("%s has the settings of the first try", async (_, call) => {
    const { calls, fetch } = recorder();
    await call(sourceOf("ab").source, fetch as typeof globalThis.fetch);
    expect(calls).toHaveLength(2);
    for (const { input } of calls) expect(picked(input as Request)).toEqual(settings);
  });
});

describe("a slow call through openapi-fetch", () => {
  test.each([
    [9, 204],
    [10, 401],
  ])("whose token was replaced by %i later ones ends with status %i", async (others, expected) => {
    const { source } = sourceOf("abcdefghijklmnop");
    let response: (response: Response) => void = () => {};
    const responses = [
      new Promise<Response>((resolve) => {
        response = resolve;
      }),
      new Response(null, { status: 204 }),
    ];
    const fetch = async (request: Request) =>
      (request.url.endsWith("/slow") && responses.shift()) || new Response(null, { status: 204 });
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
    const api = createClient<any>({ baseUrl: server.origin, fetch, Request: ReplayableRequest });
    api.use(bearerMiddleware(source));
    const late = api.GET("/slow", {});
    await settled();
    for (let other = 0; other < others; other++) {
      source.invalidate(await source.get());
      await api.GET("/", {});
    }
    response(new Response(null, { status: 401 }));
    expect((await late).response.status).toBe(expected);
  });
});

test("the middleware does not replay a call to another origin, even if its header has the token", async () => {
  const { source } = sourceOf("ab");
  const sentElsewhere: (string | null)[] = [];
  const fetch = async (request: Request) => {
    if (request.url.startsWith(ORIGIN_ELSEWHERE)) sentElsewhere.push(request.headers.get("Authorization"));
    return new Response(null, { status: request.url.startsWith(ORIGIN_ELSEWHERE) ? 401 : 204 });
  };
  // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
  const api = createClient<any>({ baseUrl: server.origin, fetch });
  api.use(bearerMiddleware(source));
  await api.GET("/", {});
  await api.GET("/", { baseUrl: ORIGIN_ELSEWHERE, headers: { Authorization: "Bearer a" } });
  expect(sentElsewhere).toEqual(["Bearer a"]);
});

describe("other middleware of openapi-fetch", () => {
  const logged: string[] = [];
  beforeEach(() => void logged.splice(0));
  const logger: Middleware = {
    onRequest: ({ request }) => void logged.push(`> ${request.headers.get("authorization")}`),
    onResponse: ({ response }) => void logged.push(`< ${response.status}`),
  };
  const replacer: Middleware = {
    onRequest: ({ request }) =>
      new Request(request, { headers: { ...Object.fromEntries(request.headers), "x-new": "1" } }),
  };
  const responder: Middleware = { onRequest: () => new Response(null, { status: 204 }) };
  const retrier: Middleware = {
    onResponse: ({ request, response, options }) =>
      response.status === 503 ? options.fetch(new Request(request.url, request)) : undefined,
  };

  async function call(middleware: (own: Middleware) => Middleware[], method: "GET" | "POST" = "GET") {
    const { source, invalidated } = sourceOf("ab");
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
    const api = createClient<any>({ baseUrl: server.origin, Request: ReplayableRequest });
    api.use(...middleware(bearerMiddleware(source)));
    const body = method === "POST" ? { body: { a: 1 } } : {};
    const { response } = await api[method]("/api", body);
    return { status: response.status, invalidated };
  }

  test("before ours, a logger sees only the final response", async () => {
    server.rejected.add("a");
    await call((own) => [logger, own]);
    expect(logged).toEqual(["> null", "< 200"]);
  });

  test("after ours, a logger sees the request with the token, and the 401", async () => {
    server.rejected.add("a");
    await call((own) => [own, logger]);
    expect(logged).toEqual(["> Bearer a", "< 401"]);
  });

  test("before ours may replace the Request: headers and body are replayed", async () => {
    server.rejected.add("a");
    expect(await call((own) => [replacer, own], "POST")).toEqual({ status: 200, invalidated: ["a"] });
    expect(server.seen.map(({ headers, body }) => [headers["x-new"], `${body}`])).toEqual([
      ["1", '{"a":1}'],
      ["1", '{"a":1}'],
    ]);
  });

  test("after ours may replace the Request: it is replayed without a body, and not with one", async () => {
    server.rejected.add("a");
    expect(await call((own) => [own, replacer])).toEqual({ status: 200, invalidated: ["a"] });
    expect(await call((own) => [own, replacer], "POST")).toEqual({ status: 401, invalidated: ["a"] });
  });

  test.each([
    ["before", (own: Middleware) => [responder, own]],
    ["after", (own: Middleware) => [own, responder]],
  ])("one that responses by itself %s it is the end of it", async (_, order) => {
    expect(await call(order)).toEqual({ status: 204, invalidated: [] });
    expect(server.seen).toEqual([]);
  });

  // Responses pass the middleware in reverse order. What the first one requests itself passes no other.
  test.each([
    ["before", 401, (own: Middleware) => [retrier, own]],
    ["after", 200, (own: Middleware) => [own, retrier]],
  ])("%s ours may retry a 503: if the retry is answered 401, the caller gets a %i", async (_, expected, order) => {
    let responses = 0;
    server.rejected.add("a");
    server.reject = (response) => response.writeHead(responses++ === 0 ? 503 : 401).end();
    const { status } = await call(order);
    expect(status).toBe(expected);
  });
});

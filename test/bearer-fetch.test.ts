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

/** A source with as many tokens as there are letters; `get` rejects when they are used up. */
function sourceOf(names: string, origin: string | undefined = server.origin) {
  const tokens = [...names].map((access_token) => AccessToken.from({ access_token }, { requestedAt: new Date() }));
  const invalidated: string[] = [];
  const source: TokenSource = {
    origin,
    peekFresh: () => tokens[0],
    get: async () => tokens[0] ?? Promise.reject(new Error("no token to be had")),
    invalidate: (token) => {
      invalidated.push(token.value);
      if (tokens[0]?.value === token.value) tokens.shift();
    },
  };
  return { source, invalidated };
}

type Send = (source: TokenSource, init?: RequestInit, onEvent?: (event: TokenEvent) => void) => Promise<Response>;

/** openapi-fetch as its users set it up; the body goes through as it is. */
function through(
  source: TokenSource,
  options: { Request?: typeof Request; onEvent?: ((event: TokenEvent) => void) | undefined },
) {
  const { Request, onEvent } = options;
  // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
  const api = createClient<any>({ baseUrl: server.origin, ...(Request && { Request }) });
  api.use(bearerMiddleware(source, { onEvent }));
  return api;
}

const viaClient =
  (Request?: typeof globalThis.Request): Send =>
  async (source, init = {}, onEvent) => {
    const api = through(source, { ...(Request && { Request }), onEvent });
    const { body, method = "GET", ...rest } = init;
    const { response } = await api.request(method.toLowerCase() as "get", "/api", {
      ...rest,
      ...(body != null && { body, bodySerializer: (value: unknown) => value }),
      parseAs: "stream",
    });
    return response;
  };

const FACES: [string, Send][] = [
  ["bearerFetch of a URL", (source, init, onEvent) => bearerFetch(source, { onEvent })(`${server.origin}/api`, init)],
  [
    "bearerFetch of a URL object",
    (source, init, onEvent) => bearerFetch(source, { onEvent })(new URL("/api", server.origin), init),
  ],
  [
    "bearerFetch of a Request",
    (source, init, onEvent) => bearerFetch(source, { onEvent })(new Request(`${server.origin}/api`, init)),
  ],
  [
    "bearerFetch of a ReplayableRequest",
    (source, init, onEvent) => bearerFetch(source, { onEvent })(new ReplayableRequest(`${server.origin}/api`, init)),
  ],
  ["the middleware", viaClient(ReplayableRequest)],
  ["the middleware without ReplayableRequest", viaClient()],
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

describe.each(FACES)("%s", (_, send) => {
  const sentTokens = () => server.seen.map(({ authorization }) => authorization);

  test("sends the token of its source", async () => {
    expect((await send(sourceOf("a").source)).status).toBe(200);
    expect(sentTokens()).toEqual(["Bearer a"]);
  });

  test("waits for a token where there is none in hand", async () => {
    const { source } = sourceOf("a");
    expect((await send({ ...source, peekFresh: () => undefined })).status).toBe(200);
    expect(sentTokens()).toEqual(["Bearer a"]);
  });

  test("is stopped by no listener that throws", async () => {
    server.refused.add("a");
    const onEvent = () => {
      throw new Error("listener");
    };
    expect((await send(sourceOf("ab").source, {}, onEvent)).status).toBe(200);
  });

  test("after a 401 tells the source, and sends the request once more with another token", async () => {
    server.refused.add("a");
    const { source, invalidated } = sourceOf("ab");
    const events: TokenEvent[] = [];
    const answer = await send(source, { method: "DELETE" }, (event) => events.push(event));
    expect(await answer.json()).toEqual({ token: "b" });
    expect(sentTokens()).toEqual(["Bearer a", "Bearer b"]);
    expect(invalidated).toEqual(["a"]);
    expect(events).toEqual([{ type: "replayed", status: 200 }]);
  });

  test.each(BODIES)("sends %s once more", async (_, body) => {
    server.refused.add("a");
    expect((await send(sourceOf("ab").source, { method: "POST", body: body() })).status).toBe(200);
    const [first, second] = server.seen;
    const whole = Buffer.from(await new Response(body()).arrayBuffer());
    // `equals`, as a byte by byte difference of 300 kB helps nobody and takes its time.
    expect(server.seen.map((seen) => seen.body.equals(whole))).toEqual([true, true]);
    expect(second?.headers["content-type"]).toBe(first?.headers["content-type"]);
  });

  test("sends a form once more", async () => {
    server.refused.add("a");
    expect((await send(sourceOf("ab").source, { method: "POST", body: form() })).status).toBe(200);
    const [first, second] = server.seen.map(({ body }) => body.toString("latin1").split("\r\n").slice(1, 5));
    expect(second).toEqual(first);
    expect(server.seen[1]?.body.length).toBeGreaterThan(300_000);
  });

  test.each(["POST", "PUT", "PATCH"])("sends a %s once more: what got a 401 was not done", async (method) => {
    server.refused.add("a");
    await send(sourceOf("ab").source, { method, body: "x" });
    expect(server.seen.map((seen) => seen.method)).toEqual([method, method]);
  });

  test("takes the second answer, even if it is a 401 too", async () => {
    server.refused.add("a").add("b");
    const { source, invalidated } = sourceOf("abc");
    expect((await send(source)).status).toBe(401);
    expect(sentTokens()).toEqual(["Bearer a", "Bearer b"]);
    expect(invalidated).toEqual(["a"]);
  });

  test("takes the 401 where no other token can be had", async () => {
    server.refused.add("a");
    const answer = await send(sourceOf("a").source, { method: "POST", body: "x" });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain("invalid_token");
    expect(sentTokens()).toEqual(["Bearer a"]);
  });

  test("replays once if the other token is the same: the 401 may have been wrong", async () => {
    server.refused.add("a");
    expect((await send(sourceOf("aa").source)).status).toBe(401);
    expect(sentTokens()).toEqual(["Bearer a", "Bearer a"]);
  });

  test("throws where there is no token, and sends nothing", async () => {
    await expect(send(sourceOf("").source)).rejects.toThrow("no token to be had");
    expect(server.seen).toEqual([]);
  });

  test("leaves alone a request that has an Authorization", async () => {
    server.refused.add("mine");
    const { source, invalidated } = sourceOf("ab");
    const answer = await send(source, { headers: { authorization: "Bearer mine" } });
    expect(answer.status).toBe(401);
    expect(sentTokens()).toEqual(["Bearer mine"]);
    expect(invalidated).toEqual([]);
  });

  test("keeps the other headers", async () => {
    server.refused.add("a");
    await send(sourceOf("ab").source, { headers: { "x-mine": "1" } });
    expect(server.seen.map(({ headers }) => headers["x-mine"])).toEqual(["1", "1"]);
  });

  test.each([403, 400, 500])("takes a %i for what it is", async (status) => {
    server.refused.add("a");
    server.refuse = (response) => response.writeHead(status).end();
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
  ])("judges by the challenge: %s is sent %i time(s)", async (challenge, times) => {
    server.refused.add("a");
    server.refuse = (response) => response.writeHead(401, { "WWW-Authenticate": challenge }).end();
    await send(sourceOf("ab").source);
    expect(server.seen).toHaveLength(times);
  });

  test("reads the answer that it throws away, so that its connection is used again", async () => {
    server.refused.add("a");
    server.refuse = (response) => response.writeHead(401).end("x".repeat(60_000));
    for (let call = 0; call < 10; call++) await send(sourceOf("ab").source);
    // Unread, each 401 would take its connection away: 11 in all. On a busy machine some are read late.
    expect(new Set(server.seen.map(({ port }) => port)).size).toBeLessThan(8);
  });

  test("does not wait for the end of an answer that it throws away", async () => {
    server.refused.add("a");
    server.refuse = (response) => void response.writeHead(401).write("x");
    expect((await send(sourceOf("ab").source)).status).toBe(200);
  });

  test("an abort while it waits for a token rejects with the reason", async () => {
    const controller = new AbortController();
    const { source } = sourceOf("");
    const waiting = {
      ...source,
      get: ({ signal }: { signal?: AbortSignal } = {}) => rejectionOf(signal),
    } as TokenSource;
    const answer = send(waiting, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
    expect(server.seen).toEqual([]);
  });

  test("an abort while it waits for another token rejects with the reason", async () => {
    server.refused.add("a");
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

/** Rejects as a source does whose caller aborts. */
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
      "bearerFetch of a stream",
      (source) => bearerFetch(source)(server.origin, { method: "POST", body: stream(), duplex: "half" } as RequestInit),
    ],
    [
      "bearerFetch of an iterable",
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
        viaClient(ReplayableRequest)(source, { method: "POST", body: stream(), duplex: "half" } as RequestInit),
    ],
  ])("by %s: its 401 is the answer, and the token is invalidated all the same", async (_, send) => {
    server.refused.add("a");
    const { source, invalidated } = sourceOf("ab");
    expect((await send(source)).status).toBe(401);
    expect(server.seen.map(({ body }) => body.toString())).toEqual(["streamed"]);
    await settled();
    expect(invalidated).toEqual(["a"]);
  });
});

describe("a foreign Request with a body", () => {
  test.each([
    [2 ** 20, 2],
    [2 ** 20 + 1, 1],
  ])("of %i bytes is sent %i time(s): more is not kept", async (length, times) => {
    server.refused.add("a");
    const request = new Request(server.origin, { method: "POST", body: new Uint8Array(length) });
    await bearerFetch(sourceOf("ab").source)(request);
    expect(server.seen.map(({ body }) => body.length)).toEqual(Array(times).fill(length));
  });
});

describe("a token goes nowhere else", () => {
  const spy = () => {
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
  ])("not to %s", async (url) => {
    const { fetch, seen } = spy();
    const { source, invalidated } = sourceOf("ab", "https://api.test");
    expect((await bearerFetch(source, { fetch })(url)).status).toBe(401);
    expect(seen).toEqual([null]);
    expect(invalidated).toEqual([]);
  });

  test("but to the origins that are given", async () => {
    const { fetch, seen } = spy();
    const { source } = sourceOf("a", "https://api.test");
    const origins = ["https://third.test", ORIGIN_ELSEWHERE];
    await bearerFetch(source, { fetch, origins })(`${ORIGIN_ELSEWHERE}/path`);
    expect(seen[0]).toBe("Bearer a");
  });

  test.each(["http://api.test", "ftp://api.test"])("and %s is refused when it is set up", (origin) => {
    expect(() => bearerFetch(sourceOf("a").source, { origins: [origin] })).toThrow(TypeError);
    expect(() => bearerFetch(sourceOf("a").source, { origins: [origin] })).toThrow(
      `must not contain ${new URL(origin).origin}`,
    );
    expect(() => bearerMiddleware(sourceOf("a").source, { origins: [origin] })).toThrow(TypeError);
  });

  test("and without any origin there is nowhere to go", () => {
    const { source } = sourceOf("a");
    expect(() => bearerFetch({ ...source, origin: undefined })).toThrow("`origins` is required");
  });

  test("the middleware gives it to the client's base URL alone, whatever a middleware before it does", async () => {
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

describe.each(FACES)("across a redirect, %s", (_, send) => {
  let elsewhere: EchoServer;
  beforeAll(async () => {
    elsewhere = await startEchoServer();
  });
  afterAll(() => elsewhere.close());

  test("gives the token to no other origin, and takes a 401 from there for what it is", async () => {
    const { source, invalidated } = sourceOf("ab");
    server.refused.add("a");
    server.refuse = (response) => response.writeHead(307, { Location: `${elsewhere.origin}/` }).end();
    elsewhere.reset();
    elsewhere.refused.add("");
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
  /** Answers 401 to the token `a`, and remembers what it was called with. */
  function recorder() {
    const calls: { input: unknown; init: RequestInit | undefined }[] = [];
    const fetch = async (input: unknown, init?: RequestInit) => {
      calls.push({ input, init });
      const { headers } = new Request(input as string, init);
      return new Response(null, { status: headers.get("Authorization") === "Bearer a" ? 401 : 200 });
    };
    return { calls, fetch };
  }

  test("has the settings of the first try, those that only this `fetch` knows too", async () => {
    const { calls, fetch } = recorder();
    const { source } = sourceOf("ab");
    const { signal } = new AbortController();
    const init = { ...settings, method: "POST", body: "text", signal, priority: "high", dispatcher: "a proxy" };
    await bearerFetch(source, { fetch })(`${server.origin}/api`, init as RequestInit);
    const kept = calls.map(({ init: { headers, ...rest } = {} }) => rest);
    expect(kept).toEqual([init, init]);
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
        // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
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

describe("a call that outlives its token", () => {
  test.each([
    [9, 204],
    [10, 401],
  ])("by %i others through openapi-fetch is answered %i", async (others, expected) => {
    const { source } = sourceOf("abcdefghijklmnop");
    let answer: (response: Response) => void = () => {};
    const answers = [
      new Promise<Response>((resolve) => {
        answer = resolve;
      }),
      new Response(null, { status: 204 }),
    ];
    const fetch = async (request: Request) =>
      (request.url.endsWith("/slow") && answers.shift()) || new Response(null, { status: 204 });
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
    const api = createClient<any>({ baseUrl: server.origin, fetch, Request: ReplayableRequest });
    api.use(bearerMiddleware(source));
    const late = api.GET("/slow", {});
    await settled();
    for (let other = 0; other < others; other++) {
      source.invalidate(await source.get());
      await api.GET("/", {});
    }
    answer(new Response(null, { status: 401 }));
    expect((await late).response.status).toBe(expected);
  });
});

test("the middleware replays no call of another origin, whatever header it has", async () => {
  const { source } = sourceOf("ab");
  const sentElsewhere: (string | null)[] = [];
  const fetch = async (request: Request) => {
    if (request.url.startsWith(ORIGIN_ELSEWHERE)) sentElsewhere.push(request.headers.get("Authorization"));
    return new Response(null, { status: request.url.startsWith(ORIGIN_ELSEWHERE) ? 401 : 204 });
  };
  // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
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
  const answerer: Middleware = { onRequest: () => new Response(null, { status: 204 }) };
  const retrier: Middleware = {
    onResponse: ({ request, response, options }) =>
      response.status === 503 ? options.fetch(new Request(request.url, request)) : undefined,
  };

  async function call(middleware: (own: Middleware) => Middleware[], method: "GET" | "POST" = "GET") {
    const { source, invalidated } = sourceOf("ab");
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
    const api = createClient<any>({ baseUrl: server.origin, Request: ReplayableRequest });
    api.use(...middleware(bearerMiddleware(source)));
    const body = method === "POST" ? { body: { a: 1 } } : {};
    const { response } = await api[method]("/api", body);
    return { status: response.status, invalidated };
  }

  test("a logger before it sees the one answer that counts", async () => {
    server.refused.add("a");
    await call((own) => [logger, own]);
    expect(logged).toEqual(["> null", "< 200"]);
  });

  test("a logger after it sees the token's request, and the 401", async () => {
    server.refused.add("a");
    await call((own) => [own, logger]);
    expect(logged).toEqual(["> Bearer a", "< 401"]);
  });

  test("one that replaces the Request before it is heeded, body and all", async () => {
    server.refused.add("a");
    expect(await call((own) => [replacer, own], "POST")).toEqual({ status: 200, invalidated: ["a"] });
    expect(server.seen.map(({ headers, body }) => [headers["x-new"], `${body}`])).toEqual([
      ["1", '{"a":1}'],
      ["1", '{"a":1}'],
    ]);
  });

  test("one that replaces the Request after it is heeded; what it made of the body cannot be sent again", async () => {
    server.refused.add("a");
    expect(await call((own) => [own, replacer])).toEqual({ status: 200, invalidated: ["a"] });
    expect(await call((own) => [own, replacer], "POST")).toEqual({ status: 401, invalidated: ["a"] });
  });

  test.each([
    ["before", (own: Middleware) => [answerer, own]],
    ["after", (own: Middleware) => [own, answerer]],
  ])("one that answers by itself %s it is the end of it", async (_, order) => {
    expect(await call(order)).toEqual({ status: 204, invalidated: [] });
    expect(server.seen).toEqual([]);
  });

  // Answers go through the middleware in reverse: what the first of them asks for itself is seen by none of the others.
  test.each([
    ["before", 401, (own: Middleware) => [retrier, own]],
    ["after", 200, (own: Middleware) => [own, retrier]],
  ])("one that retries %s it leads to a %i", async (_, expected, order) => {
    let answers = 0;
    server.refused.add("a");
    server.refuse = (response) => response.writeHead(answers++ === 0 ? 503 : 401).end();
    const { status } = await call(order);
    expect(status).toBe(expected);
  });
});

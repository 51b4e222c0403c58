// What becomes of a 401, with a real source: `docs/how-it-decides.md` has the rules. Whole worlds are in `worlds.test.ts`.

import {
  type AnyTokenResponse,
  bearerFetch,
  createTokenSource,
  type TokenEvent,
  type TokenSource,
} from "oauth2-token-response";
import { bearerMiddleware, ReplayableRequest } from "oauth2-token-response/openapi-fetch";
import createClient from "openapi-fetch";
import { describe, expect, test, vi } from "vitest";
import { FakeClock, settled } from "./fake-clock.ts";

const ORIGIN = "https://api.test";

/** An API that the test plays, and a source whose tokens are 1, 2, 3 … */
function scene({ lifetime = 3600, request }: { lifetime?: number; request?: () => Promise<AnyTokenResponse> } = {}) {
  const clock = new FakeClock();
  const events: TokenEvent[] = [];
  const onEvent = (event: TokenEvent) => void events.push(event);
  const state = { tokenRequests: 0, sent: [] as string[] };
  const tokens = createTokenSource({
    clock,
    onEvent,
    request: async () => {
      state.tokenRequests++;
      return (await request?.()) ?? { access_token: `${state.tokenRequests}`, expires_in: lifetime };
    },
  });
  let answer: (token: string, url: string) => Response | Promise<Response> = () => new Response();
  const platform = async (input: unknown, init?: RequestInit) => {
    const call = new Request(input as string, init);
    const token = call.headers.get("Authorization")?.replace("Bearer ", "") ?? "none";
    state.sent.push(token);
    return answer(token, call.url);
  };
  const api = bearerFetch(tokens, { origins: [ORIGIN], fetch: platform, onEvent });
  const call = async (path = "/", init?: RequestInit) => (await api(`${ORIGIN}${path}`, init)).status;
  const reply = (next: typeof answer) => {
    answer = next;
  };
  return { clock, tokens, events, state, platform, call, reply };
}

const status = (code: number) => new Response(null, { status: code });
const redirected = (response: Response, url: string) =>
  Object.defineProperties(response, { redirected: { value: true }, url: { value: url } });

describe("a replay", () => {
  test("uses the cached token if it is newer than the rejected one, and requests nothing", async () => {
    const { tokens, state, call, reply } = scene();
    let answerFirst = (_: Response) => {};
    reply((token) => (token === "1" ? new Promise((resolve) => (answerFirst = resolve)) : status(200)));
    const late = call();
    await settled();
    tokens.invalidate(await tokens.get());
    expect((await tokens.get()).value).toBe("2");
    answerFirst(status(401));
    expect(await late).toBe(200);
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2"] });
  });

  test("uses the newer token at a blamed endpoint too", async () => {
    const { state, call, reply } = scene();
    let answerFirst = (_: Response) => {};
    reply(() => new Promise((resolve) => (answerFirst = resolve)));
    const late = call("/sick");
    await settled();
    reply(() => status(401));
    await call("/sick");
    reply(() => status(200));
    answerFirst(status(401));
    expect(await late).toBe(200);
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "1", "2", "2"] });
  });

  test("uses the predecessor first after an ordinary refresh: replicas may lag", async () => {
    const { clock, tokens, state, call, reply } = scene();
    await call();
    await clock.pass(2_800_000);
    await tokens.get();
    await settled();
    reply((token) => status(token === "1" ? 200 : 401));
    expect(await call()).toBe(200);
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "1"] });
  });

  test("uses no predecessor a minute after the refresh: a replica that lags longer is none", async () => {
    const { clock, tokens, state, call, reply } = scene();
    await call();
    await clock.pass(2_800_000);
    await tokens.get();
    await clock.pass(60_000);
    reply((token) => status(token === "2" ? 401 : 200));
    expect(await call()).toBe(200);
    expect(state).toEqual({ tokenRequests: 3, sent: ["1", "2", "3"] });
  });

  test("uses the same token once more, if the server returns it in response to the rejection", async () => {
    const { tokens, state, call, reply } = scene({ request: async () => ({ access_token: "a", expires_in: 60 }) });
    reply(() => status(state.sent.length === 1 ? 401 : 200));
    expect(await call()).toBe(200);
    expect(state).toEqual({ tokenRequests: 2, sent: ["a", "a"] });
    expect(tokens.peekFresh()?.value).toBe("a");
  });

  test("is not made with the same token that was requested before the 401: it may have been revoked since", async () => {
    const answers: ((response: AnyTokenResponse) => void)[] = [];
    const request = () => new Promise<AnyTokenResponse>((resolve) => void answers.push(resolve));
    const answerNext = async (access_token: string) => {
      await settled();
      answers.shift()?.({ access_token, expires_in: 3600 });
    };
    const { state, call, reply } = scene({ request });
    reply((token) => status(token === "a" ? 401 : 200));
    const early = call("/early");
    await answerNext("a");
    await settled();
    // Its refresh is under way, and the server has chosen the token already.
    const late = call("/late");
    await answerNext("a");
    await answerNext("b");
    expect(await late).toBe(200);
    expect(await early).toBe(401);
    expect(state).toEqual({ tokenRequests: 3, sent: ["a", "a", "a", "b"] });
  });

  test("is not made twice with a token that an ordinary refresh returned again: it is not its own predecessor", async () => {
    const { clock, tokens, state, call, reply } = scene({
      request: async () => ({ access_token: "a", expires_in: 60 }),
    });
    await tokens.get();
    await clock.pass(50_000);
    await tokens.get();
    await settled();
    expect(state.tokenRequests).toBe(2);
    reply(() => status(401));
    expect(await call()).toBe(401);
    expect(state).toEqual({ tokenRequests: 3, sent: ["a", "a"] });
  });

  test("that fails without a response rejects as fetch does", async () => {
    const { call, reply } = scene();
    const error = new TypeError("fetch failed");
    reply((token) => (token === "1" ? status(401) : Promise.reject(error)));
    await expect(call()).rejects.toBe(error);
  });

  test("gives up reading the answer that it replaces after a second", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const cancel = vi.fn();
      const { call, reply } = scene();
      reply((token) => (token === "1" ? new Response(new ReadableStream({ cancel }), { status: 401 }) : status(200)));
      expect(await call()).toBe(200);
      vi.advanceTimersByTime(999);
      await settled();
      expect(cancel).not.toHaveBeenCalled();
      vi.advanceTimersByTime(2);
      await settled();
      expect(cancel).toHaveBeenCalledTimes(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test("that cannot be built leaves the 401: by a `fetch` that throws", async () => {
    const { tokens } = scene();
    let calls = 0;
    const fetch = () => {
      if (calls++ > 0) throw new TypeError("cannot be built");
      return Promise.resolve(status(401));
    };
    const response = await bearerFetch(tokens, { origins: [ORIGIN], fetch })(ORIGIN, { method: "POST", body: "x" });
    expect(response.status).toBe(401);
    expect(calls).toBe(2);
  });

  test("that cannot be built leaves the 401: by a `Request` that throws, through openapi-fetch", async () => {
    const { tokens } = scene();
    const PlatformRequest = globalThis.Request;
    let attempts = 0;
    const fetch = async () => {
      globalThis.Request = class {
        constructor() {
          attempts++;
          throw new TypeError("cannot be built");
        }
      } as unknown as typeof Request;
      return status(401);
    };
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
    const api = createClient<any>({ baseUrl: ORIGIN, fetch, Request: ReplayableRequest });
    api.use(bearerMiddleware(tokens, { origins: [ORIGIN] }));
    try {
      expect((await api.POST("/", { body: { a: 1 } })).response.status).toBe(401);
      expect(attempts).toBe(1);
    } finally {
      globalThis.Request = PlatformRequest;
    }
  });
});

describe("while a refresh is forced", () => {
  test("only calls that were answered 401 wait for it", async () => {
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let requests = 0;
    const request = async () => {
      if (requests++ > 0) await slow;
      return { access_token: `${requests}`, expires_in: 3600 };
    };
    const { clock, tokens, state, call, reply } = scene({ request });
    reply((token, url) => status(token === "1" && url.endsWith("/secret") ? 401 : 200));
    const rejected = Promise.all([call("/secret"), call("/secret")]);
    await clock.pass(8000);
    expect(await call("/open")).toBe(200);
    expect((await tokens.get()).value).toBe("1");
    expect(tokens.peekFresh()?.value).toBe("1");
    expect(await Promise.race([rejected, settled()])).toBeUndefined();
    finish();
    expect(await rejected).toEqual([200, 200]);
    expect(state.tokenRequests).toBe(2);
  });

  test("of a source of the user's own, all calls that were answered 401 share it", async () => {
    const { tokens, state, platform, reply } = scene();
    const invalidated: string[] = [];
    const own: Pick<TokenSource, "get" | "invalidate"> = {
      get: (options) => tokens.get(options),
      invalidate(token) {
        invalidated.push(token.value);
        tokens.invalidate(token);
      },
    };
    const api = bearerFetch(own, { origins: [ORIGIN], fetch: platform });
    reply((token) => status(token === "1" ? 401 : 200));
    const responses = await Promise.all([1, 2, 3].map((path) => api(`${ORIGIN}/${path}`)));
    expect(responses.map((response) => response.status)).toEqual([200, 200, 200]);
    expect(invalidated).toEqual(["1"]);
    expect(state.tokenRequests).toBe(2);
  });

  test("a source of the user's own is told of ten rejections at once, and of no more", async () => {
    let invalidations = 0;
    const { tokens, platform, reply } = scene();
    const token = await tokens.get();
    const own: Pick<TokenSource, "get" | "invalidate"> = {
      get: async () => token,
      invalidate: () => void invalidations++,
    };
    const api = bearerFetch(own, { origins: [ORIGIN], fetch: platform });
    reply(() => status(401));
    for (let path = 0; path < 13; path++) expect((await api(`${ORIGIN}/${path}`)).status).toBe(401);
    expect(invalidations).toBe(10);
  });
});

describe("a 401 is no evidence", () => {
  test("if its token has expired meanwhile: the call is replayed, and nothing is forced or blamed", async () => {
    const { clock, events, state, call, reply } = scene({ lifetime: 60 });
    let answerFirst = (_: Response) => {};
    reply((token) => (token === "1" ? new Promise((resolve) => (answerFirst = resolve)) : status(401)));
    const late = call();
    await settled();
    await clock.pass(60_000);
    answerFirst(status(401));
    expect(await late).toBe(401);
    expect(events).toContainEqual({ type: "invalidated", isCurrent: false });
    // The replay with the new token was the experiment of nobody: the next 401 is believed.
    reply((token) => status(token === "2" ? 401 : 200));
    expect(await call()).toBe(200);
    expect(state).toEqual({ tokenRequests: 3, sent: ["1", "2", "2", "3"] });
  });

  test.each<[string, number, string]>([
    ["without a challenge, from one of our origins", 1, `${ORIGIN}/login`],
    ["with invalid_token, from another origin", 1, "https://elsewhere.test/"],
    ["with invalid_token, from one of our origins", 2, `${ORIGIN}/login`],
  ])("after a redirect, unless it names invalid_token: %s, sent %i time(s)", async (how, times, url) => {
    const { events, state, call, reply } = scene();
    const headers = how.startsWith("with invalid_token") ? { "WWW-Authenticate": 'Bearer error="invalid_token"' } : {};
    reply((token) => (token === "1" ? redirected(new Response(null, { status: 401, headers }), url) : status(200)));
    expect(await call()).toBe(times === 1 ? 401 : 200);
    expect(state).toMatchObject({ tokenRequests: times, sent: { length: times } });
    expect(events.some(({ type }) => type === "invalidated")).toBe(times === 2);
  });
});

describe("a replay is accepted", () => {
  /** Ten forced refreshes use the budget up, unless a replay that is accepted refunds them. */
  async function tokenRequestsAfter(replay: () => Response): Promise<number> {
    const { state, call, reply } = scene();
    const rejected = new Set<string>();
    reply((token, url) => {
      // The predecessor is tried too.
      if (rejected.has(url)) return token === `${state.tokenRequests}` ? replay() : status(401);
      rejected.add(url);
      return status(401);
    });
    for (let index = 0; index < 12; index++) await call(`/${index}`);
    return state.tokenRequests;
  }

  test.each([200, 201, 204, 206, 301, 304, 400, 403, 404, 405, 409, 410, 412, 413, 415, 418, 422, 451, 499])(
    "if it is answered %i",
    async (code) => {
      expect(await tokenRequestsAfter(() => status(code))).toBe(13);
    },
  );

  test.each([401, 407, 408, 421, 425, 429, 500, 502, 503, 504, 520, 599])(
    "but not if it is answered %i",
    async (code) => {
      expect(await tokenRequestsAfter(() => status(code))).toBe(11);
    },
  );

  test("but not if it was redirected, or cannot be seen", async () => {
    expect(await tokenRequestsAfter(() => redirected(status(200), `${ORIGIN}/login`))).toBe(11);
    const opaque = () => Object.defineProperty(status(200), "type", { value: "opaque" });
    expect(await tokenRequestsAfter(opaque)).toBe(11);
  });
});

describe("blame", () => {
  test("belongs to method, origin and path: the query is no part of it, and it ends after 5 s", async () => {
    const { clock, state, call, reply } = scene();
    reply((_, url) => status(url.includes("/sick") ? 401 : 200));
    await call("/sick?page=1");
    const forced = (count: number) => expect(state.tokenRequests).toBe(1 + count);
    forced(1);
    await call("/sick?page=2#part");
    await call("/sick");
    forced(1);
    await call("/sick", { method: "POST", body: "x" });
    forced(2);
    await call("/sick/er");
    forced(3);
    await clock.pass(5000);
    await call("/sick?page=3");
    forced(4);
    expect(await call("/good")).toBe(200);
  });

  test("comes of calls that cannot be replayed too, and spares them a refresh each", async () => {
    const { clock, state, call, reply } = scene();
    reply(() => status(401));
    const upload = async () => {
      await call("/sick", { method: "POST", body: new Blob(["x"]).stream(), duplex: "half" } as RequestInit);
      await settled();
    };
    for (let count = 0; count < 4; count++) await upload();
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "2", "2"] });
    await clock.pass(5000);
    await upload();
    expect(state.tokenRequests).toBe(3);
  });

  test("is shared by all that use one source", async () => {
    const { tokens, state, platform, call, reply } = scene();
    reply(() => status(401));
    await call("/sick");
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2"] });
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
    const client = createClient<any>({ baseUrl: ORIGIN, fetch: platform, Request: ReplayableRequest });
    client.use(bearerMiddleware(tokens, { origins: [ORIGIN] }));
    expect((await client.GET("/sick", {})).response.status).toBe(401);
    await bearerFetch(tokens, { origins: [ORIGIN], fetch: platform })(`${ORIGIN}/sick`);
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "2", "2"] });
  });

  test("does not depend on the query through the middleware either", async () => {
    const { tokens, state, platform, reply } = scene();
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
    const client = createClient<any>({ baseUrl: ORIGIN, fetch: platform, Request: ReplayableRequest });
    client.use(bearerMiddleware(tokens, { origins: [ORIGIN] }));
    reply(() => status(401));
    for (const page of [1, 2]) await client.GET("/sick", { params: { query: { page } } });
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "2"] });
  });

  test("is shared by all that use one source of the user's own", async () => {
    const { tokens, state, platform, reply } = scene();
    const own = { get: tokens.get.bind(tokens), invalidate: tokens.invalidate.bind(tokens) };
    reply(() => status(401));
    for (let client = 0; client < 3; client++) {
      await bearerFetch(own, { origins: [ORIGIN], fetch: platform })(`${ORIGIN}/sick`);
    }
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "2", "2"] });
  });
});

describe("a forced refresh that was under way before a rejection", () => {
  test("decides nothing about it by the same token: another one is forced", async () => {
    const issued: string[] = ["a"];
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { state, call, reply } = scene({
      request: async () => {
        const access_token = issued.at(-1) ?? "";
        if (state.tokenRequests === 2) await gate;
        return { access_token, expires_in: 3600 };
      },
    });
    await call();
    const dead = new Set<string>();
    reply((token, url) => status(url.endsWith("/sick") || dead.has(token) ? 401 : 200));
    const sick = call("/sick");
    await settled();
    // Revoked after the server has read which token it would return.
    dead.add("a");
    issued.push("b");
    const good = call("/good");
    await settled();
    open();
    expect(await Promise.all([sick, good])).toEqual([401, 200]);
    expect(await call("/good")).toBe(200);
    expect(state.tokenRequests).toBe(3);
  });
});

describe("a call that cannot be replayed", () => {
  const stream = () => ({ method: "POST", body: new Response("x").body, duplex: "half" }) as RequestInit;

  test("forces a refresh for the next call, and blames its endpoint for 5 s", async () => {
    const { clock, state, call, reply } = scene();
    reply(() => status(401));
    for (let upload = 0; upload < 3; upload++) {
      expect(await call("/upload", stream())).toBe(401);
      await settled();
    }
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "2"] });
    await clock.pass(5000);
    await call("/upload", stream());
    await settled();
    expect(state.tokenRequests).toBe(3);
  });

  test("requests no token if its own has expired meanwhile: the next call does", async () => {
    const { clock, state, call, reply } = scene({ lifetime: 60 });
    let answer = (_: Response) => {};
    reply(() => new Promise((resolve) => (answer = resolve)));
    const upload = call("/upload", stream());
    await settled();
    await clock.pass(60_000);
    answer(status(401));
    expect(await upload).toBe(401);
    await settled();
    expect(state.tokenRequests).toBe(1);
  });
});

describe("a source of the user's own", () => {
  /** A source that has another token after each invalidation. */
  function ownSource() {
    const { tokens } = scene();
    const invalidated: string[] = [];
    const own = {
      get: async () => tokens.get(),
      invalidate: (token: Awaited<ReturnType<typeof tokens.get>>) => {
        invalidated.push(token.value);
        tokens.invalidate(token);
      },
    };
    return { own, invalidated };
  }

  test("is told once of a token that many calls found rejected", async () => {
    const { own, invalidated } = ownSource();
    const fetch = async (_: unknown, init?: RequestInit) =>
      status(new Headers(init?.headers).get("Authorization") === "Bearer 1" ? 401 : 200);
    const api = bearerFetch(own, { origins: [ORIGIN], fetch });
    const responses = await Promise.all(Array.from({ length: 20 }, (_, index) => api(`${ORIGIN}/${index}`)));
    expect(new Set(responses.map(({ status: code }) => code))).toEqual(new Set([200]));
    expect(invalidated).toEqual(["1"]);
  });

  test("is told of ten rejections at once, however many sick URLs there are", async () => {
    const { own, invalidated } = ownSource();
    const api = bearerFetch(own, { origins: [ORIGIN], fetch: async () => status(401) });
    for (let url = 0; url < 30; url++) await api(`${ORIGIN}/${url}`);
    expect(invalidated).toHaveLength(10);
  });
});

test("the middleware blames an endpoint whatever the query", async () => {
  const { tokens, state, platform, reply } = scene();
  reply(() => status(401));
  // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
  const client = createClient<any>({ baseUrl: ORIGIN, fetch: platform });
  client.use(bearerMiddleware(tokens, { origins: [ORIGIN] }));
  for (const page of [1, 2, 3]) await client.GET("/sick", { params: { query: { page } } });
  expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "2", "2"] });
});

describe("a request that gets no token", () => {
  test.each([
    ["origin", "https://elsewhere.test/", {}],
    ["authorization", `${ORIGIN}/`, { headers: { Authorization: "Bearer dummy" } }],
  ])("is reported with the reason: %s (%s, %j)", async (reason, url, init) => {
    for (const isMiddleware of [false, true]) {
      const { tokens, state, events, platform } = scene();
      const options = { origins: [ORIGIN], onEvent: (event: TokenEvent) => void events.push(event) };
      if (isMiddleware) {
        // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
        const client = createClient<any>({ baseUrl: new URL(url).origin, fetch: platform });
        client.use(bearerMiddleware(tokens, options));
        await client.GET("/", init);
      } else {
        await bearerFetch(tokens, { ...options, fetch: platform })(url, init);
      }
      expect(events).toEqual([{ type: "skipped", reason, origin: new URL(url).origin }]);
      expect(state).toMatchObject({ tokenRequests: 0, sent: { length: 1 } });
    }
  });

  test("goes to another base URL that one call of a client names, through the middleware", async () => {
    const { tokens, state, platform } = scene();
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
    const client = createClient<any>({ baseUrl: ORIGIN, fetch: platform });
    client.use(bearerMiddleware(tokens, { origins: [ORIGIN] }));
    await client.GET("/", {});
    await client.GET("/", { baseUrl: "https://elsewhere.test" });
    await client.GET("/", { baseUrl: "http://api.test" });
    expect(state.sent).toEqual(["1", "none", "none"]);
  });

  test("is relative on a page whose base is another origin", async () => {
    const { tokens, state, platform } = scene();
    const page = globalThis as { document?: { baseURI: string }; location?: { href: string } };
    const seen: unknown[] = [];
    const fetch = async (input: unknown, init?: RequestInit) => {
      seen.push(input);
      return platform(new URL(input as string, page.document?.baseURI), init);
    };
    const api = bearerFetch(tokens, { origins: [ORIGIN], fetch });
    page.location = { href: `${ORIGIN}/page` };
    page.document = { baseURI: "https://elsewhere.test/" };
    try {
      await api("/path");
      page.document = { baseURI: `${ORIGIN}/base/` };
      await api("path");
    } finally {
      delete page.document;
      delete page.location;
    }
    expect(state.sent).toEqual(["none", "1"]);
    expect(seen).toEqual(["/path", "path"]);
  });
});

test("a call that fails stops the source of the stream that was copied for a replay", async () => {
  const { tokens } = scene();
  await tokens.get();
  const cancel = vi.fn();
  const error = new TypeError("fetch failed");
  const fetch = async (input: unknown) => {
    // As the platform does; it resolves when the copy is given up too.
    (input as Request).body?.cancel(error).catch(() => {});
    throw error;
  };
  const body = new ReadableStream({ cancel });
  const request = new Request(ORIGIN, { method: "POST", body, duplex: "half" } as RequestInit);
  await expect(bearerFetch(tokens, { origins: [ORIGIN], fetch })(request)).rejects.toBe(error);
  await settled();
  expect(cancel).toHaveBeenCalledTimes(1);
});

describe("where `Request` has no `body`, as in Firefox", () => {
  test.each<[string, () => Request]>([
    ["a Request without a body", () => new Request(ORIGIN)],
    ["a Request with a body", () => new Request(ORIGIN, { method: "POST", body: "a body" })],
    ["a DELETE without a body", () => new Request(ORIGIN, { method: "DELETE" })],
    ["a ReplayableRequest", () => new ReplayableRequest(ORIGIN, { method: "POST", body: "a body" })],
  ])("%s is replayed after a 401, whole", async (_, make) => {
    const { tokens } = scene();
    const bodies: string[] = [];
    const fetch = async (input: unknown, init?: RequestInit) => {
      const request = new Request(input as string, init);
      bodies.push(await request.text());
      return status(request.headers.get("Authorization") === "Bearer 1" ? 401 : 200);
    };
    const body = Object.getOwnPropertyDescriptor(Request.prototype, "body") as PropertyDescriptor;
    Reflect.deleteProperty(Request.prototype, "body");
    try {
      const { status } = await bearerFetch(tokens, { origins: [ORIGIN], fetch })(make());
      expect(status).toBe(200);
    } finally {
      Object.defineProperty(Request.prototype, "body", body);
    }
    const whole = make().method === "POST" ? "a body" : "";
    expect(bodies).toEqual([whole, whole]);
  });
});

// What happens after a 401, with a real source. `docs/how-it-decides.md` has the rules, `worlds.test.ts` has long simulations.

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

/** An API whose responses the test defines, and a source whose tokens are 1, 2, 3 … */
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
  let respond: (token: string, url: string) => Response | Promise<Response> = () => new Response();
  const platform = async (input: unknown, init?: RequestInit) => {
    const call = new Request(input as string, init);
    const token = call.headers.get("Authorization")?.replace("Bearer ", "") ?? "none";
    state.sent.push(token);
    return respond(token, call.url);
  };
  const api = bearerFetch(tokens, { origins: [ORIGIN], fetch: platform, onEvent });
  const call = async (path = "/", init?: RequestInit) => (await api(`${ORIGIN}${path}`, init)).status;
  const reply = (next: typeof respond) => {
    respond = next;
  };
  return { clock, tokens, events, state, platform, call, reply };
}

const status = (code: number) => new Response(null, { status: code });
const redirected = (response: Response, url: string) =>
  Object.defineProperties(response, { redirected: { value: true }, url: { value: url } });

describe("a replay", () => {
  test("uses the cached token if it is newer than the rejected one, and requests nothing", async () => {
    const { tokens, state, call, reply } = scene();
    let respondFirst = (_: Response) => {};
    reply((token) => (token === "1" ? new Promise((resolve) => (respondFirst = resolve)) : status(200)));
    const late = call();
    await settled();
    tokens.invalidate(await tokens.get());
    expect((await tokens.get()).value).toBe("2");
    respondFirst(status(401));
    expect(await late).toBe(200);
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2"] });
  });

  test("uses the newer token at a blamed endpoint too", async () => {
    const { state, call, reply } = scene();
    let respondFirst = (_: Response) => {};
    reply(() => new Promise((resolve) => (respondFirst = resolve)));
    const late = call("/sick");
    await settled();
    reply(() => status(401));
    await call("/sick");
    reply(() => status(200));
    respondFirst(status(401));
    expect(await late).toBe(200);
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "1", "2", "2"] });
  });

  test("uses the predecessor first if an ordinary refresh has just replaced it, as replicas may lag", async () => {
    const { clock, tokens, state, call, reply } = scene();
    await call();
    await clock.pass(2_800_000);
    await tokens.get();
    await settled();
    reply((token) => status(token === "1" ? 200 : 401));
    expect(await call()).toBe(200);
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "1"] });
  });

  test("does not use the predecessor a minute after the refresh", async () => {
    const { clock, tokens, state, call, reply } = scene();
    await call();
    await clock.pass(2_800_000);
    await tokens.get();
    await clock.pass(60_000);
    reply((token) => status(token === "2" ? 401 : 200));
    expect(await call()).toBe(200);
    expect(state).toEqual({ tokenRequests: 3, sent: ["1", "2", "3"] });
  });

  test("uses the same token if the forced refresh returns it again", async () => {
    const { tokens, state, call, reply } = scene({ request: async () => ({ access_token: "a", expires_in: 60 }) });
    reply(() => status(state.sent.length === 1 ? 401 : 200));
    expect(await call()).toBe(200);
    expect(state).toEqual({ tokenRequests: 2, sent: ["a", "a"] });
    expect(tokens.peekFresh()?.value).toBe("a");
  });

  test("does not use a token that was requested before the 401, if it is the rejected one", async () => {
    const pending: ((response: AnyTokenResponse) => void)[] = [];
    const request = () => new Promise<AnyTokenResponse>((resolve) => void pending.push(resolve));
    const respondNext = async (access_token: string) => {
      await settled();
      pending.shift()?.({ access_token, expires_in: 3600 });
    };
    const { state, call, reply } = scene({ request });
    reply((token) => status(token === "a" ? 401 : 200));
    const early = call("/early");
    await respondNext("a");
    await settled();
    // The forced refresh of /early is under way, and the server has already chosen its token.
    const late = call("/late");
    await respondNext("a");
    await respondNext("b");
    expect(await late).toBe(200);
    expect(await early).toBe(401);
    expect(state).toEqual({ tokenRequests: 3, sent: ["a", "a", "a", "b"] });
  });

  test("is made once, not twice, with a token that an ordinary refresh returned again", async () => {
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

  test("stops reading the 401 after a second", async () => {
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

  test("with a `fetch` that throws leaves the 401 as the response", async () => {
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

  test("with a `Request` that throws leaves the 401 as the response, through openapi-fetch", async () => {
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
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
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

  test("at a custom source, all calls that were answered 401 share it", async () => {
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

  test("a custom source that returns the same token again is invalidated ten times at once, then no more", async () => {
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

describe("a 401 does not count", () => {
  test("if its token has expired meanwhile: the call is replayed, and nothing is forced or blamed", async () => {
    const { clock, events, state, call, reply } = scene({ lifetime: 60 });
    let respondFirst = (_: Response) => {};
    reply((token) => (token === "1" ? new Promise((resolve) => (respondFirst = resolve)) : status(401)));
    const late = call();
    await settled();
    await clock.pass(60_000);
    respondFirst(status(401));
    expect(await late).toBe(401);
    expect(events).toContainEqual({ type: "invalidated", isCurrent: false });
    // That replay taught nothing, so the next 401 counts.
    reply((token) => status(token === "2" ? 401 : 200));
    expect(await call()).toBe(200);
    expect(state).toEqual({ tokenRequests: 3, sent: ["1", "2", "2", "3"] });
  });

  test.each<[string, number, string]>([
    ["without a challenge, by one of our origins,", 1, `${ORIGIN}/login`],
    ["with invalid_token, by another origin,", 1, "https://elsewhere.test/"],
    ["with invalid_token, by one of our origins,", 2, `${ORIGIN}/login`],
  ])("after a redirect unless it names invalid_token: sent %s it leads to %i request(s)", async (how, times, url) => {
    const { events, state, call, reply } = scene();
    const headers = how.startsWith("with invalid_token") ? { "WWW-Authenticate": 'Bearer error="invalid_token"' } : {};
    reply((token) => (token === "1" ? redirected(new Response(null, { status: 401, headers }), url) : status(200)));
    expect(await call()).toBe(times === 1 ? 401 : 200);
    expect(state).toMatchObject({ tokenRequests: times, sent: { length: times } });
    expect(events.some(({ type }) => type === "invalidated")).toBe(times === 2);
  });
});

describe("a replay is accepted", () => {
  /** Ten forced refreshes use up the budget, unless accepted replays refund them. */
  async function tokenRequestsAfter(replay: () => Response): Promise<number> {
    const { state, call, reply } = scene();
    const rejected = new Set<string>();
    reply((token, url) => {
      // A replay with the predecessor is rejected.
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

  test("but not if it was redirected or is opaque", async () => {
    expect(await tokenRequestsAfter(() => redirected(status(200), `${ORIGIN}/login`))).toBe(11);
    const opaque = () => Object.defineProperty(status(200), "type", { value: "opaque" });
    expect(await tokenRequestsAfter(opaque)).toBe(11);
  });
});

describe("blame", () => {
  test("belongs to a method, origin and path without the query, and ends after 5 s", async () => {
    const { clock, state, call, reply } = scene();
    reply((_, url) => status(url.includes("/sick") ? 401 : 200));
    await call("/sick?page=1");
    const expectForced = (count: number) => expect(state.tokenRequests).toBe(1 + count);
    expectForced(1);
    await call("/sick?page=2#part");
    await call("/sick");
    expectForced(1);
    await call("/sick", { method: "POST", body: "x" });
    expectForced(2);
    await call("/sick/er");
    expectForced(3);
    await clock.pass(5000);
    await call("/sick?page=3");
    expectForced(4);
    expect(await call("/good")).toBe(200);
  });

  test("of an endpoint follows calls that cannot be replayed too, so that only the first forces a refresh", async () => {
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

  test("is shared by middleware and bearerFetch on one source", async () => {
    const { tokens, state, platform, call, reply } = scene();
    reply(() => status(401));
    await call("/sick");
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2"] });
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
    const client = createClient<any>({ baseUrl: ORIGIN, fetch: platform, Request: ReplayableRequest });
    client.use(bearerMiddleware(tokens, { origins: [ORIGIN] }));
    expect((await client.GET("/sick", {})).response.status).toBe(401);
    await bearerFetch(tokens, { origins: [ORIGIN], fetch: platform })(`${ORIGIN}/sick`);
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "2", "2"] });
  });

  test("does not depend on the query, through the middleware and ReplayableRequest", async () => {
    const { tokens, state, platform, reply } = scene();
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
    const client = createClient<any>({ baseUrl: ORIGIN, fetch: platform, Request: ReplayableRequest });
    client.use(bearerMiddleware(tokens, { origins: [ORIGIN] }));
    reply(() => status(401));
    for (const page of [1, 2]) await client.GET("/sick", { params: { query: { page } } });
    expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "2"] });
  });

  test("is shared by all wrappers of one custom source", async () => {
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
  test("and returns the rejected token is followed by another one", async () => {
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
    // The token is revoked after the server has chosen to return it again.
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

  test("forces a refresh for the next call; then its endpoint is blamed for 5 s", async () => {
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

  test("forces no refresh if its token has expired meanwhile", async () => {
    const { clock, state, call, reply } = scene({ lifetime: 60 });
    let respond = (_: Response) => {};
    reply(() => new Promise((resolve) => (respond = resolve)));
    const upload = call("/upload", stream());
    await settled();
    await clock.pass(60_000);
    respond(status(401));
    expect(await upload).toBe(401);
    await settled();
    expect(state.tokenRequests).toBe(1);
  });
});

describe("a custom source", () => {
  /** A source with another token after each invalidation. */
  function customSource() {
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

  test("is invalidated once if many calls with one token are answered 401", async () => {
    const { own, invalidated } = customSource();
    const fetch = async (_: unknown, init?: RequestInit) =>
      status(new Headers(init?.headers).get("Authorization") === "Bearer 1" ? 401 : 200);
    const api = bearerFetch(own, { origins: [ORIGIN], fetch });
    const responses = await Promise.all(Array.from({ length: 20 }, (_, index) => api(`${ORIGIN}/${index}`)));
    expect(new Set(responses.map(({ status: code }) => code))).toEqual(new Set([200]));
    expect(invalidated).toEqual(["1"]);
  });

  test("is invalidated ten times at once, however many URLs answer 401", async () => {
    const { own, invalidated } = customSource();
    const api = bearerFetch(own, { origins: [ORIGIN], fetch: async () => status(401) });
    for (let url = 0; url < 30; url++) await api(`${ORIGIN}/${url}`);
    expect(invalidated).toHaveLength(10);
  });
});

test("blame does not depend on the query, through the middleware and plain Request", async () => {
  const { tokens, state, platform, reply } = scene();
  reply(() => status(401));
  // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
  const client = createClient<any>({ baseUrl: ORIGIN, fetch: platform });
  client.use(bearerMiddleware(tokens, { origins: [ORIGIN] }));
  for (const page of [1, 2, 3]) await client.GET("/sick", { params: { query: { page } } });
  expect(state).toEqual({ tokenRequests: 2, sent: ["1", "2", "2", "2"] });
});

describe("a request that gets no token", () => {
  test.each([
    ["origin", "https://elsewhere.test/", {}],
    ["authorization", `${ORIGIN}/`, { headers: { Authorization: "Bearer dummy" } }],
  ])("is reported with the reason `%s`: to %s with %j", async (reason, url, init) => {
    for (const isMiddleware of [false, true]) {
      const { tokens, state, events, platform } = scene();
      const options = { origins: [ORIGIN], onEvent: (event: TokenEvent) => void events.push(event) };
      if (isMiddleware) {
        // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
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

  test("may be a call of the middleware with another `baseUrl`", async () => {
    const { tokens, state, platform } = scene();
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
    const client = createClient<any>({ baseUrl: ORIGIN, fetch: platform });
    client.use(bearerMiddleware(tokens, { origins: [ORIGIN] }));
    await client.GET("/", {});
    await client.GET("/", { baseUrl: "https://elsewhere.test" });
    await client.GET("/", { baseUrl: "http://api.test" });
    expect(state.sent).toEqual(["1", "none", "none"]);
  });

  test("may have a relative URL, on a page whose <base> is another origin", async () => {
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

test("a call that fails cancels the stream that was copied for a replay", async () => {
  const { tokens } = scene();
  await tokens.get();
  const cancel = vi.fn();
  const error = new TypeError("fetch failed");
  const fetch = async (input: unknown) => {
    // As the platform does. The promise resolves when the copy is cancelled too.
    (input as Request).body?.cancel(error).catch(() => {});
    throw error;
  };
  const body = new ReadableStream({ cancel });
  const request = new Request(ORIGIN, { method: "POST", body, duplex: "half" } as RequestInit);
  await expect(bearerFetch(tokens, { origins: [ORIGIN], fetch })(request)).rejects.toBe(error);
  await settled();
  expect(cancel).toHaveBeenCalledTimes(1);
});

describe("if `Request` has no `body`, as in Firefox", () => {
  test.each<[string, () => Request]>([
    ["a Request without a body", () => new Request(ORIGIN)],
    ["a Request with a body", () => new Request(ORIGIN, { method: "POST", body: "a body" })],
    ["a DELETE without a body", () => new Request(ORIGIN, { method: "DELETE" })],
    ["a ReplayableRequest", () => new ReplayableRequest(ORIGIN, { method: "POST", body: "a body" })],
  ])("%s is replayed after a 401, with its body", async (_, make) => {
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
    const expected = make().method === "POST" ? "a body" : "";
    expect(bodies).toEqual([expected, expected]);
  });
});

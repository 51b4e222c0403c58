// `bearerFetch` as the global `fetch`, together with instrumentation and mocks that replace it too.

import { bearerFetch, createTokenSource, type TokenEvent } from "oauth2-token-response";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type EchoServer, startEchoServer } from "./provider/echo.ts";
import { CLIENT, type Provider, startProvider } from "./provider/provider.ts";

const platformFetch = globalThis.fetch;
let provider: Provider;
let [api, second]: EchoServer[] = [];
let seen: string[] = [];

beforeAll(async () => {
  [api, second] = await Promise.all([startEchoServer(), startEchoServer()]);
});
afterAll(() => Promise.all([api?.close(), second?.close()]));
beforeEach(async () => {
  provider = await startProvider();
  seen = [];
  for (const server of [api, second]) server?.reset();
});
afterEach(() => {
  globalThis.fetch = platformFetch;
  return provider.close();
});

const sourceOf = (timeoutMs = 3000) =>
  createTokenSource({ baseUrl: provider.baseUrl, ...CLIENT, scope: ["enterprise.company"], timeoutMs });

/** Wraps the global `fetch`, as instrumentation does. */
function instrument(name: string): void {
  const before = globalThis.fetch;
  globalThis.fetch = (...args) => {
    const [input] = args;
    seen.push(`${name} ${new URL(input instanceof Request ? input.url : input).pathname}`);
    return before(...args);
  };
}

const tokensAt = (server: EchoServer | undefined) =>
  server?.seen.map(({ authorization }) => authorization?.slice(0, 12));

test("as the global fetch, bearerFetch sends the token, and its source requests the token without it", async () => {
  const events: TokenEvent[] = [];
  globalThis.fetch = bearerFetch(sourceOf(), { origins: [api?.origin ?? ""], onEvent: (event) => events.push(event) });
  expect((await fetch(`${api?.origin}/a`)).status).toBe(200);
  expect((await fetch(new Request(`${api?.origin}/b`, { method: "POST", body: "x" }))).status).toBe(200);
  expect(tokensAt(api)).toEqual(["Bearer test_", "Bearer test_"]);
  expect(provider.tokenRequests).toBe(1);
  // If the token request passed the wrapper, it would cause a `skipped` event.
  expect(events).toEqual([]);
});

test("as the global fetch, bearerFetch works if the API has the origin of the token endpoint", async () => {
  globalThis.fetch = bearerFetch(sourceOf());
  expect((await fetch(`${provider.baseUrl}/companies`)).status).toBe(200);
  expect(provider.tokenRequests).toBe(1);
});

test("two nested wrappers send the token of their own source each", async () => {
  const own = createTokenSource({ request: async () => ({ access_token: "of the second".replaceAll(" ", "-") }) });
  globalThis.fetch = bearerFetch(sourceOf(), { origins: [api?.origin ?? ""] });
  globalThis.fetch = bearerFetch(own, { origins: [second?.origin ?? ""] });
  await Promise.all([fetch(`${api?.origin}/`), fetch(`${second?.origin}/`)]);
  expect(tokensAt(api)).toEqual(["Bearer test_"]);
  expect(tokensAt(second)).toEqual(["Bearer of-th"]);
  expect(provider.tokenRequests).toBe(1);
});

test("a wrapper beside the global one does not call through it", async () => {
  const own = createTokenSource({ request: async () => ({ access_token: "own" }) });
  globalThis.fetch = bearerFetch(sourceOf(), { origins: [api?.origin ?? ""] });
  const beside = bearerFetch(own, { origins: [second?.origin ?? ""] });
  await Promise.all([beside(`${api?.origin}/`), beside(`${second?.origin}/`)]);
  expect(tokensAt(api)).toEqual([undefined]);
  expect(tokensAt(second)).toEqual(["Bearer own"]);
});

test("instrumentation inside the wrapper sees the call and the token request once each", async () => {
  instrument("before");
  globalThis.fetch = bearerFetch(sourceOf());
  expect((await fetch(`${provider.baseUrl}/companies`)).status).toBe(200);
  expect(seen.sort()).toEqual(["before /companies", "before /oauth2/token"]);
});

test("instrumentation around the wrapper sees the token request once, without a deadlock", async () => {
  globalThis.fetch = bearerFetch(sourceOf());
  instrument("after");
  expect((await fetch(`${provider.baseUrl}/companies`)).status).toBe(200);
  expect(provider.tokenRequests).toBe(1);
  expect(seen.filter((call) => call === "after /oauth2/token")).toHaveLength(1);
});

test("instrumentation around, between and inside two wrappers does not affect them", async () => {
  const own = createTokenSource({ request: async () => ({ access_token: "own" }) });
  instrument("first");
  globalThis.fetch = bearerFetch(sourceOf(), { origins: [api?.origin ?? "", provider.baseUrl] });
  instrument("between");
  globalThis.fetch = bearerFetch(own, { origins: [second?.origin ?? ""] });
  instrument("last");
  const calls = [`${api?.origin}/`, `${second?.origin}/`, `${provider.baseUrl}/companies`].map((url) => fetch(url));
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(tokensAt(api)).toEqual(["Bearer test_"]);
  expect(tokensAt(second)).toEqual(["Bearer own"]);
  expect(provider.tokenRequests).toBe(1);
});

test("a 401 is replayed if there is instrumentation around the wrapper", async () => {
  const names = ["a", "b"];
  const tokens = createTokenSource({ request: async () => ({ access_token: names.shift() ?? "c" }) });
  api?.rejected.add("a");
  globalThis.fetch = bearerFetch(tokens, { origins: [api?.origin ?? ""] });
  instrument("after");
  expect((await fetch(`${api?.origin}/`)).status).toBe(200);
  expect(tokensAt(api)).toEqual(["Bearer a", "Bearer b"]);
});

test("a mock that is installed later receives the calls of an earlier wrapper, and its token request", async () => {
  const wrapper = bearerFetch(sourceOf());
  const mocked: string[] = [];
  globalThis.fetch = async (input, init) => {
    mocked.push(`${input} ${new Headers(init?.headers).get("Authorization")}`);
    return Response.json({ access_token: "mocked" });
  };
  expect(await (await wrapper(`${provider.baseUrl}/companies`)).json()).toEqual({ access_token: "mocked" });
  expect(mocked).toEqual([`${provider.baseUrl}/oauth2/token null`, `${provider.baseUrl}/companies Bearer mocked`]);
  expect(provider.tokenRequests).toBe(0);
});

test("asynchronous instrumentation around the wrapper causes no endless loop", async () => {
  globalThis.fetch = bearerFetch(sourceOf(), { origins: [api?.origin ?? ""] });
  const before = globalThis.fetch;
  globalThis.fetch = async (...args) => {
    await null;
    return before(...args);
  };
  expect((await fetch(`${api?.origin}/`)).status).toBe(200);
  expect((await fetch(`${api?.origin}/`)).status).toBe(200);
  expect((await fetch(`${second?.origin}/`)).status).toBe(200);
  expect(tokensAt(api)).toEqual(["Bearer test_", "Bearer test_"]);
  expect(tokensAt(second)).toEqual([undefined]);
});

test.each(["at once", "after a while"])(
  "a `request` that calls the bearerFetch of another source %s sends its token",
  async (when) => {
    const outer = createTokenSource({ request: async () => ({ access_token: "outer" }) });
    const exchange = bearerFetch(outer, { origins: [api?.origin ?? ""] });
    const inner = createTokenSource({
      request: async ({ signal }) => {
        if (when !== "at once") await new Promise((resolve) => setTimeout(resolve, 1));
        await exchange(`${api?.origin}/`, { signal });
        return { access_token: "inner" };
      },
    });
    expect((await inner.get()).value).toBe("inner");
    expect(tokensAt(api)).toEqual(["Bearer outer"]);
  },
);

test("a `request` that calls the wrapped global fetch causes no deadlock, even if its endpoint has the origin of the API", async () => {
  const tokens = createTokenSource({
    request: async ({ signal }) => {
      await null;
      await fetch(`${api?.origin}/token`, { method: "POST", signal });
      return { access_token: "own" };
    },
  });
  globalThis.fetch = bearerFetch(tokens, { origins: [api?.origin ?? ""] });
  expect((await fetch(`${api?.origin}/`)).status).toBe(200);
  expect(tokensAt(api)).toEqual([undefined, "Bearer own"]);
});

test("a custom `fetch` that calls the global one, which is the wrapper, causes no endless loop", async () => {
  const tokens = createTokenSource({ request: async () => ({ access_token: "own" }) });
  globalThis.fetch = bearerFetch(tokens, { origins: [api?.origin ?? ""], fetch: (...args) => fetch(...args) });
  expect((await fetch(`${api?.origin}/`)).status).toBe(200);
  expect(tokensAt(api)).toEqual(["Bearer own"]);
});

test("every call reaches a mock, also a hundred at once, and one with its own Authorization header", async () => {
  const tokens = createTokenSource({ request: async () => ({ access_token: "own" }) });
  const wrapper = bearerFetch(tokens, { origins: [api?.origin ?? ""] });
  let mocked = 0;
  globalThis.fetch = async () => {
    mocked += 1;
    await null;
    return new Response();
  };
  await Promise.all(Array.from({ length: 100 }, () => wrapper(`${second?.origin}/`)));
  await wrapper(`${api?.origin}/`);
  expect(mocked).toBe(101);
  await wrapper(`${api?.origin}/`, { headers: { Authorization: "Bearer own" } });
  await wrapper(`${api?.origin}/`);
  expect(mocked).toBe(102);
  expect(tokensAt(second)).toEqual([]);
});

// A `bearerFetch` in the place of the global `fetch`, where other software puts its own functions too.

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

/** Puts a function around the global `fetch`, as instrumentation does. */
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

test("as the global fetch it sends the token, and its source requests the token without it", async () => {
  const events: TokenEvent[] = [];
  globalThis.fetch = bearerFetch(sourceOf(), { origins: [api?.origin ?? ""], onEvent: (event) => events.push(event) });
  expect((await fetch(`${api?.origin}/a`)).status).toBe(200);
  expect((await fetch(new Request(`${api?.origin}/b`, { method: "POST", body: "x" }))).status).toBe(200);
  expect(tokensAt(api)).toEqual(["Bearer test_", "Bearer test_"]);
  expect(provider.tokenRequests).toBe(1);
  // The token request would be one of another origin.
  expect(events).toEqual([]);
});

test("as the global fetch it gets the token that belongs to the origin of the token endpoint itself", async () => {
  globalThis.fetch = bearerFetch(sourceOf());
  expect((await fetch(`${provider.baseUrl}/companies`)).status).toBe(200);
  expect(provider.tokenRequests).toBe(1);
});

test("two of them, for two sources, one around the other, each send their own token", async () => {
  const own = createTokenSource({ request: async () => ({ access_token: "of the second".replaceAll(" ", "-") }) });
  globalThis.fetch = bearerFetch(sourceOf(), { origins: [api?.origin ?? ""] });
  globalThis.fetch = bearerFetch(own, { origins: [second?.origin ?? ""] });
  await Promise.all([fetch(`${api?.origin}/`), fetch(`${second?.origin}/`)]);
  expect(tokensAt(api)).toEqual(["Bearer test_"]);
  expect(tokensAt(second)).toEqual(["Bearer of-th"]);
  expect(provider.tokenRequests).toBe(1);
});

test("one that is called beside the global one does not go through it", async () => {
  const own = createTokenSource({ request: async () => ({ access_token: "own" }) });
  globalThis.fetch = bearerFetch(sourceOf(), { origins: [api?.origin ?? ""] });
  const beside = bearerFetch(own, { origins: [second?.origin ?? ""] });
  await Promise.all([beside(`${api?.origin}/`), beside(`${second?.origin}/`)]);
  expect(tokensAt(api)).toEqual([undefined]);
  expect(tokensAt(second)).toEqual(["Bearer own"]);
});

test("instrumentation that was there before sees the call and the token request once each", async () => {
  instrument("before");
  globalThis.fetch = bearerFetch(sourceOf());
  expect((await fetch(`${provider.baseUrl}/companies`)).status).toBe(200);
  expect(seen.sort()).toEqual(["before /companies", "before /oauth2/token"]);
});

test("instrumentation around it sees the token request too, which does not wait for itself", async () => {
  globalThis.fetch = bearerFetch(sourceOf());
  instrument("after");
  expect((await fetch(`${provider.baseUrl}/companies`)).status).toBe(200);
  expect(provider.tokenRequests).toBe(1);
  expect(seen.filter((call) => call === "after /oauth2/token")).toHaveLength(1);
});

test("instrumentation around two of them, and between them, changes nothing", async () => {
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

test("a 401 is replayed through instrumentation around it", async () => {
  const names = ["a", "b"];
  const tokens = createTokenSource({ request: async () => ({ access_token: names.shift() ?? "c" }) });
  api?.refused.add("a");
  globalThis.fetch = bearerFetch(tokens, { origins: [api?.origin ?? ""] });
  instrument("after");
  expect((await fetch(`${api?.origin}/`)).status).toBe(200);
  expect(tokensAt(api)).toEqual(["Bearer a", "Bearer b"]);
});

test("a mock that is installed later gets the calls of a wrapper that was made before, and the token request", async () => {
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

test("asynchronous instrumentation around it ends, with a token and without one yet", async () => {
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

test("a `request` that calls the global fetch does not wait for itself, though its endpoint has an origin of the API", async () => {
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

test("a `fetch` of the user's own that calls the global one, which is the wrapper, ends", async () => {
  const tokens = createTokenSource({ request: async () => ({ access_token: "own" }) });
  globalThis.fetch = bearerFetch(tokens, { origins: [api?.origin ?? ""], fetch: (...args) => fetch(...args) });
  expect((await fetch(`${api?.origin}/`)).status).toBe(200);
  expect(tokensAt(api)).toEqual(["Bearer own"]);
});

test("no call goes round a mock, however many there are at once, with a token set by hand among them", async () => {
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

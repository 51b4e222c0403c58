// What callers leave behind: nothing.

import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { bearerFetch, createTokenSource, type TokenSource } from "oauth2-token-response";
import { bearerMiddleware, ReplayableRequest } from "oauth2-token-response/openapi-fetch";
import createClient from "openapi-fetch";
import { expect, test } from "vitest";
import { FakeClock, settled } from "./fake-clock.ts";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

function slowSource() {
  const clock = new FakeClock();
  const request = async () => {
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 1000));
    return { access_token: "t", expires_in: 3600 };
  };
  return { clock, tokens: createTokenSource({ request, clock }) };
}

test.each([
  ["each with a signal of its own", 10_000],
  ["with one signal", 1],
])("ten thousand waiting callers, %s, leave no listener", async (_, count) => {
  const { clock, tokens } = slowSource();
  const signals = Array.from({ length: count }, () => new AbortController().signal);
  const listeners = () => signals.reduce((sum, signal) => sum + getEventListeners(signal, "abort").length, 0);
  const calls = Array.from({ length: 10_000 }, (_, index) => tokens.get({ signal: signals[index % count] }));
  expect(listeners()).toBe(count);
  await clock.pass(1000);
  await Promise.all(calls);
  await settled();
  expect(listeners()).toBe(0);
  expect(clock.timers).toBe(0);
});

/** By how much the heap grows while something is done many times, once it has been done as often before. */
async function growthOf(times: number, work: () => Promise<unknown>): Promise<number> {
  const doAll = async () => {
    for (let count = 0; count < times; count++) await work();
    await settled();
    gc();
    return process.memoryUsage().heapUsed;
  };
  const before = await doAll();
  return (await doAll()) - before;
}

test("a million calls with a cached token do not increase the memory", async () => {
  const tokens = createTokenSource({ request: async () => ({ access_token: "t", expires_in: 3600 }) });
  const { signal } = new AbortController();
  // Less than a byte for each.
  expect(await growthOf(1_000_000, () => tokens.get({ signal }))).toBeLessThan(1_000_000);
});

test.each<[string, (source: TokenSource, fetch: () => Promise<Response>) => () => Promise<unknown>]>([
  [
    "bearerFetch",
    (source, fetch) => {
      const authorised = bearerFetch(source, { fetch, origins: ["https://api.test"] });
      return () => authorised("https://api.test/", { method: "POST", body: "body" });
    },
  ],
  [
    "the middleware",
    (source, fetch) => {
      // biome-ignore lint/suspicious/noExplicitAny: an API of one path that takes whatever it gets.
      const api = createClient<any>({ baseUrl: "https://api.test", fetch, Request: ReplayableRequest });
      api.use(bearerMiddleware(source, { origins: ["https://api.test"] }));
      return () => api.POST("/", { body: "body", parseAs: "text" });
    },
  ],
])("calls of %s whose tokens are rejected again and again do not increase the memory", async (_, face) => {
  let issued = 0;
  const clock = new FakeClock();
  // A kilobyte each: what keeps some hundred more than it should is seen.
  const request = async () => ({ access_token: `${issued++}`.padEnd(1000, "t"), expires_in: 3600 });
  const fetch = async () => new Response(null, { status: issued % 2 ? 401 : 200 });
  const call = face(createTokenSource({ request, clock }), fetch);
  const growth = await growthOf(2000, async () => {
    await call();
    await clock.pass(3_600_000);
  });
  expect(issued).toBeGreaterThan(4000);
  expect(growth).toBeLessThan(1_000_000);
});

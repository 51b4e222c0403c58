// What callers leave behind: nothing.

import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { bearerFetch, createTokenSource } from "oauth2-token-response";
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
])("ten thousand waiting callers, %s, leave no listener behind", async (_, count) => {
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

test("a million calls with a token in hand leave nothing behind", async () => {
  const tokens = createTokenSource({ request: async () => ({ access_token: "t", expires_in: 3600 }) });
  const { signal } = new AbortController();
  // Less than a byte for each.
  expect(await growthOf(1_000_000, () => tokens.get({ signal }))).toBeLessThan(1_000_000);
});

test("calls under tokens that are refused again and again leave nothing behind", async () => {
  let issued = 0;
  const clock = new FakeClock();
  // A kilobyte each: what keeps a few hundred of them is seen.
  const request = async () => ({ access_token: `${issued++}`.padEnd(1000, "t"), expires_in: 3600 });
  const tokens = createTokenSource({ request, clock });
  const fetch = async () => new Response(null, { status: issued % 2 ? 401 : 200 });
  const authorised = bearerFetch(tokens, { fetch, origins: ["https://api.test"] });
  const growth = await growthOf(2000, async () => {
    await authorised("https://api.test/", { method: "POST", body: "body" });
    await clock.pass(3_600_000);
  });
  expect(issued).toBeGreaterThan(4000);
  expect(growth).toBeLessThan(1_000_000);
});

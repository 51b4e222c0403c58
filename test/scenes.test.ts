// Whole days of an integrator, in one go: a source, the bearer header, an API and a token endpoint together.

import { type AccessToken, bearerFetch, createTokenSource, TokenRequestError } from "oauth2-token-response";
import { describe, expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";
import { startEchoServer } from "./provider/echo.ts";
import { CLIENT, startProvider } from "./provider/provider.ts";

test("a revocation under a thousand calls with bodies: one request, every body whole, no failed call", async () => {
  const provider = await startProvider();
  const api = await startEchoServer();
  const tokens = createTokenSource({ baseUrl: provider.baseUrl, ...CLIENT, scope: ["enterprise.company"] });
  const authorised = bearerFetch(tokens, { origins: [api.origin] });
  const bytes = Buffer.alloc(2 ** 20, "b");
  const bodies: BodyInit[] = ["text", bytes.subarray(0, 1000), new Blob([bytes]), new URLSearchParams({ a: "b" })];
  const sizes = [4, 1000, 2 ** 20, 3];

  const statuses: number[] = [];
  const call = async (index: number) => {
    // Large ones are few: a gigabyte would tell no more.
    const kind = index % 100 === 0 ? 2 : [0, 1, 3][index % 3];
    const { status } = await authorised(`${api.origin}/${kind}`, { method: "POST", body: bodies[kind ?? 0] ?? "" });
    statuses.push(status);
    if (statuses.length === 300) api.refused.add((await tokens.get()).value);
  };
  const indices = Array.from({ length: 1000 }, (_, index) => index);
  const worker = async () => {
    for (let index = indices.pop(); index !== undefined; index = indices.pop()) await call(index);
  };
  await Promise.all(Array.from({ length: 50 }, worker));

  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(provider.tokenRequests).toBe(2);
  for (const { url, body } of api.seen) expect(body.length).toBe(sizes[Number(url.slice(1))]);
  await Promise.all([provider.close(), api.close()]);
});

describe("by the clock, a call every 100 ms", () => {
  /** What the calls of a while came to, against a token endpoint that may be down. */
  async function observe(seconds: number, lifetime: number, isDown: (second: number) => boolean) {
    const clock = new FakeClock();
    const begun = clock.now();
    const now = () => (clock.now() - begun) / 1000;
    let requests = 0;
    const request = async () => {
      requests++;
      if (isDown(now())) throw new TokenRequestError("https://x", { status: 503 });
      return { access_token: `t${requests}`, expires_in: lifetime };
    };
    const tokens = createTokenSource({ request, clock });
    const failures: number[] = [];
    const given: AccessToken[] = [];
    const calls: Promise<unknown>[] = [];
    for (let tick = 0; tick < seconds * 10; tick++) {
      const at = now();
      const check = (token: AccessToken) => {
        given.push(token);
        expect(token.isExpired({ now: new Date(clock.now()) })).toBe(false);
      };
      calls.push(tokens.get().then(check, () => failures.push(at)));
      await clock.pass(100);
    }
    // Whoever still waits gets an answer by the deadline.
    await clock.pass(31_000);
    await Promise.all(calls);
    return { failures, requests, given: given.length };
  }

  test("a minute of tokens that live for 6 s: no failed call", async () => {
    const { failures, requests } = await observe(60, 6, () => false);
    expect(failures).toEqual([]);
    expect(requests).toBeLessThanOrEqual(15);
  });

  test("an outage from the opening of the refresh window to a second before the expiry: no failed call, few requests", async () => {
    const { failures, requests } = await observe(700, 600, (second) => second >= 450 && second < 599);
    expect(failures).toEqual([]);
    expect(requests).toBeLessThanOrEqual(20);
  });

  test("an outage for good: no failed call before the expiry, fast failures with few requests after it", async () => {
    const { failures, requests } = await observe(1200, 600, (second) => second >= 450);
    expect(Math.min(...failures)).toBeGreaterThanOrEqual(599);
    expect(failures.length).toBeGreaterThan(5900);
    expect(requests).toBeLessThanOrEqual(35);
  });
});

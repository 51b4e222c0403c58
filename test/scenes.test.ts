// Scenarios with a source, bearerFetch, an API and a token endpoint together.

import { type AccessToken, bearerFetch, createTokenSource, TokenRequestError } from "oauth2-token-response";
import { describe, expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";
import { startEchoServer } from "./provider/echo.ts";
import { CLIENT, startProvider } from "./provider/provider.ts";

test("a revocation during a thousand calls with bodies causes one token request, no incomplete body and no failed call", async () => {
  const provider = await startProvider();
  const api = await startEchoServer();
  const tokens = createTokenSource({ baseUrl: provider.baseUrl, ...CLIENT, scope: ["enterprise.company"] });
  const authorised = bearerFetch(tokens, { origins: [api.origin] });
  const bytes = Buffer.alloc(2 ** 20, "b");
  const bodies: BodyInit[] = ["text", bytes.subarray(0, 1000), new Blob([bytes]), new URLSearchParams({ a: "b" })];
  const sizes = [4, 1000, 2 ** 20, 3];

  const statuses: number[] = [];
  const call = async (index: number) => {
    // Few large ones: a gigabyte would prove no more.
    const kind = index % 100 === 0 ? 2 : [0, 1, 3][index % 3];
    const { status } = await authorised(`${api.origin}/${kind}`, { method: "POST", body: bodies[kind ?? 0] ?? "" });
    statuses.push(status);
    if (statuses.length === 300) api.rejected.add((await tokens.get()).value);
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

describe("with a call every 100 ms", () => {
  /** Calls get() for some seconds, with a token endpoint that may be down, and returns the results. */
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
    const returned: AccessToken[] = [];
    const calls: Promise<unknown>[] = [];
    for (let tick = 0; tick < seconds * 10; tick++) {
      const at = now();
      const check = (token: AccessToken) => {
        returned.push(token);
        expect(token.isExpired({ now: new Date(clock.now()) })).toBe(false);
      };
      calls.push(tokens.get().then(check, () => failures.push(at)));
      await clock.pass(100);
    }
    // Calls that still wait end at their time limit.
    await clock.pass(31_000);
    await Promise.all(calls);
    return { failures, requests, returned: returned.length };
  }

  test("a minute with tokens of 6 s has no failed call and at most 15 token requests", async () => {
    const { failures, requests } = await observe(60, 6, () => false);
    expect(failures).toEqual([]);
    expect(requests).toBeLessThanOrEqual(15);
  });

  test("an outage from the refresh window to a second before the expiry causes no failed call and at most 20 token requests", async () => {
    const { failures, requests } = await observe(700, 600, (second) => second >= 450 && second < 599);
    expect(failures).toEqual([]);
    expect(requests).toBeLessThanOrEqual(20);
  });

  test("a permanent outage fails no call before the expiry; afterwards calls fail fast, with at most 35 token requests in all", async () => {
    const { failures, requests } = await observe(1200, 600, (second) => second >= 450);
    expect(Math.min(...failures)).toBeGreaterThanOrEqual(599);
    expect(failures.length).toBeGreaterThan(5900);
    expect(requests).toBeLessThanOrEqual(35);
  });
});

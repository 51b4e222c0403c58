// The tests of each server: first the quick ones, then scenes, with all servers in parallel and the scenes of one server in sequence.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled } from "./installed.ts";
import { CLIENT_ID, type ForeignServer, TOKEN_SECONDS } from "./server.ts";
import { SERVERS } from "./servers.ts";
import { Stage } from "./stage.ts";
import { table } from "./table.ts";
import { WAYS } from "./ways.ts";

const LIFETIME_MS = TOKEN_SECONDS * 1000;
// The refresh window opens after three quarters of the lifetime, or a little later. Before that an outage has no effect.
const BEFORE_WINDOW_MS = 0.25 * LIFETIME_MS;
const AFTER_EXPIRY_MS = 1.4 * LIFETIME_MS;

const installed = SERVERS.filter(isInstalled);
const stages = new Map<ForeignServer, Stage>();
beforeAll(async () => {
  await Promise.all(installed.map(async (foreign) => stages.set(foreign, await Stage.open(foreign))));
});
afterAll(async () => {
  await Promise.all([...stages.values()].map((stage) => stage.close()));
  console.log(`\n${table(installed.map((foreign) => stageOf(foreign).row))}\n`);
});

function stageOf(foreign: ForeignServer): Stage {
  const stage = stages.get(foreign);
  if (!stage) throw new Error(`${foreign.name} did not start`);
  return stage;
}

describe.each(installed)("$name", (foreign) => {
  const { extra, postClientId = CLIENT_ID } = foreign;

  test("requires at most five lines of a user", () => {
    const source = readFileSync(new URL(foreign.module), "utf8");
    const [, lines = ""] = /function connect\(.*\{\n([\s\S]*?)\n\}\n/.exec(source) ?? [];
    expect(lines).toContain("createTokenSource");
    expect(lines.split("\n").length).toBeLessThanOrEqual(5);
  });

  test("accepts client_secret_basic, in the code that a user writes", async () => {
    const stage = stageOf(foreign);
    await expectEcho(foreign.connect(stage.connection), stage);
    stage.row.set("basic", "yes");
  });

  test("accepts client_secret_post", async () => {
    const stage = stageOf(foreign);
    const tokens = stage.sourceWith({ clientId: postClientId, clientAuthentication: "client_secret_post" });
    await expectEcho(stage.apiWith(tokens), stage);
    stage.row.set("post", "yes");
  });

  if (extra) {
    test(`accepts ${extra.title}`, async () => {
      const stage = stageOf(foreign);
      const tokens = stage.sourceWith(extra.options(stage.proxy.url));
      await expectEcho(stage.apiWith(tokens), stage);
      expect(await stage.server.audienceOf?.((await tokens.get()).value)).toEqual(extra.audience);
      stage.row.set("extra", extra.title);
    });
  }

  // These libraries always encode Basic credentials, as RFC 6749 requires.
  if (foreign.options?.encodeClientCredentials !== false) {
    test.each(["oauth4webapi", "openid-client"] as const)(
      "has its API accept a token that %s requested",
      async (way) => {
        const stage = stageOf(foreign);
        await expectEcho(stage.apiWith(WAYS[way](stage.connection)), stage);
      },
    );
  }

  test.each(Object.entries(WAYS))(
    "makes 20 calls reject with 401 invalid_client after one request, if the secret is wrong: %s",
    async (way, sourceOf) => {
      const stage = stageOf(foreign);
      const { connection, proxy, row, server } = stage;
      const begun = proxy.requests;
      const api = stage.apiWith(sourceOf({ ...connection, clientSecret: "wrong" }));
      const at = performance.now();
      const calls = await Promise.allSettled(Array.from({ length: 20 }, () => api(server.echoUrl)));
      const tookMs = performance.now() - at;
      for (const call of calls) {
        expect(call).toMatchObject({ status: "rejected", reason: { status: 401, error: "invalid_client" } });
        expect((call as PromiseRejectedResult).reason).toSatisfy(isDated);
      }
      expect(tookMs).toBeLessThan(1000);
      expect(proxy.requests - begun).toBe(1);
      row.set(`wrong secret: ${way}`, `401 invalid_client, ${tookMs.toFixed(0)} ms`);
    },
  );
});

describe.concurrent.each(installed)("$name with 200 callers", (foreign) => {
  test.sequential("has no failed call in five lifetimes with a revocation", async () => {
    const stage = stageOf(foreign);
    const { proxy, server, row } = stage;
    const outcome = await stage.play({
      durationMs: 5 * LIFETIME_MS,
      async meanwhile() {
        await sleep(2.4 * LIFETIME_MS);
        await server.revoke(proxy.newestToken);
      },
    });
    row.add(outcome);
    expect(outcome).toMatchObject({ failed: [], lost: 0 });
    // One at first, one per three quarters of a lifetime, one for the revocation, and some more if the server counts in whole seconds.
    expect(outcome.tokenRequests).toBeLessThanOrEqual(2 * 5);
    expect(proxy.mostInFlight).toBe(1);
  });

  test.sequential("has no failed call while the token endpoint is down before an expiry", async () => {
    const stage = stageOf(foreign);
    const { proxy, row } = stage;
    const outcome = await stage.play({
      durationMs: 1.5 * LIFETIME_MS,
      async meanwhile(retries) {
        await sleep(BEFORE_WINDOW_MS);
        await proxy.goDown();
        await until(() => retries() > 0);
        await proxy.comeUp();
      },
    });
    row.add(outcome);
    expect(outcome).toMatchObject({ failed: [], lost: 0 });
    expect(proxy.mostInFlight).toBe(1);
  });

  test.sequential("has no failed call while the token endpoint answers 503, and its `Retry-After` is obeyed", async () => {
    const stage = stageOf(foreign);
    const { proxy, row } = stage;
    const outcome = await stage.play({
      durationMs: 1.5 * LIFETIME_MS,
      async meanwhile() {
        await sleep(BEFORE_WINDOW_MS);
        proxy.retryAfter = 1;
        await until(() => proxy.unavailable > 0);
        proxy.retryAfter = undefined;
      },
    });
    row.add(outcome);
    expect(outcome).toMatchObject({ failed: [], lost: 0 });
    expect(proxy.unavailable).toBe(1);
    expect(proxy.mostInFlight).toBe(1);
  });

  test.sequential("has failed calls only while no token is valid, and their errors have `nextTryAt`", async () => {
    const stage = stageOf(foreign);
    const { proxy, row } = stage;
    const outcome = await stage.play({
      durationMs: 2.5 * LIFETIME_MS,
      options: { timeoutMs: 2000 },
      async meanwhile() {
        await sleep(BEFORE_WINDOW_MS);
        await proxy.goDown();
        await sleep(AFTER_EXPIRY_MS - BEFORE_WINDOW_MS);
        await proxy.comeUp();
      },
    });
    // A call under way during the expiry is answered 401, and no token is available for a replay.
    const excused = outcome.failed.filter(
      ({ reason, isPlainToo }) => isPlainToo && (isDated(reason) || reason === 401),
    );
    row.add(outcome, excused.length);
    expect(excused).toEqual(outcome.failed);
    expect(excused.filter(({ reason }) => isDated(reason)).length).toBeGreaterThan(0);
    expect(outcome.lost).toBe(0);
    expect(proxy.mostInFlight).toBe(1);
    await expectEcho(outcome.api, stage);
  });
});

async function expectEcho(api: typeof fetch, { server }: Stage): Promise<void> {
  const body = "a+b c%20d&e=f/ä";
  const response = await api(server.echoUrl, { method: "POST", headers: { "Content-Type": "text/plain" }, body });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe(body);
}

/** Waits for a condition, for at most one lifetime. */
async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + LIFETIME_MS;
  while (!condition() && performance.now() < end) await sleep(10);
  expect(condition()).toBe(true);
}

function isDated(reason: unknown): boolean {
  return reason instanceof Error && (reason as { nextTryAt?: unknown }).nextTryAt instanceof Date;
}

// Real processes that share a real Redis, which is killed, paused, emptied and filled meanwhile.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createTokenSource, revokeToken } from "oauth2-token-response";
import { redisStore } from "oauth2-token-response/redis";
import { createClient } from "redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLIENT, type Provider, type ProviderOptions, startProvider } from "./provider/provider.ts";
import type { Order, Report } from "./redis/member.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./redis/server.ts";

describeWithRedis("a fleet of processes", () => {
  let processes: ChildProcess[];
  beforeAll(async () => {
    processes = Array.from({ length: 20 }, () => fork("test/redis/member.ts", { execArgv: ["--import", "tsx/esm"] }));
    await Promise.all(processes.map((process) => once(process, "message")));
  }, 60_000);
  afterAll(() => {
    for (const process of processes) process.kill("SIGKILL");
  });

  async function order(
    some: readonly ChildProcess[],
    what: Order,
  ): Promise<Omit<Report, "isAlone"> & { alone: number }> {
    const reports: Report[] = await Promise.all(
      some.map(async (process) => {
        const report = once(process, "message");
        process.send(what);
        return (await report)[0];
      }),
    );
    return {
      calls: reports.reduce((sum, { calls }) => sum + calls, 0),
      failures: reports.flatMap(({ failures }) => failures),
      tokens: [...new Set(reports.flatMap(({ tokens }) => tokens))],
      alone: reports.filter(({ isAlone }) => isAlone).length,
    };
  }

  /** Some of the processes, with a provider and a Redis of their own. */
  async function assemble(
    some: readonly ChildProcess[],
    options: ProviderOptions,
    scene: (provider: Provider, redis: RedisServer) => Promise<void>,
    ...redisOptions: string[]
  ): Promise<void> {
    const [provider, redis] = await Promise.all([startProvider(options), startRedis(...redisOptions)]);
    await order(some, { do: "join", baseUrl: provider.baseUrl, redisUrl: redis.url });
    await scene(provider, redis).finally(() => Promise.all([provider.close(), redis.kill()]));
  }

  test("requests one token at its start and one after its expiry, with 20 processes of 50 callers each", async () => {
    await assemble(processes, { lifetime: 4 }, async (provider) => {
      const first = await order(processes, { do: "get", calls: 50 });
      expect(first).toMatchObject({ calls: 1000, failures: [] });
      expect(first.tokens.length).toBe(provider.tokenRequests);
      expect(provider.tokenRequests).toBeLessThanOrEqual(1 + first.alone);
      await sleep(4000);
      const second = await order(processes, { do: "get", calls: 50 });
      expect(second).toMatchObject({ calls: 1000, failures: [] });
      expect(second.tokens.filter((token) => first.tokens.includes(token))).toEqual([]);
      expect(provider.tokenRequests).toBeLessThanOrEqual(2 + first.alone + second.alone);
    });
  });

  test("requests one token after a revocation under load, and no call fails", async () => {
    await assemble(processes, {}, async (provider) => {
      const { tokens, alone } = await order(processes, { do: "get", calls: 1 });
      const load = order(processes, { do: "load", ms: 4000 });
      await sleep(500);
      await revokeToken({ baseUrl: provider.baseUrl, ...CLIENT, token: tokens[0] ?? "" });
      const { calls, failures, alone: aloneLater } = await load;
      expect(failures).toEqual([]);
      expect(calls).toBeGreaterThan(100);
      expect(provider.tokenRequests).toBeLessThanOrEqual(2 + alone + aloneLater);
    });
  });

  /** What happens to Redis while tokens of 2 s are used and refreshed. */
  const INCIDENTS: Record<string, { cause: (redis: RedisServer) => Promise<unknown>; options?: string[] }> = {
    "killed and started again": {
      async cause(redis) {
        await redis.kill();
        await sleep(1500);
        await redis.start();
      },
    },
    "stopped for 5 s": {
      async cause(redis) {
        redis.signal("SIGSTOP");
        await sleep(5000);
        redis.signal("SIGCONT");
      },
    },
    "paused for 5 s": { cause: (redis) => command(redis, "CLIENT", "PAUSE", "5000", "ALL") },
    emptied: { cause: (redis) => command(redis, "FLUSHALL") },
    full: {
      options: ["--maxmemory", "1mb", "--maxmemory-policy", "noeviction"],
      cause: (redis) => command(redis, "CONFIG", "SET", "maxmemory", "1"),
    },
    "made a replica that cannot reach its primary": {
      cause: (redis) => command(redis, "REPLICAOF", "127.0.0.1", "1"),
    },
  };

  test("has no failed call, whatever happens to Redis", async () => {
    const scenes = Object.entries(INCIDENTS).map(async ([name, { cause, options = [] }], index) => {
      const members = processes.slice(index * 3, index * 3 + 3);
      await assemble(
        members,
        { lifetime: 2 },
        async (provider, redis) => {
          await order(members, { do: "get", calls: 1 });
          const load = order(members, { do: "load", ms: 7000 });
          await sleep(500);
          await cause(redis);
          const { calls, failures } = await load;
          console.log(`Redis ${name}: ${calls} calls, ${provider.tokenRequests} token requests of 3 processes in 7 s`);
          expect({ name, failures }).toEqual({ name, failures: [] });
          // Each for itself, 3 processes renew tokens of 2 s every 1.5 s.
          expect(provider.tokenRequests).toBeLessThanOrEqual(3 * 6);
        },
        ...options,
      );
    });
    await Promise.all(scenes);
  });

  test("has a token within a lease and a request after the process that was requesting it was killed", async () => {
    await assemble(processes, {}, async (provider) => {
      const [holder, ...others] = processes as [ChildProcess, ...ChildProcess[]];
      const isAsked = new Promise<void>((resolve) => provider.answerNext(() => resolve()));
      holder.send({ do: "get", calls: 1 } satisfies Order);
      await isAsked;
      const exit = once(holder, "exit");
      holder.kill("SIGKILL");
      await exit;
      const begun = performance.now();
      const { failures, alone } = await order(others, { do: "get", calls: 50 });
      expect(failures).toEqual([]);
      // A lease of 11 s, at most 200 ms until another process reads the store again, and a request.
      expect(performance.now() - begun).toBeLessThan(14_000);
      expect(provider.tokenRequests).toBeLessThanOrEqual(2 + alone);
    });
  });

  test("stores neither token nor secret nor client in readable form", async () => {
    const folder = mkdtempSync(join(tmpdir(), "redis-"));
    const redis = await startRedis("--dir", folder, "--rdbcompression", "no");
    const provider = await startProvider();
    const client = await createClient({ url: redis.url }).connect();
    const options = { baseUrl: provider.baseUrl, ...CLIENT, scope: ["enterprise.company"], store: redisStore(client) };
    const { value } = await createTokenSource(options).get();
    await client.set("in clear", CLIENT.clientId);
    await client.sendCommand(["SAVE"]);
    const dump = readFileSync(join(folder, "dump.rdb"), "latin1");
    await client.del("in clear");
    expect(dump.split(CLIENT.clientId)).toHaveLength(2);
    expect(dump).not.toContain(value);
    expect(dump).not.toContain(value.slice(-20));
    expect(dump).not.toContain(CLIENT.clientSecret);
    expect(dump).not.toMatch(/enterprise|access_token/);
    client.destroy();
    await Promise.all([redis.kill(), provider.close()]);
    rmSync(folder, { recursive: true });
  });
});

async function command(redis: RedisServer, ...words: string[]): Promise<void> {
  const client = await createClient({ url: redis.url }).connect();
  await client.sendCommand(words);
  client.destroy();
}

// The stores of the package pass `testTokenStore`, and a flawed store does not.

import { memoryStore, type TokenStore } from "oauth2-token-response";
import { type RedisClient, redisStore } from "oauth2-token-response/redis";
import { testTokenStore } from "oauth2-token-response/testing";
import { createClient, createClientPool, createCluster, createSentinel, RESP_TYPES } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";
import { LINES } from "./redis/clients.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./redis/server.ts";

test("memoryStore passes testTokenStore", () => testTokenStore(() => memoryStore()));

test.each<[string, (clock: FakeClock) => void]>([
  ["a wall clock that is set back", (clock) => clock.shiftWall(-3_600_000)],
  ["a monotonic clock that stops while the machine sleeps", (clock) => clock.sleep(3_600_000)],
])("memoryStore keeps nothing longer despite %s", async (_, disturb) => {
  const clock = new FakeClock();
  const store = memoryStore({ clock });
  await store.compareAndSet("key", undefined, { value: "a", ttlMs: 1000 });
  disturb(clock);
  await clock.pass(1000);
  expect(await store.read("key")).toBeUndefined();
});

test("memoryStore returns the remaining time to live of a value", async () => {
  const clock = new FakeClock();
  const store = memoryStore({ clock });
  await store.compareAndSet("key", undefined, { value: "a", ttlMs: 1000 });
  await clock.pass(999);
  expect(await store.read("key")).toEqual({ value: "a", ttlMs: 1 });
});

describe("redisStore", () => {
  test.each<[string, (text: string) => unknown]>([
    ["texts", (text) => text],
    ["Buffers", (text) => Buffer.from(text)],
    ["Uint8Arrays", (text) => new TextEncoder().encode(text)],
  ])("accepts results that are %s, also for numbers", async (_, as) => {
    const results: unknown[] = [[as("sealed"), as("1000")], as("1"), as("0"), [null, as("-2")]];
    const store = redisStore(async () => results.shift());
    expect(await store.read("key")).toEqual({ value: "sealed", ttlMs: 1000 });
    expect(await store.compareAndSet("key", "sealed", undefined)).toBe(true);
    expect(await store.compareAndSet("key", "sealed", undefined)).toBe(false);
    expect(await store.read("key")).toBeUndefined();
  });

  test("passes a script, its key and its arguments to a function", async () => {
    const calls: unknown[][] = [];
    const store = redisStore(async (...call) => calls.push(call));
    await store.compareAndSet("key", "old", { value: "new", ttlMs: 1.5 });
    const script = expect.stringContaining("redis.call");
    expect(calls).toEqual([[script, ["oauth2-token-response:key"], ["old", "new", "1"]]]);
  });

  test("rejects if the function returns nothing", async () => {
    await expect(redisStore(async () => {}).read("key")).rejects.toThrow(TypeError);
  });

  const NODE = { url: "redis://127.0.0.1:1" };
  test.each([
    ["client", createClient(NODE)],
    ["pool", createClientPool(NODE)],
    ["cluster", createCluster({ rootNodes: [NODE] })],
    ["sentinel", createSentinel({ name: "primary", sentinelRootNodes: [{ host: "127.0.0.1", port: 1 }] })],
  ])("accepts a %s of node-redis that is not connected yet", (_, client) => {
    expect(() => redisStore(client)).not.toThrow();
  });

  // `slow/redis.slow.test.ts` tests the clients of other libraries.
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a URL", NODE.url],
    ["an object without `eval`", { isOpen: true }],
    ["an `eval` of an unknown client", { eval: async () => [] }],
    ["a promise of a connected client", Promise.resolve(createClient(NODE))],
    ["a transaction of node-redis", createClient(NODE).multi()],
    ["a client of node-redis with callbacks", createClient(NODE).legacy()],
  ])("throws a TypeError for %s", (_, client) => {
    expect(() => redisStore(client as RedisClient)).toThrow(TypeError);
  });

  test("lists the lines for other clients from docs/fleet.md in that error", () => {
    const { "node-redis": own, ...others } = LINES;
    const shown = Object.entries(others).map(([name, line]) => `${name}: ${line}`);
    expect(() => redisStore(undefined as never)).toThrow(
      ["`client` must be a client of node-redis 5 or later, or a function that runs a script:", ...shown].join("\n"),
    );
    expect(own).toBe("redisStore(redis)");
  });
});

describeWithRedis("redisStore", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.kill());

  test("passes testTokenStore with node-redis 6", async () => {
    const client = await createClient({ url: redis.url }).connect();
    await testTokenStore(() => redisStore(client));
    client.destroy();
  });

  test("passes testTokenStore with a client that returns Buffers", async () => {
    const client = await createClient({ url: redis.url })
      .withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
      .connect();
    expect(await client.eval("return 'a'")).toBeInstanceOf(Buffer);
    await testTokenStore(() => redisStore(client));
    client.destroy();
  });

  test("starts its keys with the prefix", async () => {
    const client = await createClient({ url: redis.url }).connect();
    await client.flushAll();
    await redisStore(client).compareAndSet("a", undefined, { value: "x", ttlMs: 60_000 });
    await redisStore(client, { prefix: "mine:" }).compareAndSet("a", undefined, { value: "x", ttlMs: 60_000 });
    expect((await client.keys("*")).sort()).toEqual(["mine:a", "oauth2-token-response:a"]);
    client.destroy();
  });

  test("rejects if Redis has stopped", async () => {
    const node = await startRedis();
    const client = createClient({ url: node.url, disableOfflineQueue: true }).on("error", () => {});
    await client.connect();
    await node.kill();
    await expect(redisStore(client).read("key")).rejects.toThrow();
    client.destroy();
  });
});

describe("testTokenStore names the broken promise of a store that", () => {
  /** A correct store, except for the given flaw. */
  const flawed = (flaw: (store: TokenStore) => Partial<TokenStore>): TokenStore => {
    const store = memoryStore();
    return { ...store, ...flaw(store) };
  };
  test.concurrent.each<[string, string, (store: TokenStore) => Partial<TokenStore>]>([
    [
      "returns values that were never written",
      "returns nothing for a key that was never written",
      () => ({ read: async () => ({ value: "a", ttlMs: 1 }) }),
    ],
    [
      "reports no time to live",
      "its remaining time to live",
      (store) => ({ read: async (key) => ({ ...(await store.read(key)), ttlMs: -1 }) as never }),
    ],
    [
      "cuts long values",
      "stores 100,000 characters",
      ({ read }) => ({
        read: async (key) => {
          const found = await read(key);
          return found && { ...found, value: found.value.slice(0, 255) };
        },
      }),
    ],
    [
      "cuts long keys",
      "keeps the values of different keys apart",
      ({ compareAndSet }) => ({ compareAndSet: (key, ...rest) => compareAndSet(key.slice(0, 8), ...rest) }),
    ],
    [
      "ignores what is expected",
      "does not change a value if another one is expected",
      ({ read, compareAndSet }) => ({
        compareAndSet: async (key, _, next) => compareAndSet(key, (await read(key))?.value, next),
      }),
    ],
    [
      "keeps the old time to live",
      "replaces the expected value and its time to live",
      ({ read, compareAndSet }) => ({
        compareAndSet: async (key, expected, next) => {
          const { ttlMs } = (await read(key)) ?? { ttlMs: Infinity };
          return compareAndSet(key, expected, next && { ...next, ttlMs: Math.min(next.ttlMs, ttlMs) });
        },
      }),
    ],
    [
      "removes nothing",
      "removes the expected value",
      ({ compareAndSet }) => ({
        compareAndSet: async (key, expected, next) => next === undefined || compareAndSet(key, expected, next),
      }),
    ],
    ["reads first and writes later", "lets one of many concurrent callers create a value", notAtomic],
    ["reads first and replaces later", "lets one of many concurrent callers replace a value", notAtomic],
    [
      "keeps values too long",
      "forgets an expired value",
      ({ compareAndSet }) => ({
        compareAndSet: (key, expected, next) => compareAndSet(key, expected, next && { ...next, ttlMs: 60_000 }),
      }),
    ],
    ["rejects", "Error: no connection", () => ({ read: () => Promise.reject(new Error("no connection")) })],
  ])("%s", async (_, promise, flaw) => {
    await expect(testTokenStore(() => flawed(flaw))).rejects.toThrow(promise);
  });
});

/** A store whose compareAndSet is not atomic. */
function notAtomic(): TokenStore {
  const values = new Map<string, string>();
  return {
    async read(key) {
      const value = values.get(key);
      return value === undefined ? undefined : { value, ttlMs: 60_000 };
    },
    async compareAndSet(key, expected, next) {
      const found = values.get(key);
      await Promise.resolve();
      if (found !== expected) return false;
      if (next) values.set(key, next.value);
      else values.delete(key);
      return true;
    },
  };
}

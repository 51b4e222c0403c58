// Tests for implementations of `TokenStore`. They need no test framework and know nothing about tokens.

import type { TokenStore } from "./token-store.ts";

type Check = (store: TokenStore, key: string) => Promise<boolean>;

/** What a store must do, each with a check. The names complete the sentence "The store …". */
const CHECKS: Record<string, Check> = {
  "returns nothing for a key that was never written": async (store, key) => (await store.read(key)) === undefined,

  "returns a value with its remaining time to live": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 60_000 });
    const found = await store.read(key);
    return found?.value === "a" && found.ttlMs > 0 && found.ttlMs <= 60_000;
  },

  "stores 100,000 characters": async (store, key) => {
    const value = "a".repeat(100_000);
    await store.compareAndSet(key, undefined, { value, ttlMs: 60_000 });
    return (await store.read(key))?.value === value;
  },

  "keeps the values of different keys apart": async (store, key) => {
    await store.compareAndSet(`${key}:a`, undefined, { value: "a", ttlMs: 60_000 });
    const isFree = await store.compareAndSet(`${key}:b`, undefined, { value: "b", ttlMs: 60_000 });
    return isFree && (await store.read(`${key}:a`))?.value === "a";
  },

  "does not change a value if another one is expected": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 60_000 });
    const results = [
      await store.compareAndSet(key, undefined, { value: "b", ttlMs: 60_000 }),
      await store.compareAndSet(key, "b", { value: "b", ttlMs: 60_000 }),
      await store.compareAndSet(key, "b", undefined),
      await store.compareAndSet(`${key}:nothing`, "a", { value: "b", ttlMs: 60_000 }),
    ];
    return !results.includes(true) && (await store.read(key))?.value === "a";
  },

  "replaces the expected value and its time to live": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 30_000 });
    const isDone = await store.compareAndSet(key, "a", { value: "b", ttlMs: 60_000 });
    const found = await store.read(key);
    return isDone && found?.value === "b" && found.ttlMs > 30_000;
  },

  "removes the expected value": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 60_000 });
    return (await store.compareAndSet(key, "a", undefined)) && (await store.read(key)) === undefined;
  },

  "lets one of many concurrent callers create a value": async (store, key) => {
    const values = Array.from({ length: 50 }, (_, index) => `value ${index}`);
    const results = await Promise.all(
      values.map((value) => store.compareAndSet(key, undefined, { value, ttlMs: 60_000 })),
    );
    const winners = values.filter((_, index) => results[index]);
    return winners.length === 1 && (await store.read(key))?.value === winners[0];
  },

  "lets one of many concurrent callers replace a value": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 60_000 });
    const values = Array.from({ length: 50 }, (_, index) => `value ${index}`);
    const results = await Promise.all(values.map((value) => store.compareAndSet(key, "a", { value, ttlMs: 60_000 })));
    const winners = values.filter((_, index) => results[index]);
    return winners.length === 1 && (await store.read(key))?.value === winners[0];
  },

  "forgets an expired value, which can then be created but not replaced": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 500 });
    const wasThere = (await store.read(key)) !== undefined;
    for (let tries = 0; tries < 100 && (await store.read(key)); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const isReplaced = await store.compareAndSet(key, "a", { value: "b", ttlMs: 60_000 });
    const isWritten = await store.compareAndSet(key, undefined, { value: "c", ttlMs: 60_000 });
    return wasThere && !isReplaced && isWritten && (await store.read(key))?.value === "c";
  },
};

/**
 * Tests whether token sources can rely on your implementation of a store.
 *
 * It writes random keys, which expire after a minute at most.
 *
 * @param makeStore returns the store; it may return the same one each time
 * @throws {Error} if the store fails a check; the message lists all of them
 * @example
 * test("my store works with token sources", () => testTokenStore(() => myStore(database)));
 */
export async function testTokenStore(makeStore: () => TokenStore | Promise<TokenStore>): Promise<void> {
  const failed: string[] = [];
  const run = async ([name, check]: [string, Check]) => {
    try {
      if (!(await check(await makeStore(), crypto.randomUUID()))) failed.push(name);
    } catch (error) {
      failed.push(`${name}: ${error}`);
    }
  };
  // One after the other, because a value that expires after half a second must not wait for other checks.
  for (const entry of Object.entries(CHECKS)) await run(entry);
  if (failed.length > 0)
    throw new Error(`The store fails these checks:\n${failed.map((line) => `- ${line}`).join("\n")}`);
}

// Tests a store of your own: whether processes that share a token can rely on it.

import type { TokenStore } from "./token-store.ts";

type Check = (store: TokenStore, key: string) => Promise<boolean>;

/** What a store is tested on: each promise with the way to see it kept. */
const PROMISES: Record<string, Check> = {
  "reads nothing where nothing was written": async (store, key) => (await store.read(key)) === undefined,

  "reads what was written, and how long it will still be there": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 60_000 });
    const found = await store.read(key);
    return found?.value === "a" && found.ttlMs > 0 && found.ttlMs <= 60_000;
  },

  "keeps 100,000 characters": async (store, key) => {
    const value = "a".repeat(100_000);
    await store.compareAndSet(key, undefined, { value, ttlMs: 60_000 });
    return (await store.read(key))?.value === value;
  },

  "keeps keys apart": async (store, key) => {
    await store.compareAndSet(`${key}:a`, undefined, { value: "a", ttlMs: 60_000 });
    const isFree = await store.compareAndSet(`${key}:b`, undefined, { value: "b", ttlMs: 60_000 });
    return isFree && (await store.read(`${key}:a`))?.value === "a";
  },

  "refuses to write over what is not expected, and keeps it": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 60_000 });
    const answers = [
      await store.compareAndSet(key, undefined, { value: "b", ttlMs: 60_000 }),
      await store.compareAndSet(key, "b", { value: "b", ttlMs: 60_000 }),
      await store.compareAndSet(key, "b", undefined),
      await store.compareAndSet(`${key}:nothing`, "a", { value: "b", ttlMs: 60_000 }),
    ];
    return !answers.includes(true) && (await store.read(key))?.value === "a";
  },

  "replaces what is expected, its life too": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 30_000 });
    const isDone = await store.compareAndSet(key, "a", { value: "b", ttlMs: 60_000 });
    const found = await store.read(key);
    return isDone && found?.value === "b" && found.ttlMs > 30_000;
  },

  "removes what is expected": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 60_000 });
    return (await store.compareAndSet(key, "a", undefined)) && (await store.read(key)) === undefined;
  },

  "lets one of many write where nothing is": async (store, key) => {
    const values = Array.from({ length: 50 }, (_, index) => `value ${index}`);
    const answers = await Promise.all(
      values.map((value) => store.compareAndSet(key, undefined, { value, ttlMs: 60_000 })),
    );
    const winners = values.filter((_, index) => answers[index]);
    return winners.length === 1 && (await store.read(key))?.value === winners[0];
  },

  "lets one of many replace the same": async (store, key) => {
    await store.compareAndSet(key, undefined, { value: "a", ttlMs: 60_000 });
    const values = Array.from({ length: 50 }, (_, index) => `value ${index}`);
    const answers = await Promise.all(values.map((value) => store.compareAndSet(key, "a", { value, ttlMs: 60_000 })));
    const winners = values.filter((_, index) => answers[index]);
    return winners.length === 1 && (await store.read(key))?.value === winners[0];
  },

  "forgets what has had its time, so that it can be written anew but not replaced": async (store, key) => {
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
 * Tests everything that token sources rely on.
 *
 * It writes under keys of its own, which live for a minute at most.
 *
 * @param makeStore returns the store, the same one or another each time
 * @throws {Error} that lists the promises which the store does not keep
 * @example
 * test("my store is one that a fleet can rely on", () => testTokenStore(() => myStore(database)));
 */
export async function testTokenStore(makeStore: () => TokenStore | Promise<TokenStore>): Promise<void> {
  const broken: string[] = [];
  const check = async ([promise, isKept]: [string, Check]) => {
    try {
      if (!(await isKept(await makeStore(), crypto.randomUUID()))) broken.push(promise);
    } catch (error) {
      broken.push(`${promise}: ${error}`);
    }
  };
  // One after the other: what lives for half a second is not to wait for the others' turns.
  for (const promise of Object.entries(PROMISES)) await check(promise);
  if (broken.length > 0) throw new Error(`A store must be one that …\n${broken.map((line) => `- ${line}`).join("\n")}`);
}

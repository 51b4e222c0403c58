// A store in memory, for several sources of one process.

import { type Clock, elapsedSince, type Mark, markOf, systemClock } from "../time/clock.ts";
import { type SharedStore, share } from "./share.ts";
import type { StoredValue } from "./token-store.ts";

/**
 * Creates a store in memory. Sources of one process that have the same credentials and scope then share a token.
 *
 * @param options.clock the clock, for tests (default: the platform's)
 * @returns a store for the option `store` of a token source
 * @example
 * const store = memoryStore();
 * const tokens = createTokenSource({ baseUrl, clientId, clientSecret, scope: ["enterprise.company"], store });
 */
export function memoryStore({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}): SharedStore {
  const entries = new Map<string, { readonly value: string; readonly ttlMs: number; readonly since: Mark }>();
  const read = (key: string): StoredValue | undefined => {
    const entry = entries.get(key);
    const ttlMs = entry ? entry.ttlMs - elapsedSince(entry.since, clock) : 0;
    if (entry && ttlMs > 0) return { value: entry.value, ttlMs };
    entries.delete(key);
    return undefined;
  };
  return share({
    read: async (key) => read(key),
    async compareAndSet(key, expected, next) {
      if (read(key)?.value !== expected) return false;
      if (next) entries.set(key, { ...next, since: markOf(clock) });
      else entries.delete(key);
      return true;
    },
  });
}

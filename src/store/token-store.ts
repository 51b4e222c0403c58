// Where a fleet keeps its token: the least with which processes can agree, and a store for the sources of one process.

import { type Clock, systemClock } from "../time/clock.ts";

/** What lies in a store under a key. */
export interface StoredValue {
  readonly value: string;
  /** Milliseconds until it is gone, by the store's own clock: no absolute time crosses machines. */
  readonly ttlMs: number;
}

/**
 * Keeps short texts for a while. What it is given is sealed: whoever reads it learns nothing.
 *
 * A method that rejects, or takes longer than 50 ms, is nobody's error: the source goes on without the store for 10 s.
 * `testTokenStore` of `oauth2-token-response/testing` tells whether a store is right.
 */
export interface TokenStore {
  /** Gives what lies under a key, unless its time is over. */
  read(key: string): Promise<StoredValue | undefined>;
  /**
   * Replaces what lies under a key, in one step: of many who try, one succeeds.
   *
   * @param expected what must lie there, `undefined` for nothing
   * @param next what shall lie there, and for how many milliseconds; `undefined` for nothing
   * @returns `false`, and nothing has changed, where something else lay there
   */
  compareAndSet(
    key: string,
    expected: string | undefined,
    next: { readonly value: string; readonly ttlMs: number } | undefined,
  ): Promise<boolean>;
}

/**
 * Makes a store that several sources of one process share.
 *
 * @param options.clock for tests (default: the platform's)
 * @example
 * const store = memoryStore();
 * const tokens = createTokenSource({ baseUrl, clientId, clientSecret, scope: ["enterprise.company"], store });
 */
export function memoryStore({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}): TokenStore {
  const entries = new Map<string, { readonly value: string; readonly endsAt: number }>();
  const read = (key: string): StoredValue | undefined => {
    const entry = entries.get(key);
    const ttlMs = entry ? entry.endsAt - clock.monotonic() : 0;
    if (entry && ttlMs > 0) return { value: entry.value, ttlMs };
    entries.delete(key);
    return undefined;
  };
  return {
    read: async (key) => read(key),
    async compareAndSet(key, expected, next) {
      if (read(key)?.value !== expected) return false;
      if (next) entries.set(key, { value: next.value, endsAt: clock.monotonic() + next.ttlMs });
      else entries.delete(key);
      return true;
    },
  };
}

// The interface of a store, which processes use to share a token: two methods, so that any database can implement it.

/** A value in a store. */
export interface StoredValue {
  readonly value: string;
  /** Milliseconds until the value expires. Not a time of day, because the clocks of machines differ. */
  readonly ttlMs: number;
}

/**
 * Stores texts for a limited time. The texts are encrypted before they reach the store.
 *
 * If a method rejects, or takes longer than `storeTimeoutMs`, the token source works without the store for 10 s.
 * `testTokenStore` of `oauth2-token-response/testing` checks whether an implementation is right.
 */
export interface TokenStore {
  /** Returns the value of a key, or `undefined` if there is none or if it has expired. */
  read(key: string): Promise<StoredValue | undefined>;
  /**
   * Replaces the value of a key, if it is the expected one. It must be atomic: of many concurrent calls, one succeeds.
   *
   * @param expected the current value; `undefined` if there must be none
   * @param next the new value and its time to live in milliseconds; `undefined` to remove the value
   * @returns `true` if the value was replaced; `false` if another value was stored there, and nothing was changed
   */
  compareAndSet(
    key: string,
    expected: string | undefined,
    next: { readonly value: string; readonly ttlMs: number } | undefined,
  ): Promise<boolean>;
}

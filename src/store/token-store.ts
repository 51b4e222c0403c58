// Where processes share a token: the least with which they can agree.

/** A value in a store. */
export interface StoredValue {
  readonly value: string;
  /** Milliseconds until it is gone, by the store's own clock: no absolute time crosses machines. */
  readonly ttlMs: number;
}

/**
 * Keeps short texts for a while. They are sealed: who reads them learns nothing.
 *
 * A method that rejects, or takes longer than 50 ms, is not an error: the source goes on without the store for 10 s.
 * `testTokenStore` of `oauth2-token-response/testing` tests a store.
 */
export interface TokenStore {
  /** Returns the value of a key, unless its time is over. */
  read(key: string): Promise<StoredValue | undefined>;
  /**
   * Replaces the value of a key, in one step: of many callers, one succeeds.
   *
   * @param expected the value that the key must have, `undefined` for none
   * @param next the new value, and how long it stays; `undefined` to remove it
   * @returns `false`, and nothing has changed, if the key had another value
   */
  compareAndSet(
    key: string,
    expected: string | undefined,
    next: { readonly value: string; readonly ttlMs: number } | undefined,
  ): Promise<boolean>;
}

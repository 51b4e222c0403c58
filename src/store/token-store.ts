// Where a fleet keeps its token: the least with which processes can agree.

/** What lies in a store under a key. */
export interface StoredValue {
  readonly value: string;
  /** Milliseconds until it is gone, by the store's own clock: no absolute time crosses machines. */
  readonly ttlMs: number;
}

/**
 * Keeps short texts for a while. What it is given is sealed: it tells its readers nothing.
 *
 * If a method rejects, or takes longer than `storeTimeoutMs`, the source goes on without the store for 10 s.
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

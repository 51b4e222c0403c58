// Joins a store with the code that shares a token. A source gets that code with its store, so bundles without a store
// do not contain it.

import { SharedToken, type SharedTokenOptions } from "./shared-token.ts";
import type { TokenStore } from "./token-store.ts";

/** A store that a token source can use. {@link share} makes one from any {@link TokenStore}. */
export interface SharedStore extends TokenStore {
  /** Called by the token source. */
  createSharedToken(options: SharedTokenOptions): SharedToken;
}

/**
 * Makes your own store usable for token sources.
 *
 * @param store any store; `testTokenStore` checks whether it keeps the rules
 * @returns a store for the option `store` of a token source
 * @example
 * const store = share(myStore(database));
 * const tokens = createTokenSource({ baseUrl, clientId, clientSecret, scope: ["enterprise.company"], store });
 */
export function share(store: TokenStore): SharedStore {
  return {
    read: (key) => store.read(key),
    compareAndSet: (key, expected, next) => store.compareAndSet(key, expected, next),
    createSharedToken: (options) => new SharedToken({ ...options, store }),
  };
}

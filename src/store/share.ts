// What a source takes as its store: a `TokenStore` together with the code that shares a token through it.

import { SharedToken, type SharedTokenOptions } from "./shared-token.ts";
import type { TokenStore } from "./token-store.ts";

/** A store, and with it the code that shares a token: what the option `store` of a source takes. {@link share} makes one. */
export interface SharedStore extends TokenStore {
  /** For the source. */
  createSharedToken(options: SharedTokenOptions): SharedToken;
}

/**
 * Makes a store of your own one that a token source can use.
 *
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

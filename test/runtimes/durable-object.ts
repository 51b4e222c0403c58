// A Worker with the store of `docs/stores.md`. Each path does one thing with it.

import { createTokenSource, type SharedStore, type TokenSource } from "../../src/index.ts";
import { testTokenStore } from "../../src/store/testing.ts";

/** A Worker whose token source lives at module scope, as users write it. */
export function workerWith(store: SharedStore) {
  let tokens: TokenSource | undefined;
  return {
    async fetch(request: Request): Promise<Response> {
      const { pathname, searchParams } = new URL(request.url);
      const tokenUrl = searchParams.get("tokenUrl") ?? "";
      tokens ??= createTokenSource({
        request: ({ signal }) => fetch(tokenUrl, { signal }),
        sharedSecret: "a secret of at least 32 characters",
        tokenName: "the Workers'",
        store,
        storeTimeoutMs: 1000,
      });
      try {
        if (pathname === "/test") await testTokenStore(() => store);
        return new Response(pathname === "/test" ? "kept" : (await tokens.get()).value);
      } catch (error) {
        return new Response(String(error));
      }
    },
  };
}

// A Worker whose token source lives at module scope, as users write it. The path says how `waitUntil` reaches the source.

import { createTokenSource, type TokenSource } from "../../src/index.ts";

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

let tokens: TokenSource | undefined;

export default {
  async fetch(request: Request, _env: unknown, context: Context): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const tokenUrl = searchParams.get("tokenUrl") ?? "";
    const waitUntil = (work: Promise<unknown>) => context.waitUntil(work);
    tokens ??= createTokenSource({
      request: async ({ signal }) => (await fetch(tokenUrl, { signal })).json(),
      ...(pathname === "/option" && { waitUntil: await importedWaitUntil() }),
    });
    try {
      const token = await tokens.get(pathname === "/get" ? { waitUntil } : {});
      return new Response(token.authorization);
    } catch (error) {
      return new Response(String(error));
    }
  },
};

/** The one that serves whichever request is being handled. */
async function importedWaitUntil(): Promise<Context["waitUntil"]> {
  const name: string = "cloudflare:workers";
  return ((await import(name)) as Context).waitUntil;
}

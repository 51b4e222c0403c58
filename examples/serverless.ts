// Cloudflare Workers: the source is created once, outside the handler, so that all calls of an instance share its
// token. On Vercel, import `waitUntil` from `@vercel/functions`. In Next.js, use `(promise) => after(promise)` with
// `after` from `next/server`.

import { env, waitUntil } from "cloudflare:workers";
import { bearerFetch, createTokenSource, TokenRequestError, TokenTimeoutError } from "oauth2-token-response";

const baseUrl = "https://enterprise-api.easyship.com";
const tokens = createTokenSource({
  baseUrl,
  clientId: env.OAUTH2_CLIENT_ID,
  clientSecret: env.OAUTH2_CLIENT_SECRET,
  scope: ["enterprise.company"],
  // Shorter than the time limit of this handler's callers.
  timeoutMs: 5000,
  // Keeps a background refresh alive: a Worker stops background work when the request that started it ends.
  waitUntil,
});
const api = bearerFetch(tokens);

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return await api(`${baseUrl}/companies`, { signal: request.signal });
    } catch (error) {
      if (!(error instanceof TokenRequestError || error instanceof TokenTimeoutError)) throw error;
      // Until then the source would fail at once.
      const headers = error.nextTryAt ? { "Retry-After": error.nextTryAt.toUTCString() } : {};
      return Response.json({ error: "no token for the API" }, { status: 503, headers });
    }
  },
};

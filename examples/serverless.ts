// In Cloudflare Workers: the source is made once, outside the handler, so that warm calls share its token. It holds no timer between
// calls, and does not trust a clock that stood still while frozen. On Vercel `waitUntil` comes from `@vercel/functions`; in Next.js
// it is `(promise) => after(promise)`, with `after` from `next/server`.

import { env, waitUntil } from "cloudflare:workers";
import { bearerFetch, createTokenSource, TokenRequestError, TokenTimeoutError } from "oauth2-token-response";

const baseUrl = "https://enterprise-api.easyship.com";
const tokens = createTokenSource({
  baseUrl,
  clientId: env.OAUTH2_CLIENT_ID,
  clientSecret: env.OAUTH2_CLIENT_SECRET,
  scope: ["enterprise.company"],
  // Less than a caller of this handler is ready to wait.
  timeoutMs: 5000,
  // A Worker ends background work together with the request that started it: this keeps a refresh alive.
  waitUntil,
});
const api = bearerFetch(tokens);

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return await api(`${baseUrl}/companies`, { signal: request.signal });
    } catch (error) {
      if (!(error instanceof TokenRequestError || error instanceof TokenTimeoutError)) throw error;
      // The error says until when it is no use to try again.
      const headers = error.nextTryAt ? { "Retry-After": error.nextTryAt.toUTCString() } : {};
      return Response.json({ error: "no token for the API" }, { status: 503, headers });
    }
  },
};

// In a serverless handler (Workers, Deno, Bun; on Lambda behind an adapter): the source is made once, outside the handler, so that
// warm calls share its token. It holds no timer between calls, and does not trust a clock that stood still while frozen.

import { bearerFetch, createTokenSource, TokenRequestError, TokenTimeoutError } from "oauth2-token-response";

const baseUrl = "https://enterprise-api.easyship.com";
const tokens = createTokenSource({
  baseUrl,
  clientId: process.env["OAUTH2_CLIENT_ID"] ?? "your-client-id",
  clientSecret: process.env["OAUTH2_CLIENT_SECRET"] ?? "your-client-secret",
  scope: ["enterprise.company"],
  // Less than a caller of this handler is ready to wait.
  timeoutMs: 5000,
});
const authorised = bearerFetch(tokens);

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return await authorised(`${baseUrl}/companies`, { signal: request.signal });
    } catch (error) {
      if (!(error instanceof TokenRequestError || error instanceof TokenTimeoutError)) throw error;
      // The error says until when it is no use to try again.
      const headers = error.nextTryAt ? { "Retry-After": error.nextTryAt.toUTCString() } : {};
      return Response.json({ error: "no token for the API" }, { status: 503, headers });
    }
  },
};

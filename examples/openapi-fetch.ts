// openapi-fetch: typed calls, a token that is always fresh, and a replay after a 401.

import { createTokenSource } from "oauth2-token-response";
import { bearerMiddleware, ReplayableRequest } from "oauth2-token-response/openapi-fetch";
import createClient from "openapi-fetch";

/** The API, as openapi-typescript generates it from a description. */
interface paths {
  "/companies": { get: { responses: { 200: { content: { "application/json": { companies: unknown[] } } } } } };
}

const baseUrl = "https://enterprise-api.easyship.com";
const tokens = createTokenSource({
  baseUrl,
  clientId: process.env["OAUTH2_CLIENT_ID"] ?? "your-client-id",
  clientSecret: process.env["OAUTH2_CLIENT_SECRET"] ?? "your-client-secret",
  scope: ["enterprise.company"],
});

// openapi-fetch creates a `Request` for each call. Without `ReplayableRequest`, each body of up to 1 MiB is copied for
// a replay.
const api = createClient<paths>({ baseUrl, Request: ReplayableRequest });
api.use(bearerMiddleware(tokens));

const { data, response } = await api.GET("/companies");
console.log(response.status, data?.companies);

// ky, or any other client that takes a `fetch` function: `bearerFetch` sends the token and replays a call after a 401.

import ky from "ky";
import { bearerFetch, createTokenSource } from "oauth2-token-response";

const baseUrl = "https://enterprise-api.easyship.com";
const tokens = createTokenSource({
  baseUrl,
  clientId: process.env["OAUTH2_CLIENT_ID"] ?? "your-client-id",
  clientSecret: process.env["OAUTH2_CLIENT_SECRET"] ?? "your-client-secret",
  scope: ["enterprise.company"],
});
// ky creates a `Request` before it calls `fetch`. Its body, if it has one, is copied for a replay, up to 1 MiB.
const api = ky.create({ prefixUrl: baseUrl, fetch: bearerFetch(tokens) });

console.log(await api.get("companies").json());

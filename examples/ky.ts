// With ky, or whatever else takes a `fetch`: it sends the token and replays after a 401, ky does the rest.

import ky from "ky";
import { bearerFetch, createTokenSource } from "oauth2-token-response";

const baseUrl = "https://enterprise-api.easyship.com";
const tokens = createTokenSource({
  baseUrl,
  clientId: process.env["OAUTH2_CLIENT_ID"] ?? "your-client-id",
  clientSecret: process.env["OAUTH2_CLIENT_SECRET"] ?? "your-client-secret",
  scope: ["enterprise.company"],
});
// ky makes a `Request` before it calls `fetch`: one with a body is copied, up to 1 MiB, for the case of a replay.
const api = ky.create({ prefixUrl: baseUrl, fetch: bearerFetch(tokens) });

console.log(await api.get("companies").json());

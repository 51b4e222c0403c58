// Plain fetch: `bearerFetch` returns a function like `fetch` that also sends the token.

import { bearerFetch, createTokenSource } from "oauth2-token-response";

const baseUrl = "https://enterprise-api.easyship.com";
const tokens = createTokenSource({
  baseUrl,
  clientId: process.env["OAUTH2_CLIENT_ID"] ?? "your-client-id",
  clientSecret: process.env["OAUTH2_CLIENT_SECRET"] ?? "your-client-secret",
  scope: ["enterprise.company"],
});
const authorised = bearerFetch(tokens);

// Ten calls at once share one token request. A signal ends only the call that it was passed to.
const calls = Array.from({ length: 10 }, () =>
  authorised(`${baseUrl}/companies`, { signal: AbortSignal.timeout(5000) }),
);
for (const response of await Promise.all(calls)) console.log(response.status, await response.json());

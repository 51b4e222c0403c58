// OpenTelemetry: two counters and a histogram, from the events of a source. Labels must have few values, so a server's
// `error` is used only if RFC 6749 defines it.

import { metrics } from "@opentelemetry/api";
import { createTokenSource, type TokenError, type TokenEvent, TokenRequestError } from "oauth2-token-response";

const meter = metrics.getMeter("oauth2-token-response");
const requests = meter.createCounter("oauth2.token.requests", { description: "Requests to the token endpoint" });
const rejections = meter.createCounter("oauth2.token.rejections", { description: "Tokens that an API rejected" });
const durations = meter.createHistogram("oauth2.token.refresh.duration", { description: "Refreshes", unit: "s" });

const ERRORS = ["invalid_client", "invalid_grant", "invalid_request", "invalid_scope", "unauthorized_client"];

export function record(event: TokenEvent): void {
  if (event.type === "requested") requests.add(1);
  if (event.type === "invalidated") rejections.add(1, { current: event.isCurrent });
  if (event.type === "refreshed" || event.type === "unchanged") durations.record(event.durationMs / 1000);
  if (event.type === "failed") durations.record(event.durationMs / 1000, { "error.type": errorType(event.error) });
}

function errorType(error: TokenError): string {
  if (!(error instanceof TokenRequestError)) return error.name;
  return ERRORS.find((name) => name === error.error) ?? String(error.status ?? "network");
}

const tokens = createTokenSource({
  baseUrl: "https://enterprise-api.easyship.com",
  clientId: process.env["OAUTH2_CLIENT_ID"] ?? "your-client-id",
  clientSecret: process.env["OAUTH2_CLIENT_SECRET"] ?? "your-client-secret",
  scope: ["enterprise.company"],
  onEvent: record,
});
console.log(`${await tokens.get()}`);

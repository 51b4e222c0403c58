// A tour of the package: requests a token, prints it, uses it until it expires, and requests another. Then a token
// source does all of that for a thousand calls at once.
//
// If OAUTH2_BASE_URL, OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET are set, it uses that provider. Otherwise it starts a
// test provider on loopback, whose tokens are valid for 2 seconds.

import { setTimeout as sleep } from "node:timers/promises";
import { inspect, styleText } from "node:util";
import {
  type AccessToken,
  bearerFetch,
  createTokenSource,
  requestToken,
  revokeToken,
  TokenRequestError,
  type TokenRequestOptions,
} from "oauth2-token-response";
import { tokenEndpointAt } from "../test/provider/endpoints.ts";
import { RESOURCE, SCOPE } from "../test/provider/ours/facts.ts";
import { CLIENT, startProvider } from "../test/provider/provider.ts";

/** The tour does not wait for the expiry of a token that is valid for longer. */
const PATIENCE_SECONDS = 5;

/** The provider starts to count the lifetime after we sent the request, so its token expires a little later. */
const PROVIDER_SECONDS = 1;

const { OAUTH2_BASE_URL: baseUrl, OAUTH2_CLIENT_ID: clientId, OAUTH2_CLIENT_SECRET: clientSecret } = process.env;

try {
  if (baseUrl && clientId && clientSecret) {
    await tour({ ...tokenEndpointAt(baseUrl), clientId, clientSecret, scope: [SCOPE] }, `${baseUrl}${RESOURCE}`);
  } else if (baseUrl || clientId || clientSecret) {
    throw new Error("set all of OAUTH2_BASE_URL, OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET, or none of them");
  } else {
    const provider = await startProvider({ lifetime: 2 });
    await tour({ ...provider.client, scope: [SCOPE] }, `${provider.baseUrl}/companies`).finally(() => provider.close());
    await crowd();
  }
} catch (error) {
  say("failed", inspectCauses(error), "red");
  process.exitCode = 1;
}

async function tour(options: TokenRequestOptions, resource: string): Promise<void> {
  say("provider", `${options.baseUrl ?? options.tokenUrl}, asked for ${inspect(options.scope)}`);
  const token = await requestToken(options);
  say("token", `${token}`, "green");
  say(
    "",
    `${token.remainingSeconds()?.toFixed(1) ?? "an unknown number of"} seconds left, counted from when it was asked for`,
  );
  say("logged", inspect(token, { breakLength: Infinity }));
  say("", "nothing that prints a token shows its secret; token.value and token.authorization give it");
  say("used", await call(resource, token), "green");

  const left = token.remainingSeconds() ?? Infinity;
  if (left > PATIENCE_SECONDS) {
    say("expiry", `in ${left} s, which this program does not wait for`);
    return;
  }
  say(
    "waiting",
    `isExpired() is ${token.isExpired()}, isExpired({ leeway: 10 }) is ${token.isExpired({ leeway: 10 })}`,
  );
  await sleep((left + PROVIDER_SECONDS) * 1000);
  say("expired", `isExpired() is ${token.isExpired()}, and the provider agrees:`, "yellow");
  say("refused", await call(resource, token), "yellow");
  say("renewed", `${await requestToken(options)}`, "green");
  await requestToken({ ...options, clientSecret: "a-wrong-one" }).catch(sayRefusal);
}

/** Sends a thousand calls at once, and revokes the token meanwhile. */
async function crowd(): Promise<void> {
  const provider = await startProvider();
  const revocation = { revocationUrl: `${provider.baseUrl}/revoke`, ...CLIENT };
  const tokens = createTokenSource({ ...provider.client, scope: [SCOPE] });
  const authorised = bearerFetch(tokens, { origins: [provider.baseUrl] });
  const statuses = new Map<number, number>();
  const calls = Array.from({ length: 1000 }, async (_, index) => {
    if (index === 500) await revokeToken({ ...revocation, token: (await tokens.get()).value });
    const { status } = await authorised(`${provider.baseUrl}/companies`);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  });
  await Promise.all(calls).finally(() => provider.close());
  const counts = [...statuses].map(([status, count]) => `${count} x ${status}`).join(", ");
  say(
    "a crowd",
    `1000 calls at once, the token revoked under them: ${counts}, ${provider.tokenRequests} token requests`,
    "green",
  );
}

async function call(resource: string, token: AccessToken): Promise<string> {
  const { status, headers } = await fetch(resource, { headers: { Authorization: token.authorization } });
  return `GET ${new URL(resource).pathname}: ${status} ${headers.get("WWW-Authenticate") ?? ""}`.trimEnd();
}

function sayRefusal(error: unknown): void {
  if (!(error instanceof TokenRequestError)) throw error;
  say("refused", `${error.name}: ${error.message}`, "yellow");
}

function inspectCauses(error: unknown): string {
  return error instanceof Error && error.cause ? `${error}: ${inspectCauses(error.cause)}` : String(error);
}

function say(what: string, text: string, color: "green" | "yellow" | "red" | "cyan" = "cyan"): void {
  const isColored = process.stdout.isTTY && !process.env["NO_COLOR"];
  const label = what.padEnd(9);
  console.log(`${isColored ? styleText(color, label) : label} ${text}`);
}

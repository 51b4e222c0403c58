// `npm run probe`: asks a live provider for a token, what it knows of it, and to revoke it; then tells what of the answers is
// as described, what is more, what is less, and what breaks. It asks with plain `fetch`, as a client would hide the answers.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Print } from "../../scripts/command.ts";
import { AccessToken } from "../../src/access-token.ts";
import {
  type Endpoint,
  type EndpointRequest,
  endpointAt,
  endpointRequest,
  type Fields,
} from "../../src/token-request/endpoint.ts";
import { readUpTo } from "../../src/token-request/response-body.ts";
import { tokenRequest } from "../../src/token-request/token-request.ts";
import type { ProviderGrantOptions } from "../../src/token-request/token-request-options.ts";
import { ENDPOINTS, filled, tokenEndpointAt } from "./endpoints.ts";
import { CHECKS, SCOPE } from "./ours/facts.ts";
import {
  type Answer,
  compare,
  formatRow,
  isBreak,
  lifetimeManner,
  manner,
  memberOf,
  type Row,
  scopeManner,
} from "./probe-rows.ts";
import { CLIENT, startProvider } from "./provider.ts";

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 2 ** 20;
const { tokenEndpoint, introspectionEndpoint, revocationEndpoint, tokenInfoEndpoint } = ENDPOINTS;

/** Sends a request to a path, and returns the answer. */
type Send = (path: string, request: EndpointRequest) => Promise<Answer>;

/** Why there is nothing to tell. */
class ProbeError extends Error {}

const HELP = `Usage: npm run probe

Asks the provider in OAUTH2_BASE_URL, as OAUTH2_CLIENT_ID with OAUTH2_CLIENT_SECRET, for a token, what it knows of it, and to
revoke it; tells what of the answers is as described. Without these three it asks a provider that it starts itself.

  as described    fields that are
  more, less      fields that are not described, or not sent: no fault, as every field is optional
  breaks          a field of another type, or another status
  as seen, unlike what the description leaves open: as this provider is known to do, or not

Exit code 0: nothing breaks; 1: something does; 2: it could not ask.
`;

/** Runs the command in an environment; gives its exit code. */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv, print: Print): Promise<number> {
  if (args.length > 0) {
    const isHelp = args.length === 1 && args[0] === "--help";
    print[isHelp ? "out" : "err"](HELP);
    return isHelp ? 0 : 2;
  }
  const secrets = new Set<string>();
  const rows: Row[] = [];
  const embedded = env["OAUTH2_BASE_URL"] ? undefined : await startProvider();
  try {
    const options = optionsFrom(env, embedded?.baseUrl);
    secrets.add(options.clientSecret);
    const whose = embedded ? ", started for this as there is no OAUTH2_BASE_URL" : "";
    print.out(`probe: ${options.baseUrl}${whose}, asked for ${SCOPE}\n`);
    try {
      for await (const row of probe(options, secrets)) rows.push(row);
    } finally {
      print.out(rows.map(formatRow).join(""));
    }
    print.out(`probe: ${rows.some(isBreak) ? "an answer is not as described" : "nothing breaks"}.\n`);
    return rows.some(isBreak) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    print.err(`probe: ${error.message}\n`);
    return rows.some(isBreak) ? 1 : 2;
  } finally {
    await embedded?.close();
  }
}

function optionsFrom(env: NodeJS.ProcessEnv, embeddedUrl: string | undefined): ProviderGrantOptions {
  const { OAUTH2_BASE_URL: baseUrl, OAUTH2_CLIENT_ID: clientId, OAUTH2_CLIENT_SECRET: clientSecret } = env;
  if (baseUrl && clientId && clientSecret) {
    try {
      const options = { baseUrl, clientId, clientSecret, scope: SCOPE };
      tokenRequestFor(options);
      return options;
    } catch (error) {
      throw new ProbeError((error as TypeError).message);
    }
  }
  if (baseUrl || clientId || clientSecret || !embeddedUrl) {
    throw new ProbeError("set all of OAUTH2_BASE_URL, OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET, or none of them");
  }
  return { baseUrl: embeddedUrl, ...CLIENT, scope: SCOPE };
}

function tokenRequestFor({ baseUrl, ...client }: ProviderGrantOptions): ReturnType<typeof tokenRequest> {
  return tokenRequest({ ...client, ...tokenEndpointAt(baseUrl) });
}

async function* probe(options: ProviderGrantOptions, secrets: Set<string>): AsyncGenerator<Row> {
  const send = sender(secrets);
  const ask = (described: Endpoint, fields: Fields, accessToken?: AccessToken) => {
    const { endpoint, url } = endpointAt({ ...described, path: filled(described.path) }, options);
    const all = { ...endpoint.fields, ...fields };
    const isBearer = endpoint.clientAuthentication === "bearer" && accessToken;
    return send(endpoint.path, endpointRequest(url, endpoint, all, isBearer ? { accessToken } : options, []));
  };
  // Names are all that is shown of what a server says, and no name is shown that it may have made of a token.
  const isFit = (name: string) => /^[\w.-]{1,64}$/.test(name) && ![...secrets].some((secret) => name.includes(secret));
  const shown = (answer: string, body: Answer) => compare(answer, CHECKS[answer], body, isFit);
  const path = tokenEndpoint?.path ?? "";
  const issued = await send(path, tokenRequestFor(options).request);
  if (issued.status !== 200) {
    const code = String(memberOf(issued, "error"));
    throw new ProbeError(`${path} answered ${issued.status}${isFit(code) ? ` ${code}` : ""}`);
  }
  yield* shown("token", issued);
  yield manner("token", "Cache-Control is no-store", issued.headers.get("Cache-Control") === "no-store");
  yield scopeManner(memberOf(issued, "scope"), SCOPE);
  const token = tokenIn(issued);
  if (!token) throw new ProbeError(`${path} gave no access_token to go on with`);

  if (tokenInfoEndpoint) {
    const info = await ask(tokenInfoEndpoint, {}, token);
    yield* shown("info", info);
    yield lifetimeManner(info, Number(memberOf(issued, "expires_in")));
  }
  const other = tokenIn(await send(path, tokenRequestFor(options).request));
  if (!other || other.value === token.value) {
    // Whoever else has it would lose it.
    const what = "there is no second token: this one may be in use elsewhere, and is not revoked";
    yield { answer: "introspection", verdict: "not asked", what };
    return;
  }
  const fields = { token: token.value };
  if (introspectionEndpoint) {
    const introspection = await ask(introspectionEndpoint, fields, other);
    yield* shown("introspection", introspection);
    yield manner("introspection", "active is true", memberOf(introspection, "active") === true);
  }
  if (!revocationEndpoint) return;
  yield* shown("revocation", await ask(revocationEndpoint, fields));
  if (introspectionEndpoint) {
    const inactive = await ask(introspectionEndpoint, fields, other);
    yield manner("introspection", "active is false once revoked", memberOf(inactive, "active") === false);
  }
  if (tokenInfoEndpoint) {
    const { status, headers } = await ask(tokenInfoEndpoint, {}, token);
    const isRefused = status === 401 && headers.has("WWW-Authenticate");
    yield manner("info", "once revoked 401, with WWW-Authenticate", isRefused);
  }
}

/** The token in an answer, if a header can hold it. The rest of the answer may be as it likes. */
function tokenIn(answer: Answer): AccessToken | undefined {
  try {
    return AccessToken.from({ access_token: memberOf(answer, "access_token") as string }, { requestedAt: new Date() });
  } catch {
    return undefined;
  }
}

/** Sends requests with plain `fetch`, and remembers which secrets came. */
function sender(secrets: Set<string>): Send {
  return async (path, { url, init }) => {
    let answer: Answer;
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = (await (await readUpTo(MAX_BYTES, response.body))?.text()) ?? "";
      answer = { status: response.status, headers: response.headers, body: parse(text) };
    } catch (error) {
      // Not the message, which may hold what was sent.
      const { name, cause } = error as Error & { cause?: { code?: string } };
      throw new ProbeError(`${path} gave no complete answer: ${cause?.code ?? name}`);
    }
    for (const member of ["access_token", "refresh_token", "id_token"]) {
      const secret = memberOf(answer, member);
      if (typeof secret === "string" && secret !== "") secrets.add(secret);
    }
    const { status } = answer;
    if (status === 429 || status >= 500) throw new ProbeError(`${path} answered ${status}: try again later`);
    return answer;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

if (realpathSync(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2), process.env, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}

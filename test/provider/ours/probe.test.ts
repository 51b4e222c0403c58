// `npm run probe` reports where a provider differs from its description, stops with a reason if it cannot send requests, and never
// shows a token.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { main } from "../probe.ts";
import { CLIENT, type ProviderOptions, startProvider } from "../provider.ts";

vi.unmock("../../../src/generated/endpoints.ts");

// biome-ignore lint/suspicious/noExplicitAny: bodies of whatever kind.
type Alter = (body: any, path: string) => unknown;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The provider, except for what `alter` changes in its JSON and its responses. */
async function startAltered(
  alter: Alter,
  status?: (path: string) => number | undefined,
  options: ProviderOptions = {},
) {
  const provider = await startProvider(options);
  const tokens: string[] = [];
  const http = createServer(async (request, response) => {
    const path = request.url ?? "";
    const answer = await fetch(new URL(path, provider.baseUrl), {
      method: request.method ?? "GET",
      headers: { "Content-Type": "application/json", Authorization: request.headers.authorization ?? "" },
      body: request.method === "POST" ? await text(request) : null,
    });
    const body = await answer.json();
    if (body.access_token) tokens.push(body.access_token);
    const headers = new Headers(answer.headers);
    for (const name of ["content-length", "connection", "date", "transfer-encoding"]) headers.delete(name);
    const altered = JSON.stringify(answer.ok ? alter(body, path) : body);
    response.writeHead(status?.(path) ?? answer.status, [...headers].flat()).end(altered);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  closing.push(() => {
    http.closeAllConnections();
    http.close();
    return provider.close();
  });
  return { baseUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, tokens };
}

/** Runs the command as `npm run probe` would. */
async function probe(env: NodeJS.ProcessEnv) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main([], env, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out: out.join(""), err: err.join("") };
}

function probeAt(baseUrl: string, clientSecret: string = CLIENT.clientSecret) {
  return probe({
    OAUTH2_BASE_URL: baseUrl,
    OAUTH2_CLIENT_ID: CLIENT.clientId,
    OAUTH2_CLIENT_SECRET: clientSecret,
  });
}

const at =
  (where: string, more: object): Alter =>
  (body, path) =>
    path === where ? { ...body, ...more } : body;

test("without an environment it probes the test provider, and finds it as described and as observed", async () => {
  const { code, out, err } = await probe({});
  expect({ code, err }).toEqual({ code: 0, err: "" });
  // Fields that the provider does not return depend on its description, and are no fault.
  expect(
    out
      .replace(/^.* less .*\n/gm, "")
      .split("\n")
      .slice(1),
  ).toEqual([
    "  token          as described  access_token, token_type, expires_in, scope, created_at",
    "  token          as seen       Cache-Control is no-store",
    "  token          as seen       scope is as asked",
    "  info           as described  resource_owner_id, scope, expires_in, application, application.uid, created_at",
    "  info           as seen       expires_in is what remains",
    "  introspection  as described  active, scope, client_id, token_type, exp, iat",
    "  introspection  as seen       active is true",
    "  revocation     as described  an object",
    "  introspection  as seen       active is false once revoked",
    "  info           as seen       once revoked 401, with WWW-Authenticate",
    "probe: nothing breaks.",
    "",
  ]);
});

test.each([
  ["--help", 0, "out"],
  ["--nonsense", 2, "err"],
] as const)("with %s it sends no request and prints its usage", async (flag, code, where) => {
  const said = { out: "", err: "" };
  const print = { out: (text: string) => (said.out += text), err: (text: string) => (said.err += text) };
  expect(await main([flag], { OAUTH2_BASE_URL: "http://127.0.0.1:1" }, print)).toBe(code);
  expect(said).toEqual({ out: "", err: "", [where]: expect.stringMatching(/^Usage: npm run probe\n/) });
});

test("`npm run probe` exits with the code of its result", async () => {
  const env = { ...process.env, OAUTH2_BASE_URL: "", OAUTH2_CLIENT_ID: "id", OAUTH2_CLIENT_SECRET: "" };
  const child = spawn("npm", ["run", "--silent", "probe"], { env });
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect(err).toContain(
    "probe: set all of OAUTH2_BASE_URL, OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET, or none of them\n",
  );
  expect(code).toBe(2);
});

describe("it prints a line, and exits with a code, for", () => {
  test.each<[string, number, Alter, RegExp]>([
    [
      "a number in a string",
      1,
      at("/oauth2/token", { expires_in: "7200" }),
      /^ {2}token +breaks +expires_in: expected integer, found String$/m,
    ],
    ["a token that is no string", 1, at("/oauth2/token", { access_token: 1 }), /token +breaks +access_token: expected/],
    [
      "an object that is a string",
      1,
      at("/oauth2/token/info", { application: "0SECRET" }),
      /^ {2}info +breaks +application: expected object, found String$/m,
    ],
    [
      "a part of an object",
      1,
      at("/oauth2/token/info", { application: { uid: ["0SECRET"] } }),
      /^ {2}info +breaks +application.uid: expected string, found Array$/m,
    ],
    [
      "a list in the place of an object",
      1,
      (body, path) => (path === "/oauth2/revoke" ? [] : body),
      /^ {2}revocation +breaks +the body: expected object, found Array$/m,
    ],
    [
      "fields that are not described",
      0,
      at("/oauth2/token", { more: "0SECRET", extra: { inner: 1 } }),
      /^ {2}token +more +more, extra$/m,
    ],
    [
      "a field that is not described, inside of one that is",
      0,
      at("/oauth2/token/info", { application: { uid: "u", name: "n" } }),
      /^ {2}info +more +application.name$/m,
    ],
    ["a field that is missing", 0, at("/oauth2/token", { created_at: undefined }), /^ {2}token +less +created_at\b/m],
    [
      "what is missing as a whole, not in parts",
      0,
      at("/oauth2/token/info", { application: undefined }),
      /^ {2}info +less +application$/m,
    ],
    [
      "a scope that is absent",
      0,
      at("/oauth2/token", { scope: undefined }),
      /as seen +scope is absent, which means as/,
    ],
    ["an empty scope", 0, at("/oauth2/token", { scope: "" }), /as seen +scope is less than asked/],
    ["another scope", 0, at("/oauth2/token", { scope: "all" }), /unlike +scope is other than asked/],
    ["a moment", 0, at("/oauth2/token/info", { expires_in: 4e9 }), /^ {2}info +as seen +expires_in is a moment$/m],
    [
      "more than remains",
      0,
      at("/oauth2/token/info", { expires_in: 7201 }),
      /info +unlike +expires_in is not what remains/,
    ],
    [
      "a token that is inactive",
      0,
      at("/oauth2/introspect", { active: false }),
      /introspection +unlike +active is true/,
    ],
    [
      "a token that outlives its end",
      0,
      at("/oauth2/introspect", { active: true }),
      /unlike +active is false once revo/,
    ],
  ])("%s: %i", async (_, code, alter, line) => {
    const { baseUrl, tokens } = await startAltered(alter);
    const found = await probeAt(baseUrl);
    expect(found.out).toMatch(line);
    expect(found).toMatchObject({ code, err: expect.not.stringContaining("SECRET") });
    expect(tokens.length).toBeGreaterThan(0);
    for (const secret of [...tokens, "0SECRET", CLIENT.clientSecret])
      expect(found.out + found.err).not.toContain(secret);
  });

  test("an endpoint that does not exist: 1", async () => {
    const { baseUrl } = await startAltered(
      (body) => body,
      (path) => (path === "/oauth2/introspect" ? 404 : undefined),
    );
    const { code, out } = await probeAt(baseUrl);
    expect(out).toMatch(/^ {2}introspection +breaks +expected status 200, found 404$/m);
    expect(code).toBe(1);
  });
});

test("it does not revoke the token of a server that reuses tokens, as others may use it", async () => {
  const { baseUrl, tokens } = await startAltered((body) => body, undefined, { reuse: true });
  const { code, out } = await probeAt(baseUrl);
  expect(out).toMatch(/^ {2}introspection +not asked +there is no second token/m);
  expect(out).not.toContain("revocation");
  expect(code).toBe(0);
  const headers = { Authorization: `Bearer ${tokens[0]}` };
  expect((await fetch(`${baseUrl}/oauth2/token/info`, { headers })).status).toBe(200);
});

test("it does not print a field name that contains a token", async () => {
  const { baseUrl, tokens } = await startAltered((body, path) =>
    path === "/oauth2/token" ? { ...body, access_token: "nameSECRET", nameSECRET: 1, "\u001b[2J": 1 } : body,
  );
  const { out } = await probeAt(baseUrl);
  expect(tokens.length).toBeGreaterThan(0);
  expect(out).toMatch(/more +\[a name unfit to print\], \[a name unfit to print\]$/m);
  expect(out).not.toContain("SECRET");
  expect(out).not.toContain("\u001b");
});

describe("it exits with 2, and prints the reason in one line, for", () => {
  const refusing = (path: string, status: number) =>
    startAltered(
      (body) => body,
      (one) => (one === path ? status : undefined),
    );
  test.each<[string, () => Promise<{ code: number; out: string; err: string }>, string]>([
    [
      "an endpoint that is down",
      () => probeAt("https://127.0.0.1:65530"),
      "/oauth2/token gave no complete answer: ECONNREFUSED",
    ],
    [
      "a wrong secret",
      async () => probeAt((await startAltered((body) => body)).baseUrl, "wrong0SECRET"),
      "/oauth2/token answered 401 invalid_client",
    ],
    [
      "too many requests",
      async () => probeAt((await refusing("/oauth2/token/info", 429)).baseUrl),
      "/oauth2/token/info answered 429: try again later",
    ],
    [
      "a server that is broken",
      async () => probeAt((await refusing("/oauth2/token", 500)).baseUrl),
      "/oauth2/token answered 500: try again later",
    ],
    [
      "no token in the answer",
      async () => probeAt((await startAltered(at("/oauth2/token", { access_token: undefined }))).baseUrl),
      "/oauth2/token gave no access_token to go on with",
    ],
    [
      "a malformed token",
      async () => probeAt((await startAltered(at("/oauth2/token", { access_token: "a\n0SECRET" }))).baseUrl),
      "/oauth2/token gave no access_token to go on with",
    ],
    ["an http URL", () => probeAt("http://example.com"), "`baseUrl` must be an https: URL"],
    [
      "half an environment",
      () => probe({ OAUTH2_CLIENT_ID: "id" }),
      "set all of OAUTH2_BASE_URL, OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET, or none of them",
    ],
  ])("%s", async (_, run, message) => {
    const { code, out, err } = await run();
    expect(code).toBe(2);
    expect(err.split("\n")).toEqual([expect.stringContaining(`probe: ${message}`), ""]);
    expect(out + err).not.toMatch(/0SECRET|test_/);
  });
});

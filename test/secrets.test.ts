// No public object and no error shows a token or a client secret, whichever way it is printed.

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import {
  AccessToken,
  createTokenSource,
  getTokenInfo,
  requestToken,
  revokeToken,
  type TokenEvent,
  TokenRequestError,
  TokenResponseError,
} from "oauth2-token-response";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printed } from "./printed.ts";

const SECRETS = { access_token: "accessSecret", refresh_token: "refreshSecret", id_token: "idSecret" };
// Not of letters alone: a server may repeat it as JSON or as a form.
const clientSecret = 'clientSecret"a\\s+b/c=';
const IN_ANY_FORM = /accessSecret|refreshSecret|idSecret|clientSecret/;
const requestedAt = new Date();
const accessToken = AccessToken.from({ ...SECRETS, expires_in: 60 }, { requestedAt, scope: ["a"] });

/** A server that repeats in its refusal all that it was told. */
async function echo(input: string | URL | Request): Promise<Response> {
  const request = new Request(input);
  const told = `${request.headers.get("authorization")} ${await request.text()}`;
  return Response.json({ error: told, error_description: told, error_uri: told }, { status: 400 });
}

/** The same, in a form. */
async function echoForm(input: string | URL | Request): Promise<Response> {
  const told = new URLSearchParams(await new Request(input).json());
  return Response.json(
    { error: "e", error_description: encodeURIComponent(told.get("client_secret") ?? "") },
    { status: 400 },
  );
}

const options = { baseUrl: "https://example.com", clientId: "id", clientSecret, scope: "a" };
const answering = (body: unknown) => ({ ...options, fetch: async () => new Response(body as string) });
const failing = (cause: unknown) => ({ ...options, fetch: () => Promise.reject(cause) });
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("no error"),
    (error: unknown) => error,
  );

test.each<[string, () => unknown]>([
  ["an access token", () => accessToken],
  ["its response", () => accessToken.response],
  ["a token by the network", () => requestToken(answering(JSON.stringify(SECRETS)))],
  ["a refusal that repeats the secret", () => failureOf(requestToken({ ...options, fetch: echo }))],
  ["a refusal that repeats it in a form", () => failureOf(requestToken({ ...options, fetch: echoForm }))],
  [
    "a refusal that holds a token",
    () =>
      failureOf(
        requestToken(answering('{"error":"e","error_description":"is accessSecret","access_token":"accessSecret"}')),
      ),
  ],
  ["a refusal that repeats a token", () => failureOf(getTokenInfo({ ...options, accessToken, fetch: echo }))],
  ["a refused revocation", () => failureOf(revokeToken({ ...options, token: "accessSecret", fetch: echo }))],
  ["a body that is no JSON", () => failureOf(requestToken(answering('{"access_token":"accessSecret",')))],
  ["a body in a string", () => failureOf(requestToken(answering('"accessSecret"')))],
  ["a token that no header can hold", () => failureOf(requestToken(answering('{"access_token":"accessSecret\\n"}')))],
  [
    "a secret in another field",
    () => failureOf(requestToken(answering('{"access_token":"t","expires_in":"idSecret"}'))),
  ],
  ["a type that is none", () => failureOf(requestToken(answering('{"access_token":"t","token_type":"idSecret"}')))],
  ["a failed fetch", () => failureOf(requestToken(failing(new TypeError("fetch failed"))))],
  [
    "a base URL with a password",
    () => failureOf(requestToken({ ...options, baseUrl: "https://u:clientSecret@example.com" })),
  ],
  ["a base URL that is none", () => failureOf(requestToken({ ...options, baseUrl: "clientSecret" }))],
  ["an error of one's own making", () => new TokenRequestError("https://x", { status: 401 }, { cause: accessToken })],
  ["another", () => new TokenResponseError("/a", "b", SECRETS)],
])("%s", async (_, make) => {
  const text = printed(await make());
  expect(text.length).toBeGreaterThan(20);
  expect(text).not.toMatch(IN_ANY_FORM);
});

test("the scan finds a secret wherever it is", () => {
  for (const leak of [
    { a: { b: ["accessSecret"] } },
    new Error("accessSecret"),
    new Error("", { cause: "accessSecret" }),
  ]) {
    expect(printed(leak)).toContain("accessSecret");
  }
});

describe("a server that repeats the secret", () => {
  const id = "client";
  /** One character after the other in another encoding. */
  const mixed = (text: string, encoders: ((character: string) => string)[]) =>
    [...text].map((character, index) => encoders[index % encoders.length]?.(character)).join("");
  const hex = (number: number, digits: number) => number.toString(16).padStart(digits, "0");
  const plain = (text: string) => text;
  const form = (text: string) => new URLSearchParams({ "": text }).toString().slice(1);
  const percent = (text: string) => Array.from(Buffer.from(text), (byte) => `%${hex(byte, 2)}`).join("");
  const unicode = (text: string) =>
    text
      .split("")
      .map((_, index) => `\\u${hex(text.charCodeAt(index), 4)}`)
      .join("");
  const json = (text: string) => JSON.stringify(text).slice(1, -1);
  const slashes = (text: string) => json(text).replaceAll("/", "\\/");
  const upper = (text: string) => text.replaceAll(/(?<=[%u])[\da-f]+/g, (digits) => digits.toUpperCase());
  const basic = (text: string) => Buffer.from(`${id}:${text}`).toString("base64");

  const ENCODINGS: Record<string, (secret: string) => string> = {
    "as it is": plain,
    "percent-encoded": encodeURIComponent,
    "percent-encoded whole, in lower case": percent,
    "percent-encoded whole, in upper case": (text) => upper(percent(text)),
    "as a URI": encodeURI,
    "as a form": form,
    "as a form in lower case": (text) => form(text).replaceAll(/%../g, (code) => code.toLowerCase()),
    "as JSON": json,
    "as JSON with escaped slashes": slashes,
    "as JSON of ASCII alone": (text) => json(text).replaceAll(/[^ -~]/g, unicode),
    "as \\u escapes in lower case": unicode,
    "as \\u escapes in upper case": (text) => upper(unicode(text)),
    mixed: (text) => mixed(text, [plain, percent, unicode, form, slashes, encodeURIComponent]),
    "as Basic credentials": basic,
    "as Basic credentials, percent-encoded": (text) => encodeURIComponent(basic(text)),
    "as Basic credentials with escaped slashes": (text) => slashes(basic(text)),
  };
  const SECRETS_OF_ANY_KIND = [
    ':/+ %&="\\é😀',
    "a+b/c==",
    "%2f%2F+%20",
    "\\u0026\\/\\\\",
    "$^.*(){}[]|?-",
    "pass word",
    "~!'()*",
    "<>#;,@`",
  ];

  test.each(
    SECRETS_OF_ANY_KIND.flatMap((secret) =>
      Object.entries(ENCODINGS).map(([how, encode]) => [how, secret, encode] as const),
    ),
  )("%s: %s is masked", async (_, secret, encode) => {
    const text = `you sent ${encode(secret)}, twice: ${encode(secret)}!`;
    const fetch = async () => Response.json({ error: encode(secret), error_description: text }, { status: 400 });
    const failure = await failureOf(requestToken({ ...options, clientId: id, clientSecret: secret, fetch }));
    expect(failure).toMatchObject({ error: "***", errorDescription: "you sent ***, twice: ***!" });
    const cause = new TypeError(text, { cause: new Error(text) });
    const unreachable = await failureOf(
      requestToken({ ...options, clientId: id, clientSecret: secret, fetch: () => Promise.reject(cause) }),
    );
    const message = "you sent ***, twice: ***!";
    expect(unreachable).toMatchObject({ cause: { message, cause: { message } } });
  });
});

describe("a secret is not shown in part or slowly", () => {
  const secret = 'a/b"c+d'.repeat(8);
  const textOf = async (request: Promise<unknown>) => inspect(await failureOf(request), { depth: 9, showHidden: true });

  test.each([990, 995, 1000])("where a long text is cut: at %i characters", async (length) => {
    const cause = new Error("x".repeat(length) + secret);
    const text = await textOf(requestToken({ ...options, clientSecret: secret, fetch: () => Promise.reject(cause) }));
    expect(text).not.toContain(secret.slice(0, 7));
  });

  test("where it is repeated until the text is too long", async () => {
    const fetch = async () => Response.json({ error: "e", error_description: secret.repeat(40) }, { status: 400 });
    expect(await textOf(requestToken({ ...options, clientSecret: secret, fetch }))).not.toContain(secret.slice(0, 7));
  });

  test.each(["sec-ret\n", "sec\u0007ret"])("if it has a control character: %j", async (clientSecret) => {
    const fetch = async () =>
      Response.json({ error: "e", error_description: `wrong: ${clientSecret}` }, { status: 400 });
    const error = await failureOf(requestToken({ ...options, clientSecret, fetch }));
    expect(error).toMatchObject({ errorDescription: "wrong: ***" });
  });

  test.each([
    ["a backslash in many encodings", `${"\\u005c".repeat(40)}X`, "\\u005c".repeat(41)],
    ["many backslashes", "\\".repeat(200), "\\".repeat(900)],
    ["a great length", '"+/'.repeat(20_000), '"+/'.repeat(20_000)],
  ])("and the server cannot make the search long by a token with %s", async (_, access_token, error_description) => {
    const fetch = async () => Response.json({ error: "e", error_description, access_token }, { status: 400 });
    expect(await failureOf(requestToken({ ...options, fetch }))).toMatchObject({ errorDescription: "***" });
  });
});

describe("a response whose framing is malformed", () => {
  const BODY = '{"access_token":"accessSecret","expires_in":60}';
  const FRAMINGS: [string, string][] = [
    ["a chunk longer than its size", `Transfer-Encoding: chunked\r\n\r\n5\r\n${BODY}\r\n0\r\n\r\n`],
    ["a chunk whose size is not a number", `Transfer-Encoding: chunked\r\n\r\nxyz\r\n${BODY}\r\n0\r\n\r\n`],
    ["a length that is not a number", `Content-Length: 4x7\r\n\r\n${BODY}`],
    ["two lengths", `Content-Length: 47\r\nContent-Length: 5\r\n\r\n${BODY}`],
    ["a header without a colon", `Content-Length: 47\r\nno header\r\n\r\n${BODY}`],
  ];
  let framing = "";
  let baseUrl: string;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${framing}`));
  });
  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  /** Everything that printing an error could show, bytes as text too. */
  function shown(error: unknown): string {
    const { cause, errors = [] } = Object(error);
    const bytes = Object.values(Object(error)).map((value) =>
      value instanceof Uint8Array ? Buffer.from(value) : value,
    );
    const texts = [
      inspect(error, { depth: 99, showHidden: true }),
      JSON.stringify(error),
      String(error),
      Object(error).stack,
    ];
    return [...texts, ...bytes, ...(cause ? [shown(cause)] : []), ...errors.map(shown)].join("\n");
  }

  test.each(FRAMINGS)("%s: no error and no event shows the token", async (_, text) => {
    framing = text;
    const failures = await Promise.all([
      failureOf(requestToken({ ...options, baseUrl })),
      failureOf(getTokenInfo({ baseUrl, accessToken: AccessToken.from({ access_token: "t" }, { requestedAt }) })),
    ]);
    const events: TokenEvent[] = [];
    const own = async () => (await fetch(baseUrl)).json();
    for (const how of [{ ...options, baseUrl }, { request: own }]) {
      const tokens = createTokenSource({ ...how, timeoutMs: 0, onEvent: (event) => void events.push(event) });
      failures.push(await failureOf(tokens.get()));
    }
    const seen = [...failures, ...events.flatMap((event) => [event, ...("error" in event ? [event.error] : [])])];
    expect(seen).toHaveLength(10);
    for (const one of seen) expect(shown(one)).not.toMatch(/accessSecret|6[13] 63 63 65 73 73/);
  });

  test("is what the platform's own error shows", async () => {
    const leaks: string[] = [];
    for (const [name, text] of FRAMINGS) {
      framing = text;
      const error = await failureOf(fetch(baseUrl).then((response) => response.text()));
      if (shown(error).includes("accessSecret")) leaks.push(name);
    }
    // Which framings do, differs between platforms.
    expect(leaks).toContain("a length that is not a number");
  });
});

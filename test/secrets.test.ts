// No public object and no error shows a token or a client secret, however it is printed.

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
// With characters that JSON and forms encode.
const clientSecret = 'clientSecret"a\\s+b/c=';
const IN_ANY_FORM = /accessSecret|refreshSecret|idSecret|clientSecret/;
const requestedAt = new Date();
const accessToken = AccessToken.from({ ...SECRETS, expires_in: 60 }, { requestedAt, scope: ["a"] });

/** A `fetch` that repeats the request in an error response. */
async function echo(input: string | URL | Request): Promise<Response> {
  const request = new Request(input);
  const repeated = `${request.headers.get("authorization")} ${await request.text()}`;
  return Response.json({ error: repeated, error_description: repeated, error_uri: repeated }, { status: 400 });
}

/** The same for the secret, percent-encoded. */
async function echoForm(input: string | URL | Request): Promise<Response> {
  const body = new URLSearchParams(await new Request(input).json());
  return Response.json(
    { error: "e", error_description: encodeURIComponent(body.get("client_secret") ?? "") },
    { status: 400 },
  );
}

const options = { baseUrl: "https://example.com", clientId: "id", clientSecret, scope: "a" };
const responding = (body: unknown) => ({ ...options, fetch: async () => new Response(body as string) });
const failing = (cause: unknown) => ({ ...options, fetch: () => Promise.reject(cause) });
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("no error"),
    (error: unknown) => error,
  );

test.each<[string, () => unknown]>([
  ["an access token", () => accessToken],
  ["its response", () => accessToken.response],
  ["a requested token", () => requestToken(responding(JSON.stringify(SECRETS)))],
  ["an error response that repeats the secret", () => failureOf(requestToken({ ...options, fetch: echo }))],
  [
    "an error response that repeats the secret percent-encoded",
    () => failureOf(requestToken({ ...options, fetch: echoForm })),
  ],
  [
    "an error response that contains a token",
    () =>
      failureOf(
        requestToken(responding('{"error":"e","error_description":"is accessSecret","access_token":"accessSecret"}')),
      ),
  ],
  ["an error response that repeats a token", () => failureOf(getTokenInfo({ ...options, accessToken, fetch: echo }))],
  ["a failed revocation", () => failureOf(revokeToken({ ...options, token: "accessSecret", fetch: echo }))],
  ["a body that is not JSON", () => failureOf(requestToken(responding('{"access_token":"accessSecret",')))],
  ["a body that is a string", () => failureOf(requestToken(responding('"accessSecret"')))],
  ["a malformed token", () => failureOf(requestToken(responding('{"access_token":"accessSecret\\n"}')))],
  [
    "a secret in another field",
    () => failureOf(requestToken(responding('{"access_token":"t","expires_in":"idSecret"}'))),
  ],
  ["an unknown token type", () => failureOf(requestToken(responding('{"access_token":"t","token_type":"idSecret"}')))],
  ["a failed fetch", () => failureOf(requestToken(failing(new TypeError("fetch failed"))))],
  [
    "a base URL with a password",
    () => failureOf(requestToken({ ...options, baseUrl: "https://u:clientSecret@example.com" })),
  ],
  ["an invalid base URL", () => failureOf(requestToken({ ...options, baseUrl: "clientSecret" }))],
  [
    "an error of ours that the user creates with a token as its cause",
    () => new TokenRequestError("https://x", { status: 401 }, { cause: accessToken }),
  ],
  [
    "an error of ours that the user creates with tokens as the found value",
    () => new TokenResponseError("/a", "b", SECRETS),
  ],
])("%s, printed in any way, shows no secret", async (_, make) => {
  const text = printed(await make());
  expect(text.length).toBeGreaterThan(20);
  expect(text).not.toMatch(IN_ANY_FORM);
});

test("the helper that prints an object shows nested members, messages and causes", () => {
  for (const leak of [
    { a: { b: ["accessSecret"] } },
    new Error("accessSecret"),
    new Error("", { cause: "accessSecret" }),
  ]) {
    expect(printed(leak)).toContain("accessSecret");
  }
});

describe("a client secret that the server repeats:", () => {
  const id = "client";
  /** Each character in another encoding, in turn. */
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
    "percent-encoded throughout, in lower case": percent,
    "percent-encoded throughout, in upper case": (text) => upper(percent(text)),
    "as a URI": encodeURI,
    "as a form": form,
    "as a form in lower case": (text) => form(text).replaceAll(/%../g, (code) => code.toLowerCase()),
    "as JSON": json,
    "as JSON with escaped slashes": slashes,
    "as JSON in ASCII": (text) => json(text).replaceAll(/[^ -~]/g, unicode),
    "as \\u escapes in lower case": unicode,
    "as \\u escapes in upper case": (text) => upper(unicode(text)),
    "in mixed encodings": (text) => mixed(text, [plain, percent, unicode, form, slashes, encodeURIComponent]),
    "as Basic credentials": basic,
    "as Basic credentials, percent-encoded": (text) => encodeURIComponent(basic(text)),
    "as Basic credentials with escaped slashes": (text) => slashes(basic(text)),
  };
  const AWKWARD_SECRETS = [
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
    AWKWARD_SECRETS.flatMap((secret) =>
      Object.entries(ENCODINGS).map(([how, encode]) => [secret, how, encode] as const),
    ),
  )("%j is masked %s, in a response and in a cause", async (secret, _, encode) => {
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

describe("a long text", () => {
  const secret = 'a/b"c+d'.repeat(8);
  const textOf = async (request: Promise<unknown>) => inspect(await failureOf(request), { depth: 9, showHidden: true });

  test.each([990, 995, 1000])(
    "does not show part of a secret if it is cut after %i characters plus the secret",
    async (length) => {
      const cause = new Error("x".repeat(length) + secret);
      const text = await textOf(requestToken({ ...options, clientSecret: secret, fetch: () => Promise.reject(cause) }));
      expect(text).not.toContain(secret.slice(0, 7));
    },
  );

  test("does not show part of a secret that it repeats forty times", async () => {
    const fetch = async () => Response.json({ error: "e", error_description: secret.repeat(40) }, { status: 400 });
    expect(await textOf(requestToken({ ...options, clientSecret: secret, fetch }))).not.toContain(secret.slice(0, 7));
  });

  test.each(["sec-ret\n", "sec\u0007ret"])(
    "or a short one has a secret with a control character masked: %j",
    async (clientSecret) => {
      const fetch = async () =>
        Response.json({ error: "e", error_description: `wrong: ${clientSecret}` }, { status: 400 });
      const error = await failureOf(requestToken({ ...options, clientSecret, fetch }));
      expect(error).toMatchObject({ errorDescription: "wrong: ***" });
    },
  );

  test.each([
    ["a backslash in many encodings", `${"\\u005c".repeat(40)}X`, "\\u005c".repeat(41)],
    ["many backslashes", "\\".repeat(200), "\\".repeat(900)],
    ["a great length", '"+/'.repeat(20_000), '"+/'.repeat(20_000)],
  ])(
    "cannot make the search for secrets slow by a token with %s: it is masked entirely",
    async (_, access_token, error_description) => {
      const fetch = async () => Response.json({ error: "e", error_description, access_token }, { status: 400 });
      expect(await failureOf(requestToken({ ...options, fetch }))).toMatchObject({ errorDescription: "***" });
    },
  );
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

  /** Everything that printing an error could show, with bytes as text. */
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

  test("makes the error of the platform show the token", async () => {
    const leaks: string[] = [];
    for (const [name, text] of FRAMINGS) {
      framing = text;
      const error = await failureOf(fetch(baseUrl).then((response) => response.text()));
      if (shown(error).includes("accessSecret")) leaks.push(name);
    }
    // For other framings it depends on the platform.
    expect(leaks).toContain("a length that is not a number");
  });
});

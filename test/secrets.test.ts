// No public object and no error shows a token or a client secret, whichever way it is printed.

import {
  AccessToken,
  getTokenInfo,
  requestToken,
  revokeToken,
  TokenRequestError,
  TokenResponseError,
} from "oauth2-token-response";
import { expect, test } from "vitest";
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

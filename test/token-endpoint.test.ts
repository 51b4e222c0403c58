// Requests to any token endpoint, and how its responses are read.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import {
  bearerFetch,
  createTokenSource,
  introspectToken,
  requestToken,
  revokeToken,
  type TokenEvent,
  type UrlGrantOptions,
} from "oauth2-token-response";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createTokenRequester } from "../src/token-source/token-requester.ts";
import { printed } from "./printed.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly fields: [string, string][];
}

const SECRET = "s:/+ %&=ü";
let server: Server;
let seen: Seen[] = [];
let response: { status: number; headers?: Record<string, string>; body: string };
let origin: string;
let client: UrlGrantOptions;

beforeAll(async () => {
  server = createServer((request, reply) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      const { method, url, headers } = request;
      const { authorization, "content-type": type } = headers;
      seen.push({ method, url, type, authorization, fields: [...new URLSearchParams(text)] });
      reply.writeHead(response.status, response.headers).end(response.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = { tokenUrl: `${origin}/o/token/?p=policy`, clientId: "the client", clientSecret: SECRET };
});
afterAll(() => server.close());
beforeEach(() => {
  seen = [];
  response = { status: 200, body: JSON.stringify({ access_token: "t", token_type: "bearer", expires_in: 60 }) };
});

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`got ${value}`),
    (error) => error,
  );

describe("a token request to a `tokenUrl`", () => {
  test("is a form with a Basic header of encoded credentials, to exactly that URL", async () => {
    const token = await requestToken({ ...client, scope: ["read", "write"] });
    expect(token.scope).toEqual(["read", "write"]);
    expect(seen).toEqual([
      {
        method: "POST",
        url: "/o/token/?p=policy",
        type: "application/x-www-form-urlencoded",
        authorization: basic("the+client", "s%3A%2F%2B+%25%26%3D%C3%BC"),
        fields: [
          ["grant_type", "client_credentials"],
          ["scope", "read write"],
        ],
      },
    ]);
  });

  test.each([
    [
      "without encoding, if the server does not decode",
      { encodeClientCredentials: false },
      basic("the client", SECRET),
      [],
    ],
    [
      "in the body",
      { clientAuthentication: "client_secret_post" },
      undefined,
      [
        ["client_id", "the client"],
        ["client_secret", SECRET],
      ],
    ],
  ] as const)("sends the credentials %s", async (_, options, authorization, fields) => {
    await requestToken({ ...client, ...options });
    expect(seen[0]?.authorization).toBe(authorization);
    expect(seen[0]?.fields).toEqual([["grant_type", "client_credentials"], ...fields]);
  });

  test("has no `scope` if none is requested", async () => {
    await requestToken({ ...client, scope: [] });
    await requestToken({ ...client, scope: "" });
    await requestToken(client);
    expect(seen.map(({ fields }) => fields)).toEqual(Array(3).fill([["grant_type", "client_credentials"]]));
  });

  test("has the fields of `params`, which may repeat, override and remove fields", async () => {
    const params = { audience: "api", resource: ["https://a", "https://b"], grant_type: "password", scope: undefined };
    await requestToken({ ...client, scope: "read", params });
    expect(seen[0]?.fields).toEqual([
      ["grant_type", "password"],
      ["audience", "api"],
      ["resource", "https://a"],
      ["resource", "https://b"],
    ]);
  });

  test("has the scope of `params`, which becomes the scope of the token if the response names none", async () => {
    expect((await requestToken({ ...client, scope: "read", params: { scope: "write" } })).scope).toEqual(["write"]);
    expect((await requestToken({ ...client, scope: "read", params: { scope: undefined } })).scope).toEqual([]);
  });

  test("uses the `params` as they were when the source was created", async () => {
    const params = { audience: "first" };
    const tokens = createTokenSource({ ...client, params });
    params.audience = "second";
    await tokens.get();
    expect(seen[0]?.fields).toContainEqual(["audience", "first"]);
  });

  test("uses `defaultLifetimeMs` if the response has no lifetime", async () => {
    response.body = JSON.stringify({ access_token: "t" });
    const token = await requestToken({ ...client, defaultLifetimeMs: 90_000 });
    expect(Math.round(token.remainingSeconds() ?? 0)).toBe(90);
    expect((await requestToken(client)).expiresAt).toBeUndefined();
  });

  test("has an unknown expiry with a `defaultLifetimeMs` of 0, not one that is over at once", async () => {
    response.body = JSON.stringify({ access_token: "t" });
    expect((await requestToken({ ...client, defaultLifetimeMs: 0 })).expiresAt).toBeUndefined();
    expect((await createTokenSource({ ...client, defaultLifetimeMs: 0 }).get()).expiresAt).toBeUndefined();
  });

  test("needs a sensible `defaultLifetimeMs`", async () => {
    await expect(requestToken({ ...client, defaultLifetimeMs: NaN })).rejects.toThrow(/`defaultLifetimeMs` is invalid/);
  });

  test.each(["bearer", "Bearer", "BEARER", "BearerToken", "bearer_token", "Application Access Token"])(
    "accepts a `token_type` of %j",
    async (token_type) => {
      response.body = JSON.stringify({ access_token: "00D!AQ^#|~", token_type });
      expect((await requestToken(client)).authorization).toBe("Bearer 00D!AQ^#|~");
    },
  );

  test.each(["DPoP", "mac", "N_A"])("rejects a `token_type` of %j", async (token_type) => {
    response.body = JSON.stringify({ access_token: "t", token_type });
    expect(await failureOf(requestToken(client))).toMatchObject({ name: "TokenResponseError", path: "/token_type" });
  });

  test("rejects after `timeoutMs`", async () => {
    const fetch = () => new Promise<Response>(() => {});
    const failure = await failureOf(requestToken({ ...client, fetch, timeoutMs: 20 }));
    expect(failure).toMatchObject({ name: "TokenRequestError", cause: { name: "TimeoutError" } });
  });

  test.each([
    ["a client secret", { clientSecret: "" }, "`clientId` and `clientSecret` must not be empty"],
    [
      "an https URL",
      { tokenUrl: "http://example.com/token" },
      "`tokenUrl` must be an https: URL (http: on loopback) with origin, path and query only",
    ],
    ["a URL without a fragment", { tokenUrl: "https://example.com/token#a" }, "`tokenUrl` must be an https: URL"],
    ["a `tokenUrl` or a `baseUrl`", { tokenUrl: undefined }, "`tokenUrl` or `baseUrl` is required"],
    ["only one of them", { baseUrl: "https://example.com" }, "`baseUrl` and `tokenUrl` cannot be combined"],
    [
      "`params` that are a plain object",
      { params: new URLSearchParams("audience=api") },
      "`params` must be a plain object",
    ],
    ["a known client authentication", { clientAuthentication: "private_key_jwt" }, "`clientAuthentication` must be"],
  ])("needs %s", async (_, options, message) => {
    const wrong = { ...client, ...options } as unknown as UrlGrantOptions;
    expect(await failureOf(requestToken(wrong))).toMatchObject({ name: "TypeError" });
    expect(() => createTokenSource(wrong)).toThrow(message);
    expect(seen).toEqual([]);
  });
});

describe("an error of a request to a `tokenUrl`", () => {
  test.each([
    ["has a hint", "in a Basic header, encoded", {}, true],
    ["has no hint", "in the body", { clientAuthentication: "client_secret_post" }, false],
    ["has no hint", "not encoded", { encodeClientCredentials: false }, false],
    ["has no hint", "the same when encoded", { clientId: "client", clientSecret: "secret" }, false],
  ] as const)("%s after `invalid_client`, if the credentials are %s", async (_, __, options, hasHint) => {
    response = { status: 401, body: JSON.stringify({ error: "invalid_client" }) };
    const hint =
      ' (check id and secret; if they are right, the server may not decode them: try `clientAuthentication: "client_secret_post"`)';
    const { message } = await failureOf(createTokenSource({ ...client, ...options }).get());
    expect(message).toBe(`${origin}/o/token/: 401 invalid_client${hasHint ? hint : ""}`);
  });

  test("names the URL without its query", async () => {
    response = { status: 400, body: JSON.stringify({ error: "invalid_scope", error_description: "no such scope" }) };
    const { message } = await failureOf(requestToken(client));
    expect(message).toBe(`${origin}/o/token/: 400 invalid_scope no such scope`);
  });

  test("masks the values of `params` except public ones such as `audience`", async () => {
    const params = { grant_type: "password", username: "ann", password: "hunter2", audience: "https://api" };
    const error_description = "ann hunter2 is not allowed at https://api";
    response = { status: 400, body: JSON.stringify({ error: "invalid_grant", error_description }) };
    const { errorDescription } = await failureOf(requestToken({ ...client, params }));
    expect(errorDescription).toBe("*** *** is not allowed at https://api");
  });

  test("keeps its code even if a value of `params` is part of it, or is very long", async () => {
    const params = { kind: "client", v: "1" };
    const error_description = "the client sent 1 assertion";
    response = { status: 401, body: JSON.stringify({ error: "invalid_client", error_description }) };
    const failure = await failureOf(requestToken({ ...client, params }));
    expect(failure).toMatchObject({ error: "invalid_client", errorDescription: "the *** sent 1 assertion" });
    const long = await failureOf(requestToken({ ...client, params: { assertion: "a".repeat(600) } }));
    expect(long.error).toBe("invalid_client");
  });

  test.each([
    ["its beginning", (secret: string) => secret.slice(0, 100)],
    ["its middle", (secret: string) => secret.slice(200, 400)],
    ["its end", (secret: string) => secret.slice(-100)],
    ["its Base64", (secret: string) => Buffer.from(secret).toString("base64")],
  ])(
    "hides the entire text that may repeat %s, if the value of `params` is longer than 500 characters",
    async (_, partOf) => {
      const assertion = Array.from({ length: 300 }, (_, index) => index.toString(36)).join("");
      response = {
        status: 400,
        body: JSON.stringify({ error: "e", error_description: `rejected: ${partOf(assertion)}` }),
      };
      const { errorDescription } = await failureOf(requestToken({ ...client, params: { assertion } }));
      expect(errorDescription).toBe("***");
    },
  );
});

describe("sources with one store", () => {
  const identityOf = (options: Partial<UrlGrantOptions>) => createTokenRequester({ ...client, ...options }).identity;

  test.each<[string, Partial<UrlGrantOptions>, Partial<UrlGrantOptions>]>([
    ["scopes in another order", { scope: "a b" }, { scope: ["b", "a"] }],
    ["`params` in another order", { params: { a: "1", b: "2" } }, { params: { b: "2", a: "1" } }],
    ["a parameter without a value", { params: { audience: undefined, resource: [] } }, {}],
    ["the default grant by its name", { params: { grant_type: "client_credentials" } }, {}],
    ["a list of one value", { params: { resource: ["a"] } }, { params: { resource: "a" } }],
    ["a scope in `params`", { scope: "z", params: { scope: "a" } }, { scope: "a" }],
    ["the URL in another spelling", { tokenUrl: "https://A.com:443/x/../t" }, { tokenUrl: "https://a.com/t" }],
    ["another client authentication", { clientAuthentication: "client_secret_post" }, {}],
  ])("share a token despite %s", (_, a, b) => {
    expect(identityOf(a)).toEqual(identityOf(b));
  });

  test.each<[string, Partial<UrlGrantOptions>, Partial<UrlGrantOptions>]>([
    ["the URL", { tokenUrl: "https://a.com/t" }, { tokenUrl: "https://a.com/t/" }],
    ["the client", { clientId: "a" }, { clientId: "b" }],
    ["a scope", { scope: "a" }, { scope: "a b" }],
    ["a parameter", { params: { audience: "a" } }, { params: { audience: "b" } }],
    ["the name of a parameter", { params: { a: "b" } }, { params: { b: "a" } }],
    ["where a list is divided", { params: { resource: ["a,b"] } }, { params: { resource: ["a", "b"] } }],
    ["the grant", { params: { grant_type: "password" } }, {}],
  ])("do not share a token if they differ in %s", (_, a, b) => {
    expect(identityOf(a)).not.toEqual(identityOf(b));
  });
});

describe("the other endpoints", () => {
  test("revocation is a form to a `revocationUrl` (RFC 7009)", async () => {
    const { clientId, clientSecret } = client;
    response.body = "";
    await revokeToken({ revocationUrl: `${origin}/revoke`, clientId, clientSecret, token: "old" });
    const authorization = basic("the+client", "s%3A%2F%2B+%25%26%3D%C3%BC");
    expect(seen).toMatchObject([{ method: "POST", url: "/revoke", authorization, fields: [["token", "old"]] }]);
  });

  test("introspection is a form to an `introspectionUrl`, by credentials or another token (RFC 7662)", async () => {
    const { clientId, clientSecret } = client;
    const introspectionUrl = `${origin}/introspect`;
    const accessToken = await requestToken(client);
    response.body = JSON.stringify({ active: true, sub: "ann" });
    const { active, sub } = await introspectToken({ introspectionUrl, accessToken, token: "t" });
    await introspectToken({ introspectionUrl, clientId, clientSecret, token: "t" });
    expect([active, sub]).toEqual([true, "ann"]);
    const authorization = basic("the+client", "s%3A%2F%2B+%25%26%3D%C3%BC");
    expect(seen.slice(1)).toMatchObject([{ authorization: "Bearer t" }, { authorization }]);
  });
});

describe("the token of a source with a `tokenUrl`", () => {
  test("needs `origins`", () => {
    expect(() => bearerFetch(createTokenSource(client))).toThrow(
      '`origins` is required if the source has no `baseUrl`, such as ["https://api.example.com"]',
    );
  });

  test.each([[[]], [["localhost:3000"]], [["https://*.example.com"]], [["api.example.com"]]])(
    "cannot have `origins` of %j",
    (origins) => {
      expect(() => bearerFetch(createTokenSource(client), { origins })).toThrow(/^`origins` .*https:..api.example.com/);
    },
  );

  test("is sent to these origins; an event reports why another request is sent without it", async () => {
    const events: TokenEvent[] = [];
    const api = bearerFetch(createTokenSource(client), {
      origins: [origin],
      onEvent: (event) => void events.push(event),
    });
    await api(`${origin}/api`);
    await api(origin.replace("127.0.0.1", "localhost"));
    await api(`${origin}/api`, { headers: { Authorization: "Basic own" } });
    expect(seen.map(({ authorization }) => authorization).slice(1)).toEqual(["Bearer t", undefined, "Basic own"]);
    expect(events).toEqual([
      { type: "skipped", reason: "origin", origin: origin.replace("127.0.0.1", "localhost") },
      { type: "skipped", reason: "authorization", origin },
    ]);
  });

  test("may take longer than 10 s if `attemptTimeoutMs` says so", async () => {
    vi.useFakeTimers();
    try {
      const fetch = async () => {
        await new Promise((resolve) => setTimeout(resolve, 12_000));
        return Response.json({ access_token: "slow" });
      };
      const token = createTokenSource({ ...client, fetch, attemptTimeoutMs: 15_000 }).get();
      await vi.advanceTimersByTimeAsync(12_000);
      expect((await token).value).toBe("slow");
    } finally {
      vi.useRealTimers();
    }
  });

  test("is not requested again during the cooldown of a permanent failure", async () => {
    response = { status: 401, body: JSON.stringify({ error: "invalid_client" }) };
    const tokens = createTokenSource(client);
    expect(await failureOf(tokens.get())).toMatchObject({ status: 401, error: "invalid_client" });
    expect(await failureOf(tokens.get())).toMatchObject({ status: 401, error: "invalid_client" });
    expect(seen).toHaveLength(1);
  });
});

describe("a `request` that returns a `Response`", () => {
  const sourceOf = () => {
    const request = ({ signal }: { signal: AbortSignal }) => fetch(`${origin}/token?key=1`, { method: "POST", signal });
    return createTokenSource({ request });
  };

  test("needs nothing else", async () => {
    expect(await sourceOf().get()).toMatchObject({ type: "Bearer", scope: [] });
  });

  test.each([
    [401, '{"error":"invalid_client"}', {}, { status: 401, error: "invalid_client" }],
    [200, '{"error":"invalid_grant"}', {}, { status: 200, error: "invalid_grant" }],
    [403, "<html>", {}, { status: 403 }],
  ])("rejects after a %d with the body %s, without another attempt", async (status, body, headers, failure) => {
    response = { status, body, headers };
    expect(await failureOf(sourceOf().get())).toMatchObject({ name: "TokenRequestError", ...failure });
    expect(seen).toHaveLength(1);
  });

  test("makes no further attempt if `Retry-After` exceeds the time limit", async () => {
    response = { status: 503, body: "", headers: { "Retry-After": "60" } };
    expect(await failureOf(sourceOf().get())).toMatchObject({ status: 503, retryAfterMs: 60_000 });
    expect(seen).toHaveLength(1);
  });

  test("has its URL without the query in errors", async () => {
    response = { status: 400, body: '{"error":"invalid_scope"}' };
    expect((await failureOf(sourceOf().get())).message).toBe(`${origin}/token: 400 invalid_scope`);
  });

  test("rejects if a redirect was followed, and names the URL to request instead", async () => {
    const url = `${origin}/moved?key=1`;
    const found = Object.defineProperties(Response.json({ access_token: "t" }), {
      redirected: { value: true },
      url: { value: url },
    });
    expect((await failureOf(createTokenSource({ request: async () => found }).get())).message).toBe(
      `${origin}/moved: 200 after a redirect: request this URL directly`,
    );
  });

  test("rejects without another attempt if the body was already read", async () => {
    const request = async () => {
      const found = await fetch(`${origin}/token`, { method: "POST" });
      await found.json();
      return found;
    };
    const failure = await failureOf(createTokenSource({ request }).get());
    expect(failure).toMatchObject({ name: "TokenResponseError", expected: expect.stringContaining("an unread body") });
    expect(seen).toHaveLength(1);
  });

  test("rejects with the status if the body of an error never ends", async () => {
    vi.useFakeTimers();
    try {
      let isCancelled = false;
      const cancel = () => {
        isCancelled = true;
      };
      const request = async () => new Response(new ReadableStream({ cancel }), { status: 401 });
      const failure = failureOf(createTokenSource({ request }).get());
      await vi.advanceTimersByTimeAsync(2500);
      expect(await failure).toMatchObject({ name: "TokenRequestError", status: 401 });
      expect(isCancelled).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  test("is malformed if its async iterable body is too long, even if the body cannot be closed", async () => {
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: new Uint8Array(2 ** 20 + 1) }),
        return: () => Promise.reject(new Error("cannot be closed")),
      }),
    };
    const request = async () => Object.defineProperty(new Response("{}"), "body", { value: body });
    await expect(createTokenSource({ request }).get()).rejects.toThrow(/JSON object of at most 1 MiB/);
  });

  test("may have a Node stream as its body, as with node-fetch; more than 1 MiB is malformed", async () => {
    const responseWith = (body: object) => ({ ok: true, status: 200, headers: new Headers(), text: expect.fail, body });
    const short = [Buffer.from('{"access_token":'), Buffer.from('"t"}')];
    expect(await createTokenSource({ request: async () => responseWith(Readable.from(short)) }).get()).toMatchObject({
      value: "t",
    });
    let chunks = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          chunks += 1;
          yield Buffer.alloc(2 ** 18);
        }
      })(),
    );
    const failure = await failureOf(createTokenSource({ request: async () => responseWith(endless) }).get());
    expect(failure).toMatchObject({ name: "TokenResponseError", path: "" });
    expect(chunks).toBeLessThan(20);
    expect(endless.destroyed).toBe(true);
  });

  test("is malformed if the body is an array", async () => {
    response.body = "[]";
    expect(await failureOf(sourceOf().get())).toMatchObject({ name: "TokenResponseError", path: "" });
  });
});

const invalidClient = { error: "invalid_client", error_description: "wrong secret" };

describe("a `request` that returns an object", () => {
  test.each([
    ["the body of an error response", invalidClient, 400],
    [
      "a body whose `error` is an object",
      { error: { code: invalidClient.error, message: invalidClient.error_description }, access_token: null },
      400,
    ],
    ["a response of got", { statusCode: 401, body: JSON.stringify(invalidClient) }, 401],
    ["a result of openapi-fetch", { error: invalidClient, response: new Response("", { status: 401 }) }, 401],
  ])("rejects after one attempt, with the reason, if that is %s", async (_, found, status) => {
    const events: TokenEvent[] = [];
    const request = async () => found;
    const tokens = createTokenSource({ request, onEvent: (event) => void events.push(event) });
    const failure = await failureOf(tokens.get());
    expect(failure).toMatchObject({ name: "TokenRequestError", error: "invalid_client", status });
    expect(failure.errorDescription).toBe("wrong secret");
    expect(events.map(({ type }) => type)).toEqual(["requested", "failed"]);
  });

  test("may return a token, whose scope and expiry the source adopts", async () => {
    response.body = JSON.stringify({ access_token: "t", token_type: "bearer", expires_in: 60, scope: "read" });
    const token = await createTokenSource({ request: ({ signal }) => requestToken({ ...client, signal }) }).get();
    expect(token).toMatchObject({ value: "t", scope: ["read"] });
    expect(Math.round(token.remainingSeconds() ?? 0)).toBeGreaterThan(57);
    response.body = JSON.stringify({ access_token: "t" });
    expect((await createTokenSource({ request: () => requestToken(client) }).get()).expiresAt).toBeUndefined();
  });

  test("is not called again if `requestToken` in it got a malformed response", async () => {
    response.body = JSON.stringify({ token: "t" });
    const failure = await failureOf(createTokenSource({ request: () => requestToken(client) }).get());
    expect(failure).toMatchObject({ name: "TokenResponseError", path: "/access_token" });
    expect(seen).toHaveLength(1);
  });
});

test("a source with both a `request` and a URL is not created", () => {
  const options = { ...client, request: () => fetch("") };
  expect(() => createTokenSource(options)).toThrow("`request` cannot be combined with `tokenUrl` or `baseUrl`");
});

/** Errors as libraries throw them. */
const thrown: [library: string, error: object, status: number | undefined, retryAfterMs?: number][] = [
  ["oauth4webapi", Object.assign(new Error("server responded with an error"), { ...invalidClient, status: 400 }), 400],
  [
    "openid-client, for a challenge",
    Object.assign(new Error("challenge"), {
      status: 401,
      cause: [{ scheme: "basic", parameters: { realm: "x", ...invalidClient } }],
    }),
    401,
  ],
  [
    "openid-client, for a 503",
    new Error("unexpected status", {
      cause: new Response(JSON.stringify(invalidClient), { status: 503, headers: { "Retry-After": "60" } }),
    }),
    503,
    60_000,
  ],
  [
    "axios",
    Object.assign(new Error("Request failed with status code 401"), {
      code: "ERR_BAD_REQUEST",
      status: 401,
      response: { status: 401, headers: { "retry-after": "60" }, data: invalidClient },
    }),
    401,
    60_000,
  ],
  [
    "axios, for a body that is not parsed",
    Object.assign(new Error(""), { response: { status: 400, data: JSON.stringify(invalidClient) } }),
    400,
  ],
  [
    "ky, whose body is not read yet",
    Object.assign(new Error(""), {
      response: new Response(JSON.stringify(invalidClient), { status: 401, headers: { "Retry-After": "60" } }),
    }),
    401,
    60_000,
  ],
  [
    "got",
    Object.assign(new Error(""), {
      response: { statusCode: 429, headers: { "retry-after": "60" }, body: JSON.stringify(invalidClient) },
    }),
    429,
    60_000,
  ],
  ["ofetch", Object.assign(new Error(""), { statusCode: 401, data: invalidClient }), 401],
  ["undici", Object.assign(new Error(""), { statusCode: 401, body: invalidClient, headers: {} }), 401],
  ["code that throws the text of a body", new Error(JSON.stringify(invalidClient)), 400],
  [
    "axios, for an error as an object",
    Object.assign(new Error(""), {
      response: { status: 401, data: { error: { code: "invalid_client", message: "wrong secret" } } },
    }),
    401,
  ],
  ["oauth4webapi, for an error with a status of 200", new Error("no token", { cause: { body: invalidClient } }), 400],
  [
    "openid-client, for an error with a status of 200",
    new Error("", { cause: new Error("", { cause: { body: invalidClient } }) }),
    400,
  ],
  [
    "got, inside another error",
    new Error("no token", {
      cause: Object.assign(new Error(""), {
        response: { statusCode: 401, headers: { "retry-after": "60" }, body: JSON.stringify(invalidClient) },
      }),
    }),
    401,
    60_000,
  ],
  ["code that throws a plain object", { status: 400, ...invalidClient }, 400],
  ["code that adds an error code and no status", Object.assign(new Error("failed"), invalidClient), 400],
];

describe("an error that a `request` throws", () => {
  test("may be its own cause: each error is copied once", async () => {
    const error = new AggregateError([], "round");
    error.cause = error;
    error.errors.push(error, new Error("a member"), error);
    const { cause } = await failureOf(createTokenSource({ request: () => Promise.reject(error), timeoutMs: 1 }).get());
    expect(cause.cause).toMatchObject({
      name: "AggregateError",
      message: "round",
      errors: [undefined, { message: "a member" }, undefined],
    });
    expect(cause.cause.cause).toBeUndefined();
  });

  test.each(thrown)(
    "makes get() reject after 1 attempt, with status and reason: as thrown by %s",
    async (_, error, status, retryAfterMs) => {
      let requests = 0;
      const request = async () => {
        requests += 1;
        throw error;
      };
      const failure = await failureOf(createTokenSource({ request }).get());
      expect(failure).toMatchObject({ name: "TokenRequestError", error: "invalid_client", status, retryAfterMs });
      expect(failure.errorDescription).toBe("wrong secret");
      expect(failure.message).toBe(`\`request\`: ${status} invalid_client wrong secret`);
      expect(requests).toBe(1);
    },
  );

  test.each([
    undefined,
    null,
    "text",
    7,
    {},
    new Error("no network"),
    { status: "bad", headers: 1, response: null },
    { cause: [] },
  ])("without a status counts as no response: %o", async (error) => {
    const request = () => Promise.reject(error);
    const failure = await failureOf(createTokenSource({ request, timeoutMs: 1 }).get());
    expect(failure).toMatchObject({ name: "TokenTimeoutError", cause: { name: "TokenRequestError" } });
    expect(failure.cause.message).toMatch(/^`request`: no complete response( \((text|no network)\))?$/);
  });
});

describe("the cause of an error of a client", () => {
  test.each([
    ["ky", "Request failed with status code 401: POST https://a.com/token?key=hidden"],
    ["ofetch", '[POST] "https://user:hidden@a.com/token?key=hidden#x": 401 Unauthorized'],
    ["the platform about a header", 'Headers.append: "Bearer hid\nhidden" is an invalid header value.'],
    ["another platform about a header", "Header 'authorization' has invalid value: 'Basic aWQ6hidden='"],
    ["V8 about a body", "Unexpected token 'a', \"a\nhidden\"... is not valid JSON"],
    ["JavaScriptCore about a body", 'JSON Parse error: Unexpected identifier "hidden"'],
  ])("hides the secrets in a message of %s", async (_, message) => {
    const fail = () => Promise.reject(new Error(message));
    const failures = [
      failureOf(createTokenSource({ request: fail, timeoutMs: 1 }).get()),
      failureOf(requestToken({ ...client, fetch: fail })),
    ];
    for (const failure of await Promise.all(failures)) {
      expect(printed(failure)).toContain(message.slice(0, 9));
      expect(printed(failure)).not.toContain("hidden");
    }
  });

  test("has less than 10,000 characters", async () => {
    const request = () => Promise.reject(new Error("x".repeat(1e6)));
    const { cause } = await failureOf(createTokenSource({ request, timeoutMs: 1 }).get());
    expect(cause.cause.message.length).toBeLessThan(10_000);
  });

  test("keeps words that only look like a secret", async () => {
    const request = () => Promise.reject(new Error("Basic authentication is off; see https://a.com/help"));
    const { cause } = await failureOf(createTokenSource({ request, timeoutMs: 1 }).get());
    expect(cause.cause.message).toBe("Basic authentication is off; see https://a.com/help");
  });
});

describe("a `request` that ignores its signal", () => {
  /** A source whose requests end after this time. */
  const sourceOf = (durationMs: number, end: () => unknown) => {
    const events: TokenEvent[] = [];
    const request = async () => {
      await new Promise((resolve) => setTimeout(resolve, durationMs));
      return end();
    };
    const tokens = createTokenSource({ request, onEvent: (event) => void events.push(event) });
    return { tokens, requests: () => events.filter(({ type }) => type === "requested").length };
  };

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("is not called again if it fails permanently after its time limit", async () => {
    const { tokens, requests } = sourceOf(12_000, () => Response.json(invalidClient, { status: 401 }));
    const failure = failureOf(tokens.get());
    await vi.advanceTimersByTimeAsync(12_000);
    expect(await failure).toMatchObject({ error: "invalid_client", status: 401 });
    expect(requests()).toBe(1);
  });

  test("serves later callers if it succeeds after the time limit of earlier ones", async () => {
    const { tokens, requests } = sourceOf(31_000, () => ({ access_token: "t", expires_in: 3600 }));
    const failure = failureOf(tokens.get());
    await vi.advanceTimersByTimeAsync(30_500);
    expect(await failure).toMatchObject({ name: "TokenTimeoutError" });
    await vi.advanceTimersByTimeAsync(500);
    expect((await tokens.get()).value).toBe("t");
    expect(requests()).toBe(1);
  });
});

import type { ServerResponse } from "node:http";
import {
  AccessToken,
  getTokenInfo,
  introspectToken,
  type ProviderGrantOptions,
  requestToken,
  revokeToken,
  TokenRequestError,
  TokenResponseError,
} from "oauth2-token-response";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CLIENT, type Provider, startProvider } from "./provider/provider.ts";

const COMPANY = "enterprise.company";
const SECRET = CLIENT.clientSecret;
let provider: Provider;
let options: ProviderGrantOptions;

beforeAll(async () => {
  provider = await startProvider();
  options = { baseUrl: provider.baseUrl, ...CLIENT, scope: [COMPANY] };
});
afterAll(() => provider.close());

/** Returns the error of a token request to which the provider responds as `fault` says. */
async function failureOf(fault: (response: ServerResponse) => void): Promise<unknown> {
  provider.answerNext(fault);
  return requestToken(options).then(
    (token) => expect.fail(`got ${token}`),
    (error: unknown) => error,
  );
}

const json =
  (status: number, body: unknown, headers = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));

describe("a token request", () => {
  test("returns an access token that the API accepts", async () => {
    const token = await requestToken(options);
    expect(token).toBeInstanceOf(AccessToken);
    expect(token.scope).toEqual([COMPANY]);
    const response = await fetch(`${provider.baseUrl}/companies`, { headers: { Authorization: token.authorization } });
    expect(response.status).toBe(200);
  });

  test("takes scopes as a string or a list, which may be empty", async () => {
    expect(
      (await requestToken({ ...options, scope: "enterprise.company enterprise.organization" })).scope,
    ).toHaveLength(2);
    expect((await requestToken({ ...options, scope: [COMPANY, "enterprise.organization"] })).scope).toHaveLength(2);
    expect((await requestToken({ ...options, scope: [] })).scope).toEqual([]);
  });

  test("counts the lifetime from before it was sent, however slow the response", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 0 });
    try {
      provider.answerNext((response) => {
        vi.setSystemTime(8000);
        json(200, { access_token: "t", expires_in: 60 })(response);
      });
      expect((await requestToken(options)).expiresAt).toEqual(new Date(60_000));
    } finally {
      vi.useRealTimers();
    }
  });

  test("is not repeated after a 503", async () => {
    const before = provider.tokenRequests;
    await failureOf(json(503, {}));
    expect(provider.tokenRequests).toBe(before + 1);
  });

  test("uses the `fetch` of the options", async () => {
    const seen: string[] = [];
    const fetch = async (input: string | URL | Request) => {
      seen.push(String(input));
      return Response.json({ access_token: "t" });
    };
    expect((await requestToken({ ...options, fetch })).value).toBe("t");
    expect(seen).toEqual([`${provider.baseUrl}/oauth2/token`]);
  });

  test("to the described provider is JSON with the necessary headers only, and so are the other calls", async () => {
    const sent: unknown[] = [];
    const fetch: typeof globalThis.fetch = async (_, init) => {
      const { signal, body, ...rest } = init ?? {};
      sent.push({ ...rest, body: body && JSON.parse(String(body)) });
      return Response.json({ access_token: "t" });
    };
    const accessToken = await requestToken({ ...options, fetch });
    await getTokenInfo({ ...options, accessToken, fetch });
    await introspectToken({ ...options, accessToken, token: "other", fetch });
    await revokeToken({ baseUrl: options.baseUrl, ...CLIENT, token: "other", fetch });
    const credentials = { grant_type: "client_credentials", client_id: CLIENT.clientId, client_secret: SECRET };
    const Accept = "application/json";
    const [json, Authorization] = [{ Accept, "Content-Type": "application/json" }, "Bearer t"];
    const redirect = "manual";
    expect(sent).toEqual([
      { method: "POST", redirect, headers: json, body: { ...credentials, scope: COMPANY } },
      { method: "GET", redirect, headers: { Accept, Authorization }, body: undefined },
      { method: "POST", redirect, headers: { Authorization, ...json }, body: { token: "other" } },
      { method: "POST", redirect, headers: json, body: { ...credentials, token: "other" } },
    ]);
  });

  test("leaves no timer and no listener", async () => {
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    const [set, clear] = [vi.spyOn(globalThis, "setTimeout"), vi.spyOn(globalThis, "clearTimeout")];
    try {
      await requestToken({ ...options, signal });
      await requestToken({ ...options, signal, clientSecret: "wrong" }).catch(() => {});
      const timers = set.mock.results.filter((_, call) => set.mock.calls[call]?.[1] === 10_000);
      expect(timers).toHaveLength(2);
      for (const { value } of timers) expect(clear).toHaveBeenCalledWith(value);
      expect(add).toHaveBeenCalledTimes(2);
      expect(remove.mock.calls).toEqual(add.mock.calls);
    } finally {
      vi.restoreAllMocks();
    }
  });

  test("to a `baseUrl` with a path goes to the endpoint below that path", async () => {
    const fetch = async (input: string | URL | Request) => Response.json({ access_token: "t", url: String(input) });
    for (const baseUrl of ["https://example.com/api", "https://example.com/api/"]) {
      const { response } = await requestToken({ ...options, baseUrl, fetch });
      expect(response).toEqual({ url: "https://example.com/api/oauth2/token" });
    }
  });
});

describe("the other calls", () => {
  test("getTokenInfo returns scope, application and owner", async () => {
    const info = await getTokenInfo({ ...options, accessToken: await requestToken(options) });
    expect(info).toMatchObject({ scope: [COMPANY], application: { uid: CLIENT.clientId }, resource_owner_id: null });
  });

  test("introspectToken returns the state of one token, authorized by another", async () => {
    const [accessToken, other] = [await requestToken(options), await requestToken(options)];
    const introspect = (token: string) => introspectToken({ ...options, accessToken, token });
    expect(await introspect(other.value)).toMatchObject({ active: true, client_id: CLIENT.clientId });
    expect(await introspect("unknown")).toEqual({ active: false });
    await expect(introspect(accessToken.value)).rejects.toMatchObject({ status: 401, error: "invalid_token" });
  });

  test("revokeToken makes a token invalid, and resolves for an unknown token", async () => {
    const accessToken = await requestToken(options);
    await revokeToken({ ...options, token: accessToken.value });
    await expect(getTokenInfo({ ...options, accessToken })).rejects.toMatchObject({
      status: 401,
      error: "invalid_token",
    });
    await expect(revokeToken({ ...options, token: "unknown" })).resolves.toBeUndefined();
  });

  test.each(["", "{}", "ok", "null", "[]", "<html></html>"])(
    "revokeToken resolves after a 200 with the body %j",
    async (body) => {
      const fetch = async () => new Response(body);
      await expect(revokeToken({ ...options, token: "any", fetch })).resolves.toBeUndefined();
    },
  );

  test("revokeToken resolves after a 204", async () => {
    const fetch = async () => new Response(null, { status: 204 });
    await expect(revokeToken({ ...options, token: "any", fetch })).resolves.toBeUndefined();
  });

  test.each([302, 400, 401, 500, 503])("revokeToken rejects after a %i", async (status) => {
    const fetch = async () => new Response(null, { status });
    const failure = { name: "TokenRequestError", status };
    await expect(revokeToken({ ...options, token: "any", fetch })).rejects.toMatchObject(failure);
  });

  test.each([null, [], "text", 7].map((body) => [body]))(
    "getTokenInfo rejects if the body is %j instead of an object",
    async (body) => {
      const accessToken = await requestToken(options);
      const fetch = async () => Response.json(body);
      await expect(getTokenInfo({ ...options, accessToken, fetch })).rejects.toMatchObject({
        name: "TokenResponseError",
        path: "",
        expected: "a JSON object of at most 1 MiB",
      });
    },
  );
});

describe("an error response", () => {
  test("becomes an error with status, code and description", async () => {
    const failure = await requestToken({ ...options, clientSecret: "wrong" }).catch((error) => error);
    expect(failure).toBeInstanceOf(TokenRequestError);
    expect(failure).toMatchObject({
      name: "TokenRequestError",
      status: 401,
      error: "invalid_client",
      errorDescription: "Client authentication failed.",
      message: `${provider.baseUrl}/oauth2/token: 401 invalid_client Client authentication failed.`,
    });
  });

  test("in the provider's other shape becomes the same error, with the id of the request", async () => {
    const error = { code: "rate_limited", type: "api_error", message: "Too many", details: [], request_id: "r-1" };
    const failure = await failureOf(json(429, { error }, { "Retry-After": "7" }));
    expect(failure).toMatchObject({
      status: 429,
      error: "rate_limited",
      errorDescription: "Too many",
      requestId: "r-1",
      retryAfterMs: 7000,
    });
  });

  test("may have the status 200", async () => {
    const failure = await failureOf(json(200, { error: "invalid_scope", access_token: "t" }));
    expect(failure).toMatchObject({ name: "TokenRequestError", status: 200, error: "invalid_scope" });
  });

  test("is not a body whose `error` is null", async () => {
    provider.answerNext(json(200, { error: null, access_token: "t" }));
    expect((await requestToken(options)).value).toBe("t");
  });

  test.each([
    [
      "HTML",
      (response: ServerResponse) => response.writeHead(502, { "Content-Type": "text/html" }).end("<h1>Bad</h1>"),
    ],
    ["nothing", (response: ServerResponse) => response.writeHead(502).end()],
    ["null", json(502, null)],
    ["an array", json(502, ["error"])],
    ["members of other kinds", json(502, { error: 7, error_description: ["x"] })],
    ["a body cut off in the middle", cutOff(502)],
    ["ten megabytes", (response: ServerResponse) => response.writeHead(502).end("x".repeat(1e7))],
  ])("with %s as its body becomes an error with its status only", async (_, fault) => {
    const failure = await failureOf(fault);
    expect(failure).toMatchObject({ name: "TokenRequestError", status: 502, message: expect.stringMatching(/: 502$/) });
    expect(failure).toMatchObject({ error: undefined, errorDescription: undefined, requestId: undefined });
  });

  test("may be a redirect, which is not followed", async () => {
    const before = provider.tokenRequests;
    for (const status of [301, 302, 303, 307, 308]) {
      const failure = await failureOf((response) => response.writeHead(status, { Location: "/oauth2/token" }).end());
      expect(failure).toMatchObject({ name: "TokenRequestError", status });
    }
    expect(provider.tokenRequests).toBe(before + 5);
  });

  test("may be a redirect whose status a browser hides: the error has the status 302", async () => {
    const fetch = async () => Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" });
    await expect(requestToken({ ...options, fetch })).rejects.toMatchObject({ name: "TokenRequestError", status: 302 });
  });

  test("without a status becomes an error without a status", async () => {
    const error = await requestToken({ ...options, fetch: async () => Response.error() }).catch((reason) => reason);
    expect(error).toMatchObject({ name: "TokenRequestError" });
    expect(error.status).toBeUndefined();
  });

  test("is also a response for which a custom `fetch` has followed a redirect", async () => {
    const fetch = async () =>
      Object.defineProperty(Response.json({ access_token: "t" }), "redirected", { value: true });
    await expect(requestToken({ ...options, fetch })).rejects.toBeInstanceOf(TokenRequestError);
  });

  test("is safe to log: no secret, no control characters, at most 500 characters", async () => {
    const description = `${SECRET}\r\n\u0000${SECRET}${"x".repeat(1e4)}`;
    const failure = await failureOf(json(400, { error: `no ${SECRET}`, error_description: description }));
    expect(failure).toMatchObject({ error: "no ***", errorDescription: `***   ***${"x".repeat(491)}` });
  });
});

test("an error keeps its words if the request has no secret", async () => {
  const fetch = async () => Response.json({ error: "e", error_description: "token is undefined" }, { status: 400 });
  const accessToken = await requestToken(options);
  const failure = introspectToken({ baseUrl: provider.baseUrl, accessToken, token: "", fetch });
  await expect(failure).rejects.toMatchObject({ errorDescription: "token is undefined" });
});

describe("`Retry-After`", () => {
  const DATE = "Tue, 22 Feb 2022 12:00:00 GMT";
  test.each([
    ["7", undefined, 7000],
    ["0", undefined, 0],
    ["Tue, 22 Feb 2022 12:00:30 GMT", DATE, 30_000],
    ["Tue, 22 Feb 2022 12:00:00 GMT", DATE, 0],
    ["Tue, 22 Feb 2022 11:59:59 GMT", DATE, undefined],
    ["-7", undefined, undefined],
    ["1.5", undefined, undefined],
    ["7 s", undefined, undefined],
    ["soon GMT", undefined, undefined],
    ["2999", undefined, 2_999_000],
    ["Jan 2999", undefined, undefined],
    ["", undefined, undefined],
  ])("of %j with a `Date` of %j is %j ms", async (retryAfter, date, milliseconds) => {
    const headers = { "Retry-After": retryAfter, ...(date && { Date: date }) };
    const fetch = async () => new Response("", { status: 503, headers });
    await expect(requestToken({ ...options, fetch })).rejects.toMatchObject({ retryAfterMs: milliseconds });
  });

  test("is measured against this machine's clock if the response has no `Date`", async () => {
    const headers = { "Retry-After": new Date(Date.now() + 60_000).toUTCString() };
    const fetch = async () => new Response("", { status: 503, headers });
    const failure = await requestToken({ ...options, fetch }).catch((error) => error);
    expect(failure.retryAfterMs).toBeGreaterThan(50_000);
    expect(failure.retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});

describe("a response with status 200", () => {
  test.each([
    ["HTML", "", "String", (response: ServerResponse) => response.writeHead(200).end("<h1>Welcome</h1>")],
    ["nothing", "", "String", (response: ServerResponse) => response.writeHead(200).end()],
    ["absent, with status 204 instead", "", "String", (response: ServerResponse) => response.writeHead(204).end()],
    ["null", "", "Null", json(200, null)],
    ["an array", "", "Array", json(200, [])],
    ["a string", "", "String", json(200, "token")],
    ["an empty object", "/access_token", "Undefined", json(200, {})],
    [
      "half of a token response",
      "",
      "String",
      (response: ServerResponse) => response.writeHead(200).end('{"access_token":"t'),
    ],
    ["ten megabytes", "", "String", (response: ServerResponse) => response.writeHead(200).end("x".repeat(1e7))],
    ["100,000 brackets", "", "Array", nested("", "[", "]")],
    ["100,000 brackets that are never closed", "", "String", nested("", "[", "")],
    ["100,000 braces", "/access_token", "Undefined", nested('{"a":', '{"a":', "}", "null", "}")],
    ["100,000 brackets for a token", "/access_token", "Array", nested('{"access_token":', "[", "]", "", "}")],
    [
      "100,000 brackets for an expiry",
      "/expires_in",
      "Array",
      nested('{"access_token":"t","expires_in":', "[", "]", "", "}"),
    ],
    ["a token of another type", "/token_type", "String", json(200, { access_token: "t", token_type: "mac" })],
    ["a token with a malformed expiry", "/expires_in", "String", json(200, { access_token: "t", expires_in: "1h" })],
  ])("is malformed if its body is %s: the error has the path and what was found", async (_, path, found, fault) => {
    const failure = await failureOf(fault);
    expect(failure).toBeInstanceOf(TokenResponseError);
    expect(failure).toMatchObject({ path, message: expect.stringMatching(new RegExp(`, found ${found}$`)) });
  });

  test("may have another content type: JSON is read in spite of it", async () => {
    provider.answerNext((response) =>
      response.writeHead(200, { "Content-Type": "text/plain" }).end('{"access_token":"t"}'),
    );
    expect((await requestToken(options)).value).toBe("t");
  });

  test("is read if it has 1 MiB, and is malformed if it has one byte more", async () => {
    const padded = (bytes: number) => `${" ".repeat(bytes - 20)}{"access_token":"t"}`;
    provider.answerNext((response) => response.end(padded(2 ** 20)));
    expect((await requestToken(options)).value).toBe("t");
    expect(await failureOf((response) => response.end(padded(2 ** 20 + 1)))).toBeInstanceOf(TokenResponseError);
  });

  test("is malformed if it never ends, and its connection is closed", async () => {
    let closed: Promise<void> | undefined;
    const failure = await failureOf((response) => {
      closed = new Promise((resolve) => response.on("close", resolve));
      const write = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", write);
      write();
    });
    expect(failure).toBeInstanceOf(TokenResponseError);
    await closed;
  });
});

describe("without a complete response, a token request", () => {
  test("rejects with an error that has a cause and no status", async () => {
    const closed = await startProvider();
    await closed.close();
    const failure = await requestToken({ ...options, baseUrl: closed.baseUrl }).catch((error) => error);
    expect(failure).toBeInstanceOf(TokenRequestError);
    expect(failure.status).toBeUndefined();
    const { host } = new URL(closed.baseUrl);
    expect(failure.message).toBe(`${closed.baseUrl}/oauth2/token: no complete response (connect ECONNREFUSED ${host})`);
    expect(failure.cause.cause.code).toBe("ECONNREFUSED");
  });

  test.each([
    ["the connection closes", (response: ServerResponse) => response.destroy()],
    ["the body is cut off", cutOff(200)],
  ])("rejects with an error without a status if %s", async (_, fault) => {
    const failure = await failureOf(fault);
    expect(failure).toMatchObject({ name: "TokenRequestError", cause: { name: "TypeError" } });
    expect(failure).not.toHaveProperty("status");
  });

  test.each([
    ["no byte", false, () => {}],
    ["headers and no body", true, (response: ServerResponse) => response.writeHead(200).flushHeaders()],
    ["half a body", true, (response: ServerResponse) => response.writeHead(200).write("{")],
  ])("rejects after 10 s if the server sends %s", async (_, sendsHeaders, fault) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const arrived = new Promise<void>((resolve) => provider.answerNext((response) => resolve(void fault(response))));
      let received = () => {};
      const headers = new Promise<void>((resolve) => {
        received = resolve;
      });
      const fetch: typeof globalThis.fetch = async (input, init) => {
        const response = await globalThis.fetch(input, init);
        received();
        return response;
      };
      const failure = requestToken({ ...options, fetch }).catch((error) => error);
      await (sendsHeaders ? headers : arrived);
      await nextTick();
      vi.advanceTimersByTime(9_999);
      expect(await Promise.race([failure, nextTick()])).toBe("waiting");
      // One more turn of the event loop, in which a response that has arrived would be read.
      vi.advanceTimersByTime(2);
      const cause = { name: "TimeoutError", message: "No result within 10000 ms" };
      expect(await failure).toMatchObject({ name: "TokenRequestError", cause });
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ["a fetch", () => new Promise<Response>(() => {})],
    ["a body", async () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))],
  ])("rejects after a timeout or an abort even if %s ignores its signal", async (_, fetch) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const timedOut = requestToken({ ...options, fetch }).catch((error) => error);
      const controller = new AbortController();
      const aborted = requestToken({ ...options, fetch, signal: controller.signal }).catch((error) => error);
      await nextTick();
      controller.abort("enough");
      expect(await aborted).toBe("enough");
      vi.advanceTimersByTime(10_001);
      expect(await timedOut).toMatchObject({ name: "TokenRequestError", cause: { name: "TimeoutError" } });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a caller's abort", () => {
  test("rejects with its reason, and closes the connection", async () => {
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const closed = new Promise((resolve) =>
      provider.answerNext((response) => {
        response.on("close", resolve);
        controller.abort(reason);
      }),
    );
    await expect(requestToken({ ...options, signal: controller.signal })).rejects.toBe(reason);
    await closed;
  });

  test("during the body of an error response rejects with its reason too", async () => {
    const controller = new AbortController();
    provider.answerNext((response) => response.writeHead(503).write("{", () => controller.abort("enough")));
    await expect(requestToken({ ...options, signal: controller.signal })).rejects.toBe("enough");
  });

  test("before the call sends nothing", async () => {
    const before = provider.tokenRequests;
    const signal = AbortSignal.abort("no");
    await expect(requestToken({ ...options, signal })).rejects.toBe("no");
    expect(provider.tokenRequests).toBe(before);
  });
});

describe("a secret is sent only over https or on loopback", () => {
  const sent: unknown[] = [];
  const fetch = async (input: unknown) => {
    sent.push(input);
    return Response.json({ access_token: "t" });
  };

  test.each([
    ...[
      "https://example.com",
      "http://localhost:1",
      "http://api.localhost",
      "http://127.0.0.1",
      "http://127.10.200.1:80",
    ],
    ...["http://[::1]:3000", "http://127.1"],
  ])("%s is accepted", async (baseUrl) => {
    await expect(requestToken({ ...options, baseUrl, fetch })).resolves.toBeInstanceOf(AccessToken);
  });

  test.each([
    ...[
      "http://example.com",
      "http://notlocalhost",
      "http://localhost.example.com",
      "http://127.0.0.1.example.com",
      "http://0.0.0.0",
    ],
    ...["http://[::2]", "ftp://localhost", "file:///etc", "javascript:0", "", "example.com", "/oauth2"],
    ...["https://user:pass@example.com", "https://example.com/?key=pass", "https://example.com/#pass"],
  ])("%j is a TypeError that does not repeat it, and nothing is sent", async (baseUrl) => {
    const before = sent.length;
    const failure = await requestToken({ ...options, baseUrl, fetch }).catch((error) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(failure.message).toBe("`baseUrl` must be an https: URL (http: on loopback) with origin and path only");
    expect(sent).toHaveLength(before);
  });

  test.each([{ clientId: "" }, { clientSecret: "" }, { clientSecret: undefined as unknown as string }])(
    "%o is a TypeError, and nothing is sent",
    async (missing) => {
      const before = sent.length;
      await expect(requestToken({ ...options, ...missing, fetch })).rejects.toThrow(
        new TypeError("`clientId` and `clientSecret` must not be empty"),
      );
      expect(sent).toHaveLength(before);
    },
  );
});

/** A 200 with nested JSON. */
function nested(before: string, open: string, close: string, inside = "", after = "") {
  const text = before + open.repeat(100_000) + inside + close.repeat(100_000) + after;
  return (response: ServerResponse) => response.writeHead(200).end(text);
}

function cutOff(status: number) {
  return (response: ServerResponse) => {
    response.writeHead(status, { "Content-Length": "1000" });
    response.write('{"access_token":"', () => response.destroy());
  };
}

async function nextTick(): Promise<"waiting"> {
  await new Promise((resolve) => setImmediate(resolve));
  return "waiting";
}

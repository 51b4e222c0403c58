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

/** The rejection of a token request that the provider answers with this. */
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
  test("gives an access token that the API takes", async () => {
    const token = await requestToken(options);
    expect(token).toBeInstanceOf(AccessToken);
    expect(token.scope).toEqual([COMPANY]);
    const answer = await fetch(`${provider.baseUrl}/companies`, { headers: { Authorization: token.authorization } });
    expect(answer.status).toBe(200);
  });

  test("takes the scopes as one string too, and as none", async () => {
    expect(
      (await requestToken({ ...options, scope: "enterprise.company enterprise.organization" })).scope,
    ).toHaveLength(2);
    expect((await requestToken({ ...options, scope: [COMPANY, "enterprise.organization"] })).scope).toHaveLength(2);
    expect((await requestToken({ ...options, scope: [] })).scope).toEqual([]);
  });

  test("counts the lifetime from before it was sent, however long the answer takes", async () => {
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

  test("is one request, whatever comes back", async () => {
    const before = provider.tokenRequests;
    await failureOf(json(503, {}));
    expect(provider.tokenRequests).toBe(before + 1);
  });

  test("goes through the caller's fetch", async () => {
    const seen: string[] = [];
    const fetch = async (input: string | URL | Request) => {
      seen.push(String(input));
      return Response.json({ access_token: "t" });
    };
    expect((await requestToken({ ...options, fetch })).value).toBe("t");
    expect(seen).toEqual([`${provider.baseUrl}/oauth2/token`]);
  });

  test("goes over the wire as JSON, with the headers that it needs and no others", async () => {
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

  test("finds the endpoint below a path", async () => {
    const fetch = async (input: string | URL | Request) => Response.json({ access_token: "t", url: String(input) });
    for (const baseUrl of ["https://example.com/api", "https://example.com/api/"]) {
      const { response } = await requestToken({ ...options, baseUrl, fetch });
      expect(response).toEqual({ url: "https://example.com/api/oauth2/token" });
    }
  });
});

describe("the other calls", () => {
  test("token info tells what the server knows", async () => {
    const info = await getTokenInfo({ ...options, accessToken: await requestToken(options) });
    expect(info).toMatchObject({ scope: [COMPANY], application: { uid: CLIENT.clientId }, resource_owner_id: null });
  });

  test("introspection asks with one token about another", async () => {
    const [accessToken, asked] = [await requestToken(options), await requestToken(options)];
    const introspect = (token: string) => introspectToken({ ...options, accessToken, token });
    expect(await introspect(asked.value)).toMatchObject({ active: true, client_id: CLIENT.clientId });
    expect(await introspect("unknown")).toEqual({ active: false });
    await expect(introspect(accessToken.value)).rejects.toMatchObject({ status: 401, error: "invalid_token" });
  });

  test("a revoked token opens nothing any more, and an unknown one is revoked as well", async () => {
    const accessToken = await requestToken(options);
    await revokeToken({ ...options, token: accessToken.value });
    await expect(getTokenInfo({ ...options, accessToken })).rejects.toMatchObject({
      status: 401,
      error: "invalid_token",
    });
    await expect(revokeToken({ ...options, token: "unknown" })).resolves.toBeUndefined();
  });

  test.each(["", "{}", "ok", "null", "[]", "<html></html>"])(
    "a revocation that is answered 200 has succeeded, whatever the body is: %j",
    async (body) => {
      const fetch = async () => new Response(body);
      await expect(revokeToken({ ...options, token: "any", fetch })).resolves.toBeUndefined();
    },
  );

  test("a revocation that is answered 204 has succeeded", async () => {
    const fetch = async () => new Response(null, { status: 204 });
    await expect(revokeToken({ ...options, token: "any", fetch })).resolves.toBeUndefined();
  });

  test.each([302, 400, 401, 500, 503])("a revocation that is answered %i has failed", async (status) => {
    const fetch = async () => new Response(null, { status });
    const failure = { name: "TokenRequestError", status };
    await expect(revokeToken({ ...options, token: "any", fetch })).rejects.toMatchObject(failure);
  });

  test.each([null, [], "text", 7])("%j instead of an object is an error", async (body) => {
    const accessToken = await requestToken(options);
    const fetch = async () => Response.json(body);
    await expect(getTokenInfo({ ...options, accessToken, fetch })).rejects.toMatchObject({
      name: "TokenResponseError",
      path: "",
      expected: "a JSON object of at most 1 MiB",
    });
  });
});

describe("a refusal", () => {
  test("tells status, code and description", async () => {
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

  test("in the provider's other shape tells the same, and the request's id", async () => {
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

  test("may come with status 200", async () => {
    const failure = await failureOf(json(200, { error: "invalid_scope", access_token: "t" }));
    expect(failure).toMatchObject({ name: "TokenRequestError", status: 200, error: "invalid_scope" });
  });

  test("of which `error` is null is none", async () => {
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
  ])("of %s tells its status alone", async (_, fault) => {
    const failure = await failureOf(fault);
    expect(failure).toMatchObject({ name: "TokenRequestError", status: 502, message: expect.stringMatching(/: 502$/) });
    expect(failure).toMatchObject({ error: undefined, errorDescription: undefined, requestId: undefined });
  });

  test("is never followed elsewhere", async () => {
    const before = provider.tokenRequests;
    for (const status of [301, 302, 303, 307, 308]) {
      const failure = await failureOf((response) => response.writeHead(status, { Location: "/oauth2/token" }).end());
      expect(failure).toMatchObject({ name: "TokenRequestError", status });
    }
    expect(provider.tokenRequests).toBe(before + 5);
  });

  test("is told as a redirect where a browser hides it", async () => {
    const fetch = async () => Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" });
    await expect(requestToken({ ...options, fetch })).rejects.toMatchObject({ name: "TokenRequestError", status: 302 });
  });

  test("has no status if the response is an error of the network", async () => {
    const error = await requestToken({ ...options, fetch: async () => Response.error() }).catch((reason) => reason);
    expect(error).toMatchObject({ name: "TokenRequestError" });
    expect(error.status).toBeUndefined();
  });

  test("is one too where a fetch of the caller's followed a redirect", async () => {
    const fetch = async () =>
      Object.defineProperty(Response.json({ access_token: "t" }), "redirected", { value: true });
    await expect(requestToken({ ...options, fetch })).rejects.toBeInstanceOf(TokenRequestError);
  });

  test("is fit for a log: no secret, no control characters, not too long", async () => {
    const description = `${SECRET}\r\n\u0000${SECRET}${"x".repeat(1e4)}`;
    const failure = await failureOf(json(400, { error: `no ${SECRET}`, error_description: description }));
    expect(failure).toMatchObject({ error: "no ***", errorDescription: `***   ***${"x".repeat(491)}` });
  });
});

test("a refusal keeps every word that is no secret", async () => {
  const fetch = async () => Response.json({ error: "e", error_description: "token is undefined" }, { status: 400 });
  const accessToken = await requestToken(options);
  const failure = introspectToken({ baseUrl: provider.baseUrl, accessToken, token: "", fetch });
  await expect(failure).rejects.toMatchObject({ errorDescription: "token is undefined" });
});

describe("the wait that a server asks for", () => {
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
  ])("Retry-After: %s, at %s, is %j ms", async (retryAfter, date, milliseconds) => {
    const headers = { "Retry-After": retryAfter, ...(date && { Date: date }) };
    const fetch = async () => new Response("", { status: 503, headers });
    await expect(requestToken({ ...options, fetch })).rejects.toMatchObject({ retryAfterMs: milliseconds });
  });

  test("is measured against this machine's clock where the answer has no date", async () => {
    const headers = { "Retry-After": new Date(Date.now() + 60_000).toUTCString() };
    const fetch = async () => new Response("", { status: 503, headers });
    const failure = await requestToken({ ...options, fetch }).catch((error) => error);
    expect(failure.retryAfterMs).toBeGreaterThan(50_000);
    expect(failure.retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});

describe("an answer that is no token response", () => {
  test.each([
    ["HTML", "", "String", (response: ServerResponse) => response.writeHead(200).end("<h1>Welcome</h1>")],
    ["nothing", "", "String", (response: ServerResponse) => response.writeHead(200).end()],
    ["no content", "", "String", (response: ServerResponse) => response.writeHead(204).end()],
    ["null", "", "Null", json(200, null)],
    ["an array", "", "Array", json(200, [])],
    ["a string", "", "String", json(200, "token")],
    ["an empty object", "/access_token", "Undefined", json(200, {})],
    ["half of one", "", "String", (response: ServerResponse) => response.writeHead(200).end('{"access_token":"t')],
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
    ["another type", "/token_type", "String", json(200, { access_token: "t", token_type: "mac" })],
    ["a malformed expiry", "/expires_in", "String", json(200, { access_token: "t", expires_in: "1h" })],
  ])("%s: the error tells where and what was found", async (_, path, found, fault) => {
    const failure = await failureOf(fault);
    expect(failure).toBeInstanceOf(TokenResponseError);
    expect(failure).toMatchObject({ path, message: expect.stringMatching(new RegExp(`, found ${found}$`)) });
  });

  test("JSON under another content type is read all the same", async () => {
    provider.answerNext((response) =>
      response.writeHead(200, { "Content-Type": "text/plain" }).end('{"access_token":"t"}'),
    );
    expect((await requestToken(options)).value).toBe("t");
  });

  test("exactly 1 MiB is read, and not a byte more", async () => {
    const padded = (bytes: number) => `${" ".repeat(bytes - 20)}{"access_token":"t"}`;
    provider.answerNext((response) => response.end(padded(2 ** 20)));
    expect((await requestToken(options)).value).toBe("t");
    expect(await failureOf((response) => response.end(padded(2 ** 20 + 1)))).toBeInstanceOf(TokenResponseError);
  });

  test("what never ends is given up, and its connection closed", async () => {
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

describe("an endpoint that gives no complete response", () => {
  test("is an error without a status, with the cause", async () => {
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
    ["cuts the connection", (response: ServerResponse) => response.destroy()],
    ["cuts a body off in the middle", cutOff(200)],
  ])("%s", async (_, fault) => {
    const failure = await failureOf(fault);
    expect(failure).toMatchObject({ name: "TokenRequestError", cause: { name: "TypeError" } });
    expect(failure).not.toHaveProperty("status");
  });

  test.each([
    ["sends nothing at all", false, () => {}],
    ["sends headers and no body", true, (response: ServerResponse) => response.writeHead(200).flushHeaders()],
    ["stops in the middle of its body", true, (response: ServerResponse) => response.writeHead(200).write("{")],
  ])("%s is given up after 10 s", async (_, sendsHeaders, fault) => {
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
      // And one turn of the event loop more, in which what has arrived would be read.
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
  ])("%s that heeds no signal is left to itself, by the clock and by the caller", async (_, fetch) => {
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

  test("leaves no timer and no listener behind", async () => {
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
});

describe("a caller's abort", () => {
  test("rejects with its reason, and frees the connection", async () => {
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

  test("in the middle of a refusal's body rejects with its reason too", async () => {
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

describe("a secret is sent to nobody else", () => {
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
  ])("%s is safe", async (baseUrl) => {
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
  ])("%s is refused, before anything is sent, and not repeated", async (baseUrl) => {
    const before = sent.length;
    const failure = await requestToken({ ...options, baseUrl, fetch }).catch((error) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(failure.message).toBe("`baseUrl` must be an https: URL (http: on loopback) with origin and path only");
    expect(sent).toHaveLength(before);
  });

  test.each([{ clientId: "" }, { clientSecret: "" }, { clientSecret: undefined as unknown as string }])(
    "nor is half of it: %j",
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

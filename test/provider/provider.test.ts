// The test provider behaves as real servers of this kind were observed to. The tests that use it depend on that.

import { afterEach, describe, expect, test } from "vitest";
import { CLIENT, type Provider, type ProviderOptions, startProvider } from "./provider.ts";

let provider: Provider | undefined;
let now = 1_800_000_000_500;

async function start(options: ProviderOptions = {}): Promise<Provider> {
  provider = await startProvider({ now: () => now, ...options });
  return provider;
}

afterEach(() => provider?.close());

const credentials = {
  grant_type: "client_credentials",
  client_id: CLIENT.clientId,
  client_secret: CLIENT.clientSecret,
};

async function post(path: string, body: object | string, token?: string): Promise<Response> {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(`${provider?.baseUrl}${path}`, { method: "POST", headers, body: text });
}

async function get(path: string, token?: string): Promise<Response> {
  return fetch(`${provider?.baseUrl}${path}`, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
}

async function tokenFor(scope = "enterprise.company"): Promise<string> {
  return (await (await post("/oauth2/token", { ...credentials, scope })).json()).access_token;
}

describe("a token request", () => {
  test("returns five fields, with Cache-Control: no-store", async () => {
    await start();
    const response = await post("/oauth2/token", { ...credentials, scope: "enterprise.company" });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      access_token: expect.stringMatching(/^test_[\w+/]+=*$/),
      token_type: "Bearer",
      expires_in: 7200,
      scope: "enterprise.company",
      created_at: 1_800_000_000,
    });
  });

  test("without a scope returns no scope", async () => {
    await start();
    const body = await (await post("/oauth2/token", credentials)).json();
    expect(Object.keys(body)).toEqual(["access_token", "token_type", "expires_in", "created_at"]);
  });

  test("returns the same token with its remaining lifetime, if tokens are reused", async () => {
    await start({ reuse: true, lifetime: 60 });
    const first = await (await post("/oauth2/token", credentials)).json();
    now += 3000;
    const second = await (await post("/oauth2/token", credentials)).json();
    expect(second).toEqual({ ...first, expires_in: 57 });
  });

  test.each([
    ["a wrong secret", 401, "invalid_client", { ...credentials, client_secret: "wrong" }],
    ["an unknown scope", 400, "invalid_scope", { ...credentials, scope: "nope" }],
    ["an unknown grant", 400, "unsupported_grant_type", { ...credentials, grant_type: "password" }],
    ["a missing parameter", 400, "invalid_request", { grant_type: "client_credentials" }],
  ])("with %s returns %i %s, in JSON and in WWW-Authenticate", async (_, status, error, body) => {
    await start();
    const response = await post("/oauth2/token", body);
    expect(response.status).toBe(status);
    expect(response.headers.get("www-authenticate")).toContain(`error="${error}", error_description="`);
    expect(await response.json()).toEqual({ error, error_description: expect.any(String) });
  });

  test("of malformed JSON returns 400 and empty HTML", async () => {
    await start();
    await expectEmptyHtml(await post("/oauth2/token", "{"), 400);
  });
});

describe("a token", () => {
  test("has a token info with the remaining lifetime and an array of scopes", async () => {
    await start({ lifetime: 60 });
    const token = await tokenFor();
    now += 3000;
    expect(await (await get("/oauth2/token/info", token)).json()).toMatchObject({
      resource_owner_id: null,
      scope: ["enterprise.company"],
      expires_in: 57,
      application: { uid: CLIENT.clientId },
    });
  });

  test("that is missing makes token info return 401 with JSON and a state", async () => {
    await start();
    const response = await get("/oauth2/token/info");
    expect(response.status).toBe(401);
    expect(Object.keys(await response.json())).toEqual(["error", "error_description", "state"]);
  });

  test("is introspected with another token, and is otherwise inactive", async () => {
    await start();
    const [token, other] = [await tokenFor(), await tokenFor()];
    expect((await post("/oauth2/introspect", { token }, token)).status).toBe(401);
    expect(await (await post("/oauth2/introspect", { token }, other)).json()).toMatchObject({ active: true });
    expect(await (await post("/oauth2/introspect", { token: "nope" }, other)).json()).toEqual({ active: false });
  });

  test("is accepted by a resource until it is revoked; revoking garbage returns 200 too", async () => {
    await start();
    const token = await tokenFor();
    expect((await get("/companies", token)).status).toBe(200);
    for (const revoked of [token, "garbage"]) {
      const response = await post("/oauth2/revoke", { ...credentials, token: revoked });
      expect([response.status, await response.json()]).toEqual([200, {}]);
    }
    const refusal = await get("/companies", token);
    expect(refusal.headers.get("www-authenticate")).toContain('error="invalid_token"');
    await expectEmptyHtml(refusal, 401);
  });

  test("is accepted by a resource until exactly its expiry", async () => {
    await start({ lifetime: 60 });
    const token = await tokenFor();
    now += 59_999;
    expect((await get("/companies", token)).status).toBe(200);
    now += 1;
    await expectEmptyHtml(await get("/companies", token), 401);
  });

  test("without the scope gets 403, empty HTML and no challenge", async () => {
    await start();
    const response = await get("/companies", await tokenFor("enterprise.organization"));
    expect(response.headers.get("www-authenticate")).toBeNull();
    await expectEmptyHtml(response, 403);
  });
});

async function expectEmptyHtml(response: Response, status: number): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  expect(await response.text()).toBe("");
}

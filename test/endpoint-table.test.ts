// Another endpoint table, from another description, changes the requests without an edited line.

import { expect, test, vi } from "vitest";

const NONE = {
  tokenEndpoint: undefined,
  introspectionEndpoint: undefined,
  revocationEndpoint: undefined,
  tokenInfoEndpoint: undefined,
};
const baseUrl = "https://id.test/v1/";
const client = { baseUrl, clientId: "id", clientSecret: "s/1", scope: "a" };

/** The functions of the package, with this endpoint table. */
async function callsWith(table: object) {
  vi.resetModules();
  vi.doMock("../src/generated/endpoints.ts", () => ({ ...NONE, ...table }));
  return import("../src/token-request/token-request.ts");
}

/** The requests that `call` sends with this endpoint table. */
async function requestsWith(
  table: object,
  call: (calls: Awaited<ReturnType<typeof callsWith>>, fetch: unknown) => unknown,
) {
  const requests: object[] = [];
  const fetch = async (url: string, { method, headers, body }: RequestInit) => {
    requests.push({ url, method, headers: headers as Record<string, string>, body });
    return Response.json({ access_token: "t", active: true });
  };
  await call(await callsWith(table), fetch);
  return requests;
}

// biome-ignore lint/suspicious/noExplicitAny: the types are those of the committed table.
type Any = any;

const endpoint = (more: object) => ({
  method: "POST",
  path: "/x",
  mediaType: "application/x-www-form-urlencoded",
  clientAuthentication: "client_secret_basic",
  fields: {},
  ...more,
});
const Accept = "application/json";
const Authorization = `Basic ${btoa("id:s%2F1")}`;
const FORM = "application/x-www-form-urlencoded";

test.each<[string, object, object]>([
  [
    "a form and Basic",
    endpoint({}),
    { headers: { Accept, Authorization, "Content-Type": FORM }, body: "grant_type=client_credentials&scope=a" },
  ],
  [
    "a form with the credentials in it",
    endpoint({ clientAuthentication: "client_secret_post" }),
    {
      headers: { Accept, "Content-Type": FORM },
      body: "grant_type=client_credentials&scope=a&client_id=id&client_secret=s%2F1",
    },
  ],
  [
    "a PUT of vendor JSON with custom fields",
    endpoint({ method: "PUT", mediaType: "application/vnd.x+json", fields: { grant_type: "own", kind: "b" } }),
    {
      method: "PUT",
      headers: { Accept, Authorization, "Content-Type": "application/vnd.x+json" },
      body: JSON.stringify({ grant_type: "own", kind: "b", scope: "a" }),
    },
  ],
  ["no body", endpoint({ mediaType: undefined, method: "GET" }), { method: "GET", headers: { Accept, Authorization } }],
])("a token is requested with %s, if the table says so", async (_, tokenEndpoint, expected) => {
  const sent = await requestsWith({ tokenEndpoint }, ({ requestToken }, fetch: Any) =>
    requestToken({ ...client, fetch }),
  );
  expect(sent).toEqual([{ url: "https://id.test/v1/x", method: "POST", ...expected }]);
});

test("a `baseUrl` with a parameterized path is a TypeError that names the option to use instead", async () => {
  const { requestToken, introspectToken } = await callsWith({
    tokenEndpoint: endpoint({ path: "/{tenant}/token" }),
    introspectionEndpoint: endpoint({ path: "/{tenant}/i" }),
  });
  const message = "`baseUrl` cannot fill the parameters of /{tenant}/";
  await expect(requestToken(client)).rejects.toThrow(new TypeError(`${message}token: use \`tokenUrl\` instead`));
  await expect(introspectToken({ ...client, token: "t" } as Any)).rejects.toThrow(
    new TypeError(`${message}i: use \`introspectionUrl\` instead`),
  );
});

test("introspection and revocation send the fields of the table", async () => {
  const table = {
    introspectionEndpoint: endpoint({ path: "/i", fields: { token_type_hint: "access_token" } }),
    revocationEndpoint: endpoint({ path: "/r", mediaType: "application/json", fields: { kind: "b" } }),
  };
  const sent = await requestsWith(table, async ({ introspectToken, revokeToken }, fetch: Any) => {
    await introspectToken({ ...client, token: "t", fetch } as Any);
    await revokeToken({ ...client, token: "t", fetch });
  });
  expect(sent).toMatchObject([
    { url: "https://id.test/v1/i", body: "token_type_hint=access_token&token=t" },
    { url: "https://id.test/v1/r", body: '{"kind":"b","token":"t"}' },
  ]);
});

test.each<[string, string, (calls: Any) => Promise<unknown>]>([
  ["requestToken", ": use `tokenUrl` instead of `baseUrl`", ({ requestToken }) => requestToken(client)],
  [
    "introspectToken",
    ": use `introspectionUrl` instead of `baseUrl`",
    ({ introspectToken }) => introspectToken({ ...client, token: "t" }),
  ],
  [
    "revokeToken",
    ": use `revocationUrl` instead of `baseUrl`",
    ({ revokeToken }) => revokeToken({ ...client, token: "t" }),
  ],
  ["getTokenInfo", "", ({ getTokenInfo }) => getTokenInfo({ baseUrl, accessToken: {} })],
])("%s throws if the description has no such endpoint%s", async (_, instead, call) => {
  const message = `The provider's description has no such endpoint${instead}`;
  await expect(call(await callsWith({}))).rejects.toThrow(new TypeError(message));
});

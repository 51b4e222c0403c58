// `npm run generate` reads from a description how each endpoint is called.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../scripts/command.ts";
import { describe as describeAs } from "../scripts/generate/description.ts";
import { emitEndpoints } from "../scripts/generate/endpoints.ts";
import { collectNames } from "../scripts/generate/names.ts";
import { endpointsIn } from "../scripts/generate/roles.ts";

const ref = (name: string, kind = "schemas") => ({ $ref: `#/components/${kind}/${name}` });
const json = (schema: object) => ({ content: { "application/json": { schema } } });
const form = (schema: object) => ({ content: { "application/x-www-form-urlencoded": { schema } } });
const string = { type: "string" };
const object = (properties: object = {}, required: string[] = Object.keys(properties)) => ({
  type: "object",
  properties,
  ...(required.length > 0 && { required }),
});

/** An operation with a role, which returns an `Answer` unless `more` says otherwise. */
const operation = (role: string, more: object = {}) => ({
  operationId: role,
  "x-oauth2-endpoint": role,
  responses: { 200: { description: "Fine", ...json(ref("Answer")) } },
  ...more,
});

const COMPONENTS = {
  securitySchemes: {
    Client: { type: "http", scheme: "Basic" },
    Token: { type: "http", scheme: "bearer" },
    OAuth: { type: "oauth2", flows: { clientCredentials: { tokenUrl: "https://id.test", scopes: {} } } },
    OpenID: { type: "openIdConnect", openIdConnectUrl: "https://id.test" },
    Key: { type: "apiKey", in: "header", name: "X-Key" },
  },
  schemas: {
    Answer: object(),
    Credentials: object({ client_id: string, client_secret: string, grant_type: ref("Grant") }),
    Grant: { type: "string", enum: ["client_credentials"] },
  },
};

/** Where descriptions need not be complete, only valid. */
const folder = mkdtempSync(join(tmpdir(), "endpoints-"));
writeFileSync(join(folder, "redocly.yaml"), "extends: [spec]\n");
afterAll(() => rmSync(folder, { recursive: true }));

/** What the last description was warned of. */
const warnings: string[] = [];

/** Emits the endpoints of a description with these paths. */
async function emit(paths: object, more: object = {}, components: object = {}): Promise<string> {
  const info = { title: "Small", version: "1" };
  const all = { ...COMPONENTS, ...components };
  const document = { openapi: "3.1.0", info, servers: [{ url: "https://id.test" }], paths, components: all, ...more };
  const value = JSON.parse(JSON.stringify(document));
  const description = await describeAs({ value, locate: (pointer) => pointer }, folder);
  const text = emitEndpoints(description, collectNames(description), endpointsIn(description));
  warnings.splice(0, warnings.length, ...description.warnings);
  return text;
}

/** The emitted constants, as a program finds them. */
async function constantsOf(text: string): Promise<Record<string, unknown>> {
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.ESNext } });
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

async function endpointOf(role: string, method: string, more: object, whole: object = {}): Promise<object> {
  const [endpoint] = Object.values(
    await constantsOf(await emit({ "/x": { [method]: operation(role, more) } }, whole)),
  ).filter(Boolean);
  return endpoint as object;
}

describe("the endpoint table has", () => {
  const BASIC = { security: [{ Client: [] }] };
  const BEARER = { security: [{ Token: [] }] };
  const grant = (values: string[]) => object({ grant_type: { type: "string", enum: values } });

  test.each<[string, string, string, object, object]>([
    [
      "JSON with the client secret in the body",
      "token",
      "post",
      { requestBody: json(ref("Credentials")), security: [] },
      {
        mediaType: "application/json",
        clientAuthentication: "client_secret_post",
        fields: { grant_type: "client_credentials" },
      },
    ],
    [
      "a form and Basic",
      "token",
      "post",
      { requestBody: form(grant(["client_credentials"])), ...BASIC },
      {
        mediaType: "application/x-www-form-urlencoded",
        clientAuthentication: "client_secret_basic",
        fields: { grant_type: "client_credentials" },
      },
    ],
    [
      "a form without client authentication",
      "token",
      "post",
      { requestBody: form(grant(["password", "client_credentials"])) },
      { mediaType: "application/x-www-form-urlencoded", clientAuthentication: "client_secret_basic", fields: {} },
    ],
    [
      "a token endpoint in a description with bearer tokens",
      "token",
      "post",
      { requestBody: form(object()), ...BEARER },
      { mediaType: "application/x-www-form-urlencoded", clientAuthentication: "client_secret_basic" },
    ],
    [
      "GET with a bearer token",
      "token-info",
      "get",
      BEARER,
      { mediaType: undefined, clientAuthentication: "bearer", fields: {} },
    ],
    ["GET and no word of what authorises it", "token-info", "get", {}, { clientAuthentication: "bearer" }],
    [
      "JSON of a vendor",
      "revocation",
      "post",
      { requestBody: { content: { "text/xml": {}, "application/vnd.x+json": { schema: ref("Credentials") } } } },
      { mediaType: "application/vnd.x+json", clientAuthentication: "client_secret_post" },
    ],
    [
      "a form, if JSON is not accepted",
      "token",
      "post",
      { requestBody: { content: { ...form(object()).content, "application/a": {} } } },
      { mediaType: "application/x-www-form-urlencoded" },
    ],
    [
      "JSON, if a form is accepted too",
      "token",
      "post",
      { requestBody: { content: { ...form(object()).content, ...json(object()).content } } },
      { mediaType: "application/json" },
    ],
    ["an OAuth 2 scheme", "introspection", "post", { security: [{ OAuth: [] }] }, { clientAuthentication: "bearer" }],
    ["OpenID Connect", "introspection", "post", { security: [{ OpenID: [] }] }, { clientAuthentication: "bearer" }],
    [
      "Basic, if it is one of several schemes",
      "introspection",
      "post",
      { security: [{ Token: [] }, {}, { Key: [], Client: [] }] },
      { clientAuthentication: "client_secret_basic" },
    ],
    [
      "a scheme of another kind",
      "revocation",
      "post",
      { security: [{ Key: [] }] },
      { clientAuthentication: "client_secret_basic" },
    ],
    [
      "a value fixed by `const`",
      "token",
      "post",
      { requestBody: form(object({ "grant-type": { const: "a\n" }, n: { const: 1 } })) },
      { fields: { "grant-type": "a\n" } },
    ],
    [
      "a body of several parts",
      "token",
      "post",
      {
        requestBody: json({
          allOf: [ref("Credentials"), object({ kind: { type: "string", enum: ["a"] } }, [])],
          required: ["kind"],
        }),
      },
      { clientAuthentication: "client_secret_post", fields: { grant_type: "client_credentials", kind: "a" } },
    ],
    [
      "no optional field",
      "token",
      "post",
      { requestBody: form(object({ client_assertion_type: { type: "string", enum: ["jwt"] } }, [])) },
      { fields: {} },
    ],
  ])("%s", async (_, role, method, more, expected) => {
    const found = await endpointOf(role, method, more);
    // Whole values: an additional field would be sent.
    expect(found).toEqual({ ...found, method: method.toUpperCase(), path: "/x", ...expected });
  });

  test("the security of the description applies to an operation without its own", async () => {
    const whole = { security: [{ Token: [] }] };
    expect(await endpointOf("introspection", "post", {}, whole)).toMatchObject({ clientAuthentication: "bearer" });
    expect(await endpointOf("introspection", "post", { security: [] }, whole)).toMatchObject({
      clientAuthentication: "client_secret_basic",
    });
  });

  test("a body, a response, a scheme and a path may be references", async () => {
    const components = {
      securitySchemes: { Other: ref("Client", "securitySchemes"), ...COMPONENTS.securitySchemes },
      requestBodies: { Grant: form(ref("Body")) },
      responses: { Fine: { description: "Fine", ...json(ref("Answer")) } },
      pathItems: {
        Token: {
          post: operation("token", {
            requestBody: ref("Grant", "requestBodies"),
            responses: { 200: ref("Fine", "responses") },
            security: [{ Other: [] }],
          }),
        },
      },
      schemas: { ...COMPONENTS.schemas, Body: object({ grant_type: ref("Grant") }) },
    };
    const text = await emit({ "/x": ref("Token", "pathItems") }, {}, components);
    expect((await constantsOf(text))["tokenEndpoint"]).toEqual({
      method: "POST",
      path: "/x",
      mediaType: "application/x-www-form-urlencoded",
      clientAuthentication: "client_secret_basic",
      fields: { grant_type: "client_credentials" },
    });
    expect(text).toContain("export type TokenResponse = Answer;");
  });

  test("each role has a constant, which is `undefined` if no operation has the role", async () => {
    const paths = {
      "/t": { post: operation("token") },
      "/i": { post: operation("introspection") },
      "/r": { post: operation("revocation", { responses: { 200: { description: "No body" } } }) },
      "/o": { get: operation("token-info") },
    };
    expect(await constantsOf(await emit(paths))).toMatchObject({
      tokenEndpoint: { path: "/t" },
      introspectionEndpoint: { path: "/i" },
      revocationEndpoint: { path: "/r" },
      tokenInfoEndpoint: { path: "/o" },
    });
    expect({ ...(await constantsOf(await emit({}))) }).toEqual({
      tokenEndpoint: undefined,
      introspectionEndpoint: undefined,
      revocationEndpoint: undefined,
      tokenInfoEndpoint: undefined,
    });
  });
});

test("the table has a documented constant for each role, and the types of what the endpoints return", async () => {
  const flow = (scope: string) => ({ clientCredentials: { tokenUrl: "https://id.test", scopes: { [scope]: "" } } });
  const securitySchemes = { A: { type: "oauth2", flows: flow("a") }, B: { type: "oauth2", flows: flow("b") } };
  const paths = {
    "/t": { post: operation("token", { requestBody: form(ref("Credentials")) }) },
    "/r": { post: operation("revocation", { responses: { 400: { description: "" } } }) },
    "/o": {
      get: operation("token-info", { responses: { 204: { description: "" } }, security: [{}], description: "Info" }),
    },
  };
  const all = { ...COMPONENTS.securitySchemes, ...securitySchemes };
  expect(await emit(paths, {}, { securitySchemes: all })).toMatchInlineSnapshot(`
    "import type { AScope, Answer, BScope } from "./types.ts";

    /** What the token endpoint returns: \`Answer\`. */
    export type TokenResponse = Answer;

    /** The description has no introspection endpoint: this is the generic type. */
    export type IntrospectionResponse = { active: boolean; [member: string]: unknown };

    /** The description has no schema for the response of its token info endpoint: this is the generic type. */
    export type TokenInfo = { [member: string]: unknown };

    /** The scopes: \`AScope\`, \`BScope\`. */
    export type Scope = AScope | BScope;

    /** POST /t */
    export const tokenEndpoint = {
      method: "POST",
      path: "/t",
      mediaType: "application/x-www-form-urlencoded",
      clientAuthentication: "client_secret_post",
      fields: { grant_type: "client_credentials" },
    } as const;

    /** The description has no introspection endpoint. */
    export const introspectionEndpoint = undefined;

    /** POST /r */
    export const revocationEndpoint = {
      method: "POST",
      path: "/r",
      mediaType: "application/x-www-form-urlencoded",
      clientAuthentication: "client_secret_basic",
      fields: {},
    } as const;

    /** Info */
    export const tokenInfoEndpoint = {
      method: "GET",
      path: "/o",
      mediaType: undefined,
      clientAuthentication: "bearer",
      fields: {},
    } as const;
    "
  `);
  expect(warnings.filter((warning) => warning.includes("found no JSON"))).toEqual([
    "#/paths/~1o/get/responses found no JSON with a schema, expected the response of the token info endpoint",
  ]);
});

describe("the types of the table", () => {
  test("are those of the description, each imported once", async () => {
    const text = await emit({ "/t": { post: operation("token") }, "/o": { get: operation("token-info") } });
    expect(text).toMatch(/^import type \{ Answer \} from ".\/types.ts";\n/);
    expect(text).toContain("export type TokenResponse = Answer;");
    expect(text).toContain("export type TokenInfo = Answer;");
  });

  test("include those of inline bodies", async () => {
    const responses = { 200: { description: "", ...json(object({ access_token: string })) } };
    const text = await emit({ "/x": { post: operation("token", { operationId: "obtain", responses }) } });
    expect(text).toContain("export type TokenResponse = ObtainResponse;");
    const paths = {
      "/x": { post: operation("token", { operationId: undefined, responses: { 200: ref("Fine", "responses") } }) },
    };
    expect(await emit(paths, {}, { responses: { Fine: responses[200] } })).toContain(
      "export type TokenResponse = FineResponse;",
    );
  });

  test("are those of the RFCs if the description has none, and a scope is any string", async () => {
    const text = await emit({});
    expect(text).not.toContain("import");
    expect(text).toContain(
      "export type TokenResponse = { access_token?: string; token_type?: string; expires_in?: number; scope?: string; [member: string]: unknown };",
    );
    expect(text).toContain("export type IntrospectionResponse = { active: boolean; [member: string]: unknown };");
    expect(text).toContain("export type TokenInfo = { [member: string]: unknown };");
    expect(text).toContain("export type Scope = string;");
  });

  test("include the scopes of every security scheme", async () => {
    const flow = (scope: string) => ({ clientCredentials: { tokenUrl: "https://id.test", scopes: { [scope]: "" } } });
    const securitySchemes = { A: { type: "oauth2", flows: flow("a") }, B: { type: "oauth2", flows: flow("b") } };
    expect(await emit({}, {}, { securitySchemes })).toContain("export type Scope = AScope | BScope;");
  });

  test("have the summary of their operation as a comment, which it cannot end early", async () => {
    const text = await emit({ "/x": { post: operation("token", { summary: "Token */ process.exit() /*" }) } });
    expect(text).toContain("/** Token *\\/ process.exit() /* */\nexport const tokenEndpoint = {");
    expect(await emit({ "/x": { post: operation("token") } })).toContain("/** POST /x */\nexport const tokenEndpoint");
  });
});

describe("an error has the place of", () => {
  const twice = { "/a": { post: operation("token") }, "/b": { post: operation("token", { operationId: "b" }) } };
  test.each<[string, object, string]>([
    [
      "an unknown role",
      { "/x": { post: operation("tokn") } },
      '#/paths/~1x/post/x-oauth2-endpoint found the role "tokn", expected one of token, introspection, revocation, token-info',
    ],
    [
      "a role that is no text",
      { "/x": { post: operation("token", { "x-oauth2-endpoint": ["token"] }) } },
      'the role ["token"], expected',
    ],
    ["a role that every object has", { "/x": { post: operation("toString") } }, 'found the role "toString", expected'],
    [
      "a second operation of a role",
      twice,
      "#/paths/~1b/post/x-oauth2-endpoint found the role token again, expected it only at #/paths/~1a/post/x-oauth2-endpoint",
    ],
    [
      "a role of a path",
      { "/x": { "x-oauth2-endpoint": "token", post: operation("token") } },
      "#/paths/~1x found x-oauth2-endpoint on a path, expected it on one of its operations",
    ],
  ])("%s", async (_, paths, message) => {
    const error = await emit(paths).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(message);
  });
});

test.each([
  ["token", { access_token: {}, expires_in: {} }, []],
  ["token", { access_token: {}, expires_after: {} }, ["expires_in"]],
  ["token", { token: {} }, ["access_token, expires_in"]],
  ["token", {}, []],
  ["introspection", { is_active: {} }, ["active"]],
  ["token-info", { anything: {} }, []],
])("the role %s with the response %j warns of the missing members: %j", async (role, properties, missing) => {
  const content = { "application/json": { schema: { type: "object", properties } } };
  await emit({ "/x": { post: operation(role, { responses: { 200: { description: "", content } } }) } });
  const found = warnings.filter((warning) => warning.includes("which the client reads"));
  const rest = `which the client reads in the response of the ${role} endpoint`;
  expect(found).toEqual(missing.map((names) => `#/paths/~1x/post/responses found no ${names}, ${rest}`));
});

test.each<[string, object]>([
  ["a response without JSON", { 200: { description: "", content: { "text/plain": {} } } }],
  ["a response with JSON of any kind", { 200: { description: "", content: { "application/json": {} } } }],
  ["no response of success", { 400: { description: "" } }],
])("with %s a role has the response type of the RFC, with a warning", async (_, responses) => {
  const text = await emit({ "/x": { post: operation("token", { responses }) } });
  expect(text).toMatch(/no schema for the response of its token .*\nexport type TokenResponse = \{ access_token\?/);
  expect(warnings.at(-1)).toBe(
    "#/paths/~1x/post/responses found no JSON with a schema, expected the response of the token endpoint",
  );
});

test.each([
  ["201", "application/json"],
  ["2XX", "application/vnd.x+json"],
  ["200", "*/*"],
])("the response type of a role may be that of status %s, %s", async (status, mediaType) => {
  const responses = { 400: {}, [status]: { description: "", content: { [mediaType]: { schema: ref("Answer") } } } };
  expect(await emit({ "/x": { post: operation("token", { responses }) } })).toContain("TokenResponse = Answer;");
});

test("of alternative request bodies, the one for client credentials is used", async () => {
  const grant = (name: string, more: object) => object({ grant_type: { type: "string", enum: [name] }, ...more });
  const oneOf = [grant("password", { username: string }), grant("client_credentials", { client_secret: string })];
  const found = await endpointOf("token", "post", { requestBody: form({ oneOf }) });
  expect(found).toMatchObject({
    clientAuthentication: "client_secret_post",
    fields: { grant_type: "client_credentials" },
  });
});

// A change is classified as callers, who read responses and send requests, would classify it.

import { describe, expect, test } from "vitest";
import { classify } from "../../scripts/update-spec/classify.ts";
import { redoclyDiff } from "../../scripts/update-spec/redocly-diff.ts";
import type { Verdict } from "../../scripts/update-spec/report.ts";
import { recordedDiff } from "./recorded-diff.ts";
import { changed, operationOf, response, type Spec, schemaOf, scopes, TEXT } from "./specs.ts";

const diff = recordedDiff("classify");
const changesOf = (before: string, after: string) => classify(before, after, diff);

type Case = [verdict: Verdict, name: string, change: (spec: Spec) => unknown];

const info = (spec: Spec) => schemaOf(spec, "OAuth2TokenInfo").properties;
const request = (spec: Spec) => schemaOf(spec, "OAuth2ClientCredentialsRequest");
const token = (spec: Spec) => schemaOf(spec, "OAuth2IntrospectRequest").properties.token;
const introspect = (spec: Spec) => operationOf(spec, "/oauth2/introspect");
const rename = (parent: Spec, from: string, to: string) => {
  parent[to] = parent[from];
  delete parent[from];
};
const flows = (spec: Spec) => spec.components.securitySchemes.OAuth2.flows;
const addWords = (spec: Spec) => {
  spec.info.license = { name: "MIT" };
  spec.info["x-logo"] = { url: "https://logo.test" };
  spec.tags.push({ name: "other" });
  response(spec).scope.externalDocs = { url: "https://docs.test" };
  introspect(spec).responses[200].content["application/json"].examples = { one: { value: {} } };
};
const renameSchema = (spec: Spec) => {
  rename(spec.components.schemas, "RevokeAccessTokenResponse", "Other");
  operationOf(spec, "/oauth2/revoke").responses[200].content["application/json"].schema.$ref =
    "#/components/schemas/Other";
};
const verdictsOf = async (before: string, after: string) =>
  (await changesOf(before, after)).map(({ verdict }) => verdict);
const string = { type: "string" };
const optional = (body: Spec) => ({ ...body, required: false });

const RESPONSES: Case[] = [
  ["breaking", "a field that is no longer sent", (spec) => Object.assign(response(spec).scope, { writeOnly: true })],
  [
    "breaking",
    "the loss of the schema",
    (spec) => delete introspect(spec).responses[200].content["application/json"].schema,
  ],
  [
    "documentation",
    "required fields in another order",
    (spec) => schemaOf(spec, "OAuth2TokenRevokeRequest").required.reverse(),
  ],
  [
    "additive",
    "a nullable field added",
    (spec) => Object.assign(response(spec), { refresh_token: { ...string, nullable: true } }),
  ],
  ["breaking", "a field removed", (spec) => delete response(spec).created_at],
  ["breaking", "a field renamed", (spec) => rename(response(spec), "expires_in", "expires")],
  ["breaking", "a field made nullable", (spec) => Object.assign(response(spec).scope, { nullable: true })],
  ["additive", "a field no longer nullable", (spec) => delete info(spec).resource_owner_id.nullable],
  [
    "additive",
    "a field made required",
    (spec) => Object.assign(schemaOf(spec, "OAuth2TokenResponse"), { required: ["access_token"] }),
  ],
  ["breaking", "a field no longer required", (spec) => delete schemaOf(spec, "OAuth2ErrorResponse").required],
  ["breaking", "a field of another type", (spec) => Object.assign(response(spec).expires_in, string)],
  [
    "additive",
    "a format where there was none",
    (spec) => Object.assign(response(spec).expires_in, { format: "int64" }),
  ],
  ["breaking", "a value added to an enum", (spec) => response(spec).token_type.enum.push("MAC")],
  ["documentation", "a field deprecated", (spec) => Object.assign(response(spec).created_at, { deprecated: true })],
  ["documentation", "another description", (spec) => Object.assign(response(spec).scope, { description: "other" })],
  ["documentation", "another example", (spec) => Object.assign(response(spec).scope, { example: "other" })],
  [
    "additive",
    "permission for undeclared fields",
    (spec) => Object.assign(schemaOf(spec, "OAuth2TokenResponse"), { additionalProperties: true }),
  ],
  ["documentation", "a default", (spec) => Object.assign(response(spec).scope, { default: "other" })],
];

const REQUESTS: Case[] = [
  ["documentation", "a field that is stated to be sent", (spec) => Object.assign(token(spec), { readOnly: false })],
  [
    "additive",
    "a body that may be sent",
    (spec) =>
      Object.assign(operationOf(spec, "/oauth2/token/info"), { requestBody: optional(introspect(spec).requestBody) }),
  ],
  ["breaking", "a field that must no longer be sent", (spec) => Object.assign(token(spec), { readOnly: true })],
  [
    "breaking",
    "a body that must be sent",
    (spec) =>
      Object.assign(operationOf(spec, "/oauth2/token/info"), {
        requestBody: { ...introspect(spec).requestBody, required: true },
      }),
  ],
  [
    "breaking",
    "a field made required",
    (spec) => Object.assign(schemaOf(spec, "OAuth2IntrospectRequest"), { required: ["token"] }),
  ],
  ["additive", "a field no longer required", (spec) => request(spec).required.pop()],
  ["additive", "a new optional field", (spec) => Object.assign(request(spec).properties, { audience: string })],
  [
    "breaking",
    "a new required field",
    (spec) => {
      request(spec).properties.audience = string;
      request(spec).required.push("audience");
    },
  ],
  ["breaking", "a field removed", (spec) => delete schemaOf(spec, "OAuth2IntrospectRequest").properties.token],
  ["additive", "a field made nullable", (spec) => Object.assign(token(spec), { nullable: true })],
  ["breaking", "a new minimum length of a field", (spec) => Object.assign(token(spec), { minLength: 10 })],
  ["additive", "a value added to an enum", (spec) => request(spec).properties.grant_type.enum.push("password")],
  [
    "breaking",
    "a value of an enum replaced",
    (spec) => request(spec).properties.grant_type.enum.splice(0, 1, "password"),
  ],
  [
    "additive",
    "permission for undeclared fields",
    (spec) => Object.assign(request(spec), { additionalProperties: true }),
  ],
  [
    "documentation",
    "a default where there was none",
    (spec) => Object.assign(request(spec).properties.scope, { default: "company" }),
  ],
];

const OPERATIONS: Case[] = [
  [
    "documentation",
    "a hint at the format of a token",
    (spec) => Object.assign(spec.components.securitySchemes.OAuth2, { bearerFormat: "JWT" }),
  ],
  ["breaking", "the loss of the server", (spec) => delete spec.servers],
  [
    "breaking",
    "another server for one call",
    (spec) => Object.assign(introspect(spec), { servers: [{ url: "https://other.test" }] }),
  ],
  ["breaking", "another first server", (spec) => spec.servers.unshift({ url: "https://other.test" })],
  [
    "documentation",
    "a refresh URL",
    (spec) => Object.assign(flows(spec).clientCredentials, { refreshUrl: "https://api.test" }),
  ],
  ["additive", "a scope added", (spec) => Object.assign(scopes(spec), { "public.shipment:read": "Shipments" })],
  ["breaking", "a scope removed", (spec) => delete scopes(spec).address],
  ["breaking", "a scope renamed", (spec) => rename(scopes(spec), "address", "addresses")],
  ["documentation", "another description of a scope", (spec) => Object.assign(scopes(spec), { address: "other" })],
  ["breaking", "a scope demanded", (spec) => Object.assign(introspect(spec), { security: [{ OAuth2: ["company"] }] })],
  [
    "breaking",
    "authentication demanded",
    (spec) => Object.assign(operationOf(spec, "/oauth2/token"), { security: [{ OAuth2: [] }] }),
  ],
  ["additive", "authentication no longer demanded", (spec) => Object.assign(introspect(spec), { security: [] })],
  [
    "documentation",
    "another description of a scheme",
    (spec) => Object.assign(spec.components.securitySchemes.OAuth2, { description: "other" }),
  ],
  ["additive", "a schema added", (spec) => Object.assign(spec.components.schemas, { Other: string })],
  ["breaking", "a schema renamed", renameSchema],
  [
    "breaking",
    "another token endpoint",
    (spec) => Object.assign(flows(spec).clientCredentials, { tokenUrl: "https://other.test" }),
  ],
  [
    "additive",
    "a flow added",
    (spec) => Object.assign(flows(spec), { password: { tokenUrl: "https://api.test", scopes: {} } }),
  ],
  ["breaking", "a path moved", (spec) => rename(spec.paths, "/oauth2/token", "/oauth2/v2/token")],
  ["breaking", "an operation removed", (spec) => delete spec.paths["/oauth2/introspect"]],
  ["documentation", "an operation deprecated", (spec) => Object.assign(introspect(spec), { deprecated: true })],
  [
    "breaking",
    "a parameter demanded",
    (spec) =>
      Object.assign(introspect(spec), { parameters: [{ name: "x", in: "query", required: true, schema: string }] }),
  ],
  ["breaking", "another server", (spec) => Object.assign(spec.servers[0], { url: "https://other.test" })],
  ["documentation", "more words", addWords],
  ["documentation", "another version", (spec) => Object.assign(spec.info, { version: "2024-09" })],
];

describe.each([
  ["a response", RESPONSES],
  ["a request", REQUESTS],
  ["the API", OPERATIONS],
])("in %s,", (_, cases) => {
  const byName = cases.map(([verdict, name, change]) => [name, verdict, change] as const);
  test.concurrent.each(byName)("%s is %s", async (_, verdict, change) => {
    const found = await verdictsOf(TEXT, changed(change));
    const worst = (["breaking", "additive", "documentation"] as const).find((one) => found.includes(one));
    expect(worst).toBe(verdict);
  });
});

const TEXT_31 = changed((spec) => {
  spec.openapi = "3.1.0";
  delete info(spec).resource_owner_id.nullable;
  response(spec).scope.type = "SCOPE";
});

test.concurrent.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "a default becomes another", { default: "a" }, { default: "b" }],
  ["breaking", "a format becomes another", { format: "uuid" }, { format: "uri" }],
  ["additive", "a format is not demanded any more", { format: "uuid" }, {}],
  ["additive", "it may be longer", { maxLength: 5 }, { maxLength: 6 }],
  ["additive", "it may have fewer items", { minItems: 2 }, { minItems: 1 }],
])("a change of a request is %s if %s", async (verdict, _, before, after) => {
  const withScope = (scope: Spec) => changed((spec) => Object.assign(request(spec).properties.scope, scope));
  expect(await verdictsOf(withScope(before), withScope(after))).toEqual([verdict]);
});

describe.each([
  ["a response", "OAuth2IntrospectResponse", "OAuth2TokenRevokeRequest"],
  ["a request", "OAuth2IntrospectResponse", "OAuth2IntrospectRequest"],
])("a change of a schema of both, which %s holds first,", (_, answer, request) => {
  test.concurrent.each<[Verdict, string, Spec, Spec]>([
    ["breaking", "holds no other fields", {}, { additionalProperties: false }],
    ["breaking", "holds one that is not to be sent", {}, { properties: { s: { ...string, readOnly: true } } }],
    ["breaking", "holds one that is not to be read", {}, { properties: { s: { ...string, writeOnly: true } } }],
    ["breaking", "may lack one", { required: ["s"] }, {}],
    [
      "breaking",
      "holds one with another default",
      { properties: { s: { ...string, default: "a" } } },
      { properties: { s: { ...string, default: "b" } } },
    ],
  ])("is %s if it %s", async (verdict, _, before, after) => {
    const withShared = (more: Spec) =>
      changed((spec) => {
        for (const name of [answer, request]) {
          schemaOf(spec, name).properties.shared = { $ref: "#/components/schemas/Shared" };
        }
        spec.components.schemas.Shared = { type: "object", properties: { s: string }, ...more };
      });
    expect(await verdictsOf(withShared(before), withShared(after))).toEqual([verdict]);
  });
});

test.concurrent.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "another item", ["a"], ["b"]],
  ["breaking", "another order", ["a", "b"], ["b", "a"]],
  ["breaking", "another field in an item", [{ n: "a" }], [{ n: "b" }]],
  ["breaking", "another field", { n: "a" }, { n: "b" }],
])("a change of a request is %s if a default has %s", async (verdict, _, before, after) => {
  const withDefault = (value: Spec) =>
    changed((spec) => Object.assign(request(spec).properties, { more: { default: value } }));
  expect(await verdictsOf(withDefault(before), withDefault(after))).toEqual([verdict]);
});

test.concurrent.each<[Verdict, Verdict, string, (spec: Spec) => unknown]>([
  [
    "additive",
    "breaking",
    "a body without a schema",
    (spec) => Object.values<Spec>(introspect(spec).requestBody.content).map((body) => delete body.schema),
  ],
  [
    "breaking",
    "additive",
    "one field less, of which others may be sent",
    (spec) => delete schemaOf(spec, "OAuth2IntrospectRequest").properties.token,
  ],
])("a change of a request is %s, and its reversal %s: %s", async (there, back, _, change) => {
  const open = (spec: Spec) => delete schemaOf(spec, "OAuth2IntrospectRequest").additionalProperties;
  const [before, after] = [
    changed(open),
    changed((spec) => {
      open(spec);
      change(spec);
    }),
  ];
  expect(await verdictsOf(before, after)).toContain(there);
  expect(await verdictsOf(after, before)).toContain(back);
});

test.concurrent.each<[string, (schema: Spec) => Spec]>([
  ["of its own", (schema) => schema],
  ["that a response holds too", () => ({ $ref: "#/components/schemas/Shared" })],
])("a change of a parameter is breaking if it has another default, with a schema %s", async (_, schemaFor) => {
  const withDefault = (value: Spec) =>
    changed((spec) => {
      const schema = { default: [{ n: value }] };
      spec.components.schemas.Shared = schema;
      response(spec).shared = { $ref: "#/components/schemas/Shared" };
      introspect(spec).parameters = [{ name: "x", in: "query", schema: schemaFor(schema) }];
    });
  expect(await verdictsOf(withDefault("a"), withDefault("b"))).toContain("breaking");
});

test.concurrent.each<[string, (spec: Spec, description: string) => unknown]>([
  ["a scheme", (spec, description) => Object.assign(spec.components.securitySchemes.OAuth2, { description })],
  [
    "a server of a call",
    (spec, description) => Object.assign(introspect(spec), { servers: [{ url: "https://a.test", description }] }),
  ],
])("another description of %s is documentation", async (_, describeIn) => {
  const described = (text: string) => changed((spec) => describeIn(spec, text));
  expect(await verdictsOf(described("a"), described("b"))).toEqual(["documentation"]);
});

test.concurrent("a security requirement is compared even if its path is a reference", async () => {
  const elsewhere = (security: Spec) =>
    changed((spec) => {
      spec.openapi = "3.1.0";
      spec.components.pathItems = { introspect: spec.paths["/oauth2/introspect"] };
      spec.paths["/oauth2/introspect"] = { $ref: "#/components/pathItems/introspect" };
      spec.components.pathItems.introspect.post.security = security;
    });
  const changes = await changesOf(elsewhere([]), elsewhere([{ OAuth2: ["company"] }]));
  expect(changes).toMatchObject([{ verdict: "breaking", where: "POST /oauth2/introspect", what: "security changed" }]);
});

test.concurrent.each<[string, (spec: Spec) => unknown]>([
  ["is another", (spec) => Object.assign(spec.servers[0], { url: "https://other.test" })],
  ["comes before", (spec) => spec.servers.unshift({ url: "https://other.test" })],
])("a first server that %s is reported as a break once", async (_, change) => {
  const changes = await changesOf(TEXT, changed(change));
  expect(changes.filter(({ verdict }) => verdict === "breaking")).toHaveLength(1);
});

test.concurrent.each<[Verdict, string, string[], string[]]>([
  ["breaking", "is another operation", ["/oauth2/introspect"], ["/oauth2/revoke"]],
  ["breaking", "removed", ["/oauth2/introspect"], []],
  ["additive", "added", [], ["/oauth2/introspect"]],
])("a change is %s, and reported once, if a role of an endpoint %s", async (verdict, what, before, after) => {
  const withRole = (paths: string[]) =>
    changed((spec) => {
      for (const path of ["/oauth2/introspect", "/oauth2/revoke"]) delete operationOf(spec, path)["x-oauth2-endpoint"];
      for (const path of paths) operationOf(spec, path)["x-oauth2-endpoint"] = "introspection";
    });
  const [was, is] = [before, after].map(([path]) => path && `POST ${path}`);
  const where = "x-oauth2-endpoint introspection";
  expect(await changesOf(withRole(before), withRole(after))).toEqual([
    { verdict, where, what, before: was, after: is },
  ]);
});

test.concurrent.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "loses a value", { enum: ["a", "b"] }, { enum: ["a"] }],
  ["breaking", "that was free gets a list of values", {}, { enum: ["a"] }],
  ["additive", "gets another value", { enum: ["a"] }, { enum: ["a", "b"] }],
  ["additive", "becomes free", { enum: ["a"] }, {}],
  ["documentation", "has another description", { description: "a" }, { description: "b" }],
])("a change is %s if a server variable %s", async (verdict, _, before, after) => {
  const withServers = (variable: Spec) =>
    changed((spec) => {
      spec.servers = [{ url: "https://{tags}.test", variables: { tags: { default: "a", ...variable } } }];
    });
  expect(await verdictsOf(withServers(before), withServers(after))).toEqual([verdict]);
});

test.concurrent.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "as another type", { contentType: "text/plain" }, { contentType: "text/html" }],
  ["breaking", "as a type that is now stated", undefined, { contentType: "text/plain" }],
  ["breaking", "in another style", { style: "form" }, { style: "pipeDelimited" }],
  [
    "documentation",
    "with a header that has another description",
    { headers: { x: { description: "a", schema: string } } },
    { headers: { x: { description: "b", schema: string } } },
  ],
])("a change is %s if a part of a body must be sent %s", async (verdict, _, before, after) => {
  const withEncoding = (part: Spec) =>
    changed((spec) => {
      for (const body of Object.values<Spec>(introspect(spec).requestBody.content))
        if (part) body.encoding = { tags: part };
    });
  expect(await verdictsOf(withEncoding(before), withEncoding(after))).toEqual([verdict]);
});

test.concurrent.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "may be null", "string", ["string", "null"]],
  ["additive", "can no longer be null", ["string", "null"], ["string"]],
])("in OpenAPI 3.1, a change of a response is %s if a field %s", async (verdict, _, before, after) => {
  const withType = (type: Spec) => TEXT_31.replace("type: SCOPE", `type: ${JSON.stringify(type)}`);
  expect(await verdictsOf(withType(before), withType(after))).toEqual([verdict]);
});

test.concurrent.each<[Verdict | "unclassified", string, Spec, Spec]>([
  ["breaking", "it has no requirement of its own and the description gets one", [{ OAuth2: [] }], undefined],
  ["additive", "it becomes open though the description is not", [{ OAuth2: [] }], []],
  ["additive", "there is another way", [{ OAuth2: [] }], [{ OAuth2: [] }, {}]],
  ["additive", "it demands fewer scopes", [{ OAuth2: ["address", "box"] }], [{ OAuth2: ["box"] }]],
  ["breaking", "it demands another scope", [{ OAuth2: ["address"] }], [{ OAuth2: ["box"] }]],
  ["breaking", "it demands a scope besides", [{ OAuth2: ["box"] }], [{ OAuth2: ["box", "address"] }]],
  ["additive", "another scope will do", [{ OAuth2: ["box"] }], [{ OAuth2: ["box"] }, { OAuth2: ["address"] }]],
  ["breaking", "a way is gone", [{ OAuth2: [] }, {}], [{ OAuth2: [] }]],
  ["unclassified", "it states itself what the description demands", [{ OAuth2: [] }], [{ OAuth2: [] }]],
])("a change of a call is %s if %s", async (verdict, name, whole, own) => {
  const withSecurity = (security: Spec) =>
    changed((spec) => {
      spec.security = whole;
      delete introspect(spec).security;
      if (security !== undefined) introspect(spec).security = security;
    });
  // From an open call to the demand of the whole, or from that to one of its own.
  const [before, after] = own === undefined ? [[], undefined] : [undefined, own];
  const changes = await changesOf(withSecurity(before), withSecurity(after));
  expect({ name, verdicts: changes.map((found) => found.verdict) }).toEqual({
    name,
    verdicts: verdict === "unclassified" ? [] : [verdict],
  });
});

test.concurrent.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "may be missing", { required: true }, {}],
  ["additive", "is always sent", {}, { required: true }],
])("a change of a response is %s if a header %s", async (verdict, _, before, after) => {
  const withHeader = (header: Spec) =>
    changed((spec) =>
      Object.assign(introspect(spec).responses[200], { headers: { x: { schema: string, ...header } } }),
    );
  expect(await verdictsOf(withHeader(before), withHeader(after))).toEqual([verdict]);
});

test.concurrent.each(["tags", "example", "description", "default", "x-id"])(
  "the loss of a field or a header called %s is breaking",
  async (name) => {
    const withField = changed((spec) => Object.assign(response(spec), { [name]: string }));
    const withHeaders = (...names: string[]) => {
      const headers = Object.fromEntries(names.map((header) => [header, { schema: string }]));
      return changed((spec) => Object.assign(introspect(spec).responses[200], { headers }));
    };
    const changes = [
      ...(await changesOf(withField, TEXT)),
      ...(await changesOf(withHeaders("other", name), withHeaders("other"))),
    ];
    expect(changes.map(({ verdict }) => verdict)).toEqual(["breaking", "breaking"]);
  },
);

test("a change is reported with its place, what it is, and the values before and after", async () => {
  const text = changed((spec) => {
    delete scopes(spec).address;
    delete introspect(spec).description;
    response(spec).expires_in.type = "string";
    info(spec).scope.items.description = "other";
    spec.tags[0].description = "other";
    response(spec).refresh_token = string;
  });
  const documentation = { verdict: "documentation", what: "description modified" };
  const changes = await changesOf(TEXT, text);
  expect(changes.sort((a, b) => (a.where < b.where ? -1 : 1))).toEqual([
    {
      verdict: "breaking",
      where: "OAuth2 clientCredentials address",
      what: "scope removed",
      before: "Addresses API (Public API)",
      after: undefined,
    },
    { ...documentation, where: "OAuth2TokenInfo.scope[] description", before: "OAuth 2 Scope name", after: "other" },
    {
      verdict: "breaking",
      where: "OAuth2TokenResponse.expires_in type",
      what: "Type of `expires_in` widened from 'integer' to 'string'.",
      before: "integer",
      after: "string",
    },
    {
      verdict: "additive",
      where: "OAuth2TokenResponse.refresh_token",
      what: "added",
      before: undefined,
      after: string,
    },
    {
      ...documentation,
      where: "paths /oauth2/introspect post",
      before: "Introspect an Access Token using another Access Token.",
      after: undefined,
    },
    { ...documentation, where: "tags 0 description", before: "OAuth 2 API", after: "other" },
  ]);
});

test("descriptions that redocly diff cannot compare are an error", async () => {
  const reason = "cannot be compared by redocly diff (Error: Unsupported";
  await expect(classify(TEXT, TEXT.replace("3.0.3", "4.0.0"), redoclyDiff)).rejects.toThrow(reason);
});

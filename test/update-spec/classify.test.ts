// A change is classified by its effect on callers, who read responses and send requests.

import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { classify } from "../../scripts/update-spec/classify.ts";
import type { Verdict } from "../../scripts/update-spec/report.ts";
import { changed, operationOf, response, type Spec, schemaOf, scopes, TEXT } from "./specs.ts";

// Most pairs have a side in common, and reading YAML takes longer than comparing it.
const read = new Map<string, Spec>();
const specIn = (text: string): Spec => {
  if (!read.has(text)) read.set(text, parse(text));
  return read.get(text);
};
const changesOf = (before: string, after: string) => classify(specIn(before), specIn(after));

type Case = [verdict: Verdict | "no change", name: string, change: (spec: Spec) => unknown];

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
const verdictsOf = (before: string, after: string) => changesOf(before, after).map(({ verdict }) => verdict);
const worst = (before: string, after: string) => {
  const found = verdictsOf(before, after);
  return (["breaking", "additive", "documentation"] as const).find((one) => found.includes(one)) ?? "no change";
};
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
    "no change",
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
  ["no change", "a field that is stated to be sent", (spec) => Object.assign(token(spec), { readOnly: false })],
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
    "additive",
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
  test.each(byName)("%s is %s", (_, verdict, change) => {
    expect(worst(TEXT, changed(change))).toBe(verdict);
  });
});

const TEXT_31 = changed((spec) => {
  spec.openapi = "3.1.0";
  delete info(spec).resource_owner_id.nullable;
  response(spec).scope.type = "SCOPE";
});

test.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "a default becomes another", { default: "a" }, { default: "b" }],
  ["breaking", "a format becomes another", { format: "uuid" }, { format: "uri" }],
  ["additive", "a format is not demanded any more", { format: "uuid" }, {}],
  ["additive", "it may be longer", { maxLength: 5 }, { maxLength: 6 }],
  ["additive", "it may have fewer items", { minItems: 2 }, { minItems: 1 }],
])("a change of a request is %s if %s", (verdict, _, before, after) => {
  const withScope = (scope: Spec) => changed((spec) => Object.assign(request(spec).properties.scope, scope));
  expect(verdictsOf(withScope(before), withScope(after))).toEqual([verdict]);
});

describe.each([
  ["a response", "OAuth2IntrospectResponse", "OAuth2TokenRevokeRequest"],
  ["a request", "OAuth2IntrospectResponse", "OAuth2IntrospectRequest"],
])("a change of a schema of both, which %s holds first,", (_, answer, request) => {
  test.each<[Verdict, string, Spec, Spec]>([
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
  ])("is %s if it %s", (verdict, _, before, after) => {
    const withShared = (more: Spec) =>
      changed((spec) => {
        for (const name of [answer, request]) {
          schemaOf(spec, name).properties.shared = { $ref: "#/components/schemas/Shared" };
        }
        spec.components.schemas.Shared = { type: "object", properties: { s: string }, ...more };
      });
    expect(verdictsOf(withShared(before), withShared(after))).toEqual([verdict]);
  });
});

test.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "another item", ["a"], ["b"]],
  ["breaking", "another order", ["a", "b"], ["b", "a"]],
  ["breaking", "another field in an item", [{ n: "a" }], [{ n: "b" }]],
  ["breaking", "another field", { n: "a" }, { n: "b" }],
])("a change of a request is %s if a default has %s", (verdict, _, before, after) => {
  const withDefault = (value: Spec) =>
    changed((spec) => Object.assign(request(spec).properties, { more: { default: value } }));
  expect(verdictsOf(withDefault(before), withDefault(after))).toEqual([verdict]);
});

test.each<[Verdict, Verdict, string, (spec: Spec) => unknown]>([
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
])("a change of a request is %s, and its reversal %s: %s", (there, back, _, change) => {
  const open = (spec: Spec) => delete schemaOf(spec, "OAuth2IntrospectRequest").additionalProperties;
  const [before, after] = [
    changed(open),
    changed((spec) => {
      open(spec);
      change(spec);
    }),
  ];
  expect(verdictsOf(before, after)).toContain(there);
  expect(verdictsOf(after, before)).toContain(back);
});

test.each<[string, (schema: Spec) => Spec]>([
  ["of its own", (schema) => schema],
  ["that a response holds too", () => ({ $ref: "#/components/schemas/Shared" })],
])("a change of a parameter is breaking if it has another default, with a schema %s", (_, schemaFor) => {
  const withDefault = (value: Spec) =>
    changed((spec) => {
      const schema = { default: [{ n: value }] };
      spec.components.schemas.Shared = schema;
      response(spec).shared = { $ref: "#/components/schemas/Shared" };
      introspect(spec).parameters = [{ name: "x", in: "query", schema: schemaFor(schema) }];
    });
  expect(verdictsOf(withDefault("a"), withDefault("b"))).toContain("breaking");
});

test.each<[string, (spec: Spec, description: string) => unknown]>([
  ["a scheme", (spec, description) => Object.assign(spec.components.securitySchemes.OAuth2, { description })],
  [
    "a server of a call",
    (spec, description) => Object.assign(introspect(spec), { servers: [{ url: "https://a.test", description }] }),
  ],
])("another description of %s is documentation", (_, describeIn) => {
  const described = (text: string) => changed((spec) => describeIn(spec, text));
  expect(verdictsOf(described("a"), described("b"))).toEqual(["documentation"]);
});

test("a security requirement is compared even if its path is a reference", () => {
  const elsewhere = (security: Spec) =>
    changed((spec) => {
      spec.openapi = "3.1.0";
      spec.components.pathItems = { introspect: spec.paths["/oauth2/introspect"] };
      spec.paths["/oauth2/introspect"] = { $ref: "#/components/pathItems/introspect" };
      spec.components.pathItems.introspect.post.security = security;
    });
  const changes = changesOf(elsewhere([]), elsewhere([{ OAuth2: ["company"] }]));
  const where = "POST /oauth2/introspect security";
  const what = expect.stringMatching(/^flows clientCredentials https:.*oauth2( with company)? added$/);
  expect(changes).toMatchObject(Array(2).fill({ verdict: "breaking", where, what }));
});

test.each<[string, (spec: Spec) => unknown]>([
  ["is another", (spec) => Object.assign(spec.servers[0], { url: "https://other.test" })],
  ["comes before", (spec) => spec.servers.unshift({ url: "https://other.test" })],
])("a first server that %s is reported as a break once", (_, change) => {
  const changes = changesOf(TEXT, changed(change));
  expect(changes.filter(({ verdict }) => verdict === "breaking")).toHaveLength(1);
});

test("names that disappear although their schemas stay are reported in one line", () => {
  const inline = (properties: Spec) =>
    changed((spec) => {
      introspect(spec).operationId = "introspect";
      introspect(spec).responses[200].content = { "application/json": { schema: { type: "object", properties } } };
      spec.components.schemas.Kind = { ...string, enum: ["a"] };
    });
  const [before, after] = [inline({ kind: { ...string, enum: ["a"] } }), inline({ kind: ref("Kind") })];
  const names = ["IntrospectResponseKind"];
  expect(changesOf(before, after)).toEqual([
    { verdict: "breaking", where: names[0], what: "no longer exported", before: undefined, after: undefined },
  ]);
  // What is gone itself is reported as that.
  const gone = changesOf(before, inline({}));
  expect(gone.map(({ where, what }) => `${where}: ${what}`)).toEqual([
    "POST /oauth2/introspect 200 application/json.kind: removed",
  ]);
});

test.each([
  ["A, B, C", 3],
  ["A, B, C, 1 more", 4],
])("of the names that are gone, three are named: %s", (listed, count) => {
  const names = ["A", "B", "C", "D"].slice(0, count);
  const withFields = (schemaOfField: (name: string) => Spec) =>
    changed((spec) => {
      const fields = names.map((name) => [name, schemaOfField(name)]);
      spec.components.schemas.X = { type: "object", properties: Object.fromEntries(fields) };
      spec.components.schemas.Kind = { ...string, enum: ["a"] };
    });
  const changes = changesOf(
    withFields(() => ({ ...string, enum: ["a"] })),
    withFields(() => ref("Kind")),
  );
  expect(changes.map(({ where }) => where)).toEqual([listed.replace(/\b[A-D]\b/g, "X$&")]);
});

test.each<[Verdict, string, string[], string[]]>([
  ["breaking", "operation changed", ["/oauth2/introspect"], ["/oauth2/revoke"]],
  ["breaking", "removed", ["/oauth2/introspect"], []],
  ["additive", "added", [], ["/oauth2/introspect"]],
])("a change is %s, and reported once, if a role of an endpoint is so: %s", (verdict, what, before, after) => {
  const withRole = (paths: string[]) =>
    changed((spec) => {
      for (const path of ["/oauth2/introspect", "/oauth2/revoke"]) delete operationOf(spec, path)["x-oauth2-endpoint"];
      for (const path of paths) operationOf(spec, path)["x-oauth2-endpoint"] = "introspection";
    });
  const [was, is] = [before[0], after[0]].map((path) => (before[0] && after[0] ? `POST ${path}` : undefined));
  const where = "x-oauth2-endpoint introspection";
  expect(changesOf(withRole(before), withRole(after))).toEqual([{ verdict, where, what, before: was, after: is }]);
});

test.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "loses a value", { enum: ["a", "b"] }, { enum: ["a"] }],
  ["breaking", "that was free gets a list of values", {}, { enum: ["a"] }],
  ["additive", "gets another value", { enum: ["a"] }, { enum: ["a", "b"] }],
  ["additive", "becomes free", { enum: ["a"] }, {}],
  ["documentation", "has another description", { description: "a" }, { description: "b" }],
])("a change is %s if a server variable %s", (verdict, _, before, after) => {
  const withServers = (variable: Spec) =>
    changed((spec) => {
      spec.servers = [{ url: "https://{tags}.test", variables: { tags: { default: "a", ...variable } } }];
    });
  expect(verdictsOf(withServers(before), withServers(after))).toEqual([verdict]);
});

test.each<[Verdict | "no change", string, Spec, Spec]>([
  ["breaking", "as another type", { contentType: "text/plain" }, { contentType: "text/html" }],
  ["breaking", "as a type that is now stated", undefined, { contentType: "text/plain" }],
  ["breaking", "in another style", { style: "form" }, { style: "pipeDelimited" }],
  [
    "no change",
    "with a header that has another description",
    { headers: { x: { description: "a", schema: string } } },
    { headers: { x: { description: "b", schema: string } } },
  ],
])("a change is %s if a part of a body must be sent %s", (verdict, _, before, after) => {
  const withEncoding = (part: Spec) =>
    changed((spec) => {
      for (const body of Object.values<Spec>(introspect(spec).requestBody.content))
        if (part) body.encoding = { tags: part };
    });
  expect(worst(withEncoding(before), withEncoding(after))).toBe(verdict);
});

test.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "may be null", "string", ["string", "null"]],
  ["additive", "can no longer be null", ["string", "null"], ["string"]],
])("in OpenAPI 3.1, a change of a response is %s if a field %s", (verdict, _, before, after) => {
  const withType = (type: Spec) => TEXT_31.replace("type: SCOPE", `type: ${JSON.stringify(type)}`);
  expect(verdictsOf(withType(before), withType(after))).toEqual([verdict]);
});

test.each<[Verdict | "no change", string, Spec, Spec]>([
  ["breaking", "it has no requirement of its own and the description gets one", [{ OAuth2: [] }], undefined],
  ["additive", "it becomes open though the description is not", [{ OAuth2: [] }], []],
  ["additive", "there is another way", [{ OAuth2: [] }], [{ OAuth2: [] }, {}]],
  ["additive", "it demands fewer scopes", [{ OAuth2: ["address", "box"] }], [{ OAuth2: ["box"] }]],
  ["breaking", "it demands another scope", [{ OAuth2: ["address"] }], [{ OAuth2: ["box"] }]],
  ["breaking", "it demands a scope besides", [{ OAuth2: ["box"] }], [{ OAuth2: ["box", "address"] }]],
  ["additive", "another scope will do", [{ OAuth2: ["box"] }], [{ OAuth2: ["box"] }, { OAuth2: ["address"] }]],
  ["breaking", "a way is gone", [{ OAuth2: [] }, {}], [{ OAuth2: [] }]],
  ["no change", "it states itself what the description demands", [{ OAuth2: [] }], [{ OAuth2: [] }]],
])("a change of a call is %s if %s", (verdict, name, whole, own) => {
  const withSecurity = (security: Spec) =>
    changed((spec) => {
      spec.security = whole;
      delete introspect(spec).security;
      if (security !== undefined) introspect(spec).security = security;
    });
  // From an open call to the demand of the whole, or from that to one of its own.
  const [before, after] = own === undefined ? [[], undefined] : [undefined, own];
  expect({ name, verdict: worst(withSecurity(before), withSecurity(after)) }).toEqual({ name, verdict });
});

test.each<[Verdict, string, Spec, Spec]>([
  ["breaking", "may be missing", { required: true }, {}],
  ["additive", "is always sent", {}, { required: true }],
])("a change of a response is %s if a header %s", (verdict, _, before, after) => {
  const withHeader = (header: Spec) =>
    changed((spec) =>
      Object.assign(introspect(spec).responses[200], { headers: { x: { schema: string, ...header } } }),
    );
  expect(verdictsOf(withHeader(before), withHeader(after))).toEqual([verdict]);
});

test.each(["tags", "example", "description", "default", "x-id"])(
  "the loss of a field or a header called %s is breaking",
  (name) => {
    const withField = changed((spec) => Object.assign(response(spec), { [name]: string }));
    const withHeaders = (...names: string[]) => {
      const headers = Object.fromEntries(names.map((header) => [header, { schema: string }]));
      return changed((spec) => Object.assign(introspect(spec).responses[200], { headers }));
    };
    const changes = [...changesOf(withField, TEXT), ...changesOf(withHeaders("other", name), withHeaders("other"))];
    expect(changes.map(({ verdict }) => verdict)).toEqual(["breaking", "breaking"]);
  },
);

type Pair = [
  verdict: Verdict | "no change",
  name: string,
  before: (spec: Spec) => unknown,
  after: (spec: Spec) => unknown,
];

const nothing = () => {};
const worstOf = (before: (spec: Spec) => unknown, after: (spec: Spec) => unknown) =>
  worst(changed(before), changed(after));
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const field = (schema: Spec) => (spec: Spec) => Object.assign(response(spec), { more: schema });
const sent = (schema: Spec) => (spec: Spec) => Object.assign(request(spec).properties, { more: schema });
const withServers = (servers: Spec) => (spec: Spec) => Object.assign(spec, { servers });
const withParameters = (parameters: Spec) => (spec: Spec) => Object.assign(introspect(spec), { parameters });
const withSchemes = (schemes: Spec, ...security: Spec) => {
  return (spec: Spec) => {
    spec.components.securitySchemes = schemes;
    operationOf(spec, "/oauth2/introspect").security = security;
    operationOf(spec, "/oauth2/token/info").security = security;
  };
};
const jsonOf = (schema: Spec) => ({ "application/json": { schema } });
const inlineBody = (schema: Spec) => (spec: Spec) =>
  Object.assign(introspect(spec).responses[200].content, jsonOf(schema));
const content = (spec: Spec) => introspect(spec).responses[200].content;
const basic = { type: "http", scheme: "basic" };
const oauth = (scopes: Spec, tokenUrl = "https://id.test/token") => ({
  type: "oauth2",
  flows: { clientCredentials: { tokenUrl, scopes } },
});
const animal = (kind: string) => ({
  type: "object",
  required: ["kind"],
  properties: { kind: { ...string, enum: [kind] } },
});
/** A field with variants, by a discriminator or not. */
const animals =
  (schema: Spec, more: Spec = {}) =>
  (spec: Spec) => {
    Object.assign(spec.components.schemas, { Dog: animal("Dog"), Cat: animal("Cat"), ...more });
    response(spec).animal = schema;
  };
const [dog, cat] = [ref("Dog"), ref("Cat")];
const byKind = (mapping?: Spec) => ({ oneOf: [dog, cat], discriminator: { propertyName: "kind", ...mapping } });
const page = { name: "page", in: "query", schema: { type: "integer" } };
const size = { name: "size", in: "query", description: "Its size", schema: { type: "integer" } };

const SPELLINGS: Pair[] = [
  ["no change", "a trailing slash of a server", nothing, (spec) => (spec.servers[0].url += "/")],
  ["no change", "the port that is meant anyway", nothing, (spec) => (spec.servers[0].url += ":443")],
  [
    "no change",
    "a server that is stated by each operation",
    nothing,
    (spec) => {
      for (const path of Object.keys(spec.paths)) operationOf(spec, path).servers = spec.servers;
      delete spec.servers;
    },
  ],
  [
    "no change",
    "a server that is stated by a path",
    nothing,
    (spec) => (spec.paths["/oauth2/token"].servers = spec.servers),
  ],
  [
    "no change",
    "a variable with another name",
    withServers([{ url: "https://{a}.test", variables: { a: { default: "x" } } }]),
    withServers([{ url: "https://{b}.test", variables: { b: { default: "x" } } }]),
  ],
  [
    "no change",
    "other servers in another order",
    withServers([{ url: "https://a.test" }, { url: "https://b.test" }, { url: "https://c.test" }]),
    withServers([{ url: "https://a.test" }, { url: "https://c.test" }, { url: "https://b.test" }]),
  ],
  ["no change", "a list of one type", field({ type: "string" }), field({ type: ["string"] })],
  [
    "no change",
    "types in another order",
    field({ type: ["string", "integer"] }),
    field({ type: ["integer", "string"] }),
  ],
  ["no change", "null as a type", field({ type: "string", nullable: true }), field({ type: ["string", "null"] })],
  [
    "no change",
    "null as a choice",
    field({ type: "object", nullable: true }),
    field({ oneOf: [{ type: "object" }, { type: "null" }] }),
  ],
  [
    "no change",
    "null beside a reference",
    field({ nullable: true, allOf: [ref("OAuth2TokenInfo")] }),
    field({ anyOf: [ref("OAuth2TokenInfo"), { type: "null" }] }),
  ],
  [
    "no change",
    "null among the values",
    field({ ...string, nullable: true, enum: ["a"] }),
    field({ ...string, nullable: true, enum: ["a", null] }),
  ],
  [
    "no change",
    "a constant",
    withParameters([{ ...page, schema: { ...string, enum: ["a"] } }]),
    withParameters([{ ...page, schema: { ...string, const: "a" } }]),
  ],
  ["breaking", "a constant whose enum had a name", field({ ...string, enum: ["a"] }), field({ ...string, const: "a" })],
  [
    "no change",
    "values in another order",
    field({ ...string, enum: ["a", "b"] }),
    field({ ...string, enum: ["b", "a"] }),
  ],
  [
    "no change",
    "variants in another order",
    field({ oneOf: [string, { type: "object" }] }),
    field({ oneOf: [{ type: "object" }, string] }),
  ],
  [
    "no change",
    "any of the variants",
    field({ oneOf: [string, { type: "object" }] }),
    field({ anyOf: [string, { type: "object" }] }),
  ],
  [
    "no change",
    "a schema in place of a reference",
    field(ref("OAuth2TokenInfo")),
    (spec) => field(schemaOf(spec, "OAuth2TokenInfo"))(spec),
  ],
  [
    "no change",
    "a reference in a list of one",
    field(ref("OAuth2TokenInfo")),
    field({ allOf: [ref("OAuth2TokenInfo")] }),
  ],
  [
    "no change",
    "an object in two parts",
    field({ type: "object", required: ["a"], properties: { a: string, b: string } }),
    field({
      allOf: [
        { type: "object", properties: { a: string } },
        { required: ["a"], properties: { b: string } },
      ],
    }),
  ],
  [
    "no change",
    "parts in another order",
    field({
      allOf: [
        { type: "integer", minimum: 1 },
        { type: "integer", minimum: 2 },
      ],
    }),
    field({
      allOf: [
        { type: "integer", minimum: 2 },
        { type: "integer", minimum: 1 },
      ],
    }),
  ],
  [
    "no change",
    "a variant that is there twice",
    field({ oneOf: [string, { type: "object" }] }),
    field({ oneOf: [string, { type: "object" }, string] }),
  ],
  [
    "no change",
    "a list that contains itself, once written out",
    animals(ref("Tree"), { Tree: { type: "object", properties: { a: { allOf: [ref("Tree")] }, b: ref("Tree") } } }),
    animals(
      { type: "object", properties: { a: { allOf: [ref("Tree")] }, b: { allOf: [ref("Tree")] } } },
      { Tree: { type: "object", properties: { a: { allOf: [ref("Tree")] }, b: ref("Tree") } } },
    ),
  ],
  [
    "no change",
    "an object that is not called one",
    field({ type: "object", properties: { a: string } }),
    field({ properties: { a: string } }),
  ],
  [
    "no change",
    "what holds if it is not stated",
    withParameters([page]),
    withParameters([{ ...page, required: false, style: "form", explode: true, deprecated: false }]),
  ],
  [
    "no change",
    "permission for undeclared fields, which nothing forbade",
    nothing,
    (spec) => Object.assign(schemaOf(spec, "OAuth2ErrorResponse"), { additionalProperties: true }),
  ],
  ["no change", "parameters in another order", withParameters([page, size]), withParameters([size, page])],
  [
    "no change",
    "a parameter of the path",
    withParameters([page]),
    (spec) => (spec.paths["/oauth2/introspect"].parameters = [page]),
  ],
  [
    "no change",
    "a reference to a parameter",
    withParameters([page]),
    (spec) => {
      spec.components.parameters = { page };
      withParameters([{ $ref: "#/components/parameters/page" }])(spec);
    },
  ],
  [
    "no change",
    "a header in another case",
    withParameters([{ ...page, in: "header", name: "X-Page" }]),
    withParameters([{ ...page, in: "header", name: "x-page" }]),
  ],
  [
    "no change",
    "a charset",
    nothing,
    (spec) => rename(content(spec), "application/json", "application/json; charset=utf-8"),
  ],
  [
    "no change",
    "tags in another order",
    (spec) => (introspect(spec).tags = ["a", "b"]),
    (spec) => (introspect(spec).tags = ["b", "a"]),
  ],
  [
    "no change",
    "a scheme without scopes that is renamed",
    withSchemes({ client: basic }, { client: [] }),
    withSchemes({ other: basic }, { other: [] }),
  ],
  [
    "no change",
    "a scheme without scopes that is split",
    withSchemes({ client: basic }, { client: [] }),
    (spec) => {
      withSchemes({ a: basic, b: { scheme: "Basic", type: "http" } }, { a: [] })(spec);
      introspect(spec).security = [{ b: [] }];
    },
  ],
  [
    "no change",
    "ways to authorise in another order",
    withSchemes({ a: basic, b: oauth({ x: "X" }) }, { a: [] }, { b: ["x"] }),
    withSchemes({ a: basic, b: oauth({ x: "X" }) }, { b: ["x"] }, { a: [] }),
  ],
  ["no change", "ways beside none", withSchemes({ a: basic }, {}), withSchemes({ a: basic }, { a: [] }, {})],
  [
    "no change",
    "the values that a discriminator has anyway",
    animals(byKind()),
    animals(byKind({ mapping: { Dog: "Dog", Cat: cat.$ref } })),
  ],
  ["no change", "a discriminator of values that are stated", animals({ oneOf: [dog, cat] }), animals(byKind())],
];

const RENAMES: Pair[] = [
  ["breaking", "a field", nothing, (spec) => rename(response(spec), "created_at", "issued_at")],
  ["breaking", "a parameter", withParameters([page]), withParameters([{ ...page, name: "p" }])],
  [
    "breaking",
    "a header",
    (spec) => (introspect(spec).responses[200].headers = { a: { schema: string } }),
    (spec) => (introspect(spec).responses[200].headers = { b: { schema: string } }),
  ],
  ["breaking", "a media type", nothing, (spec) => rename(content(spec), "application/json", "application/jwt")],
  ["breaking", "a status", nothing, (spec) => rename(introspect(spec).responses, "200", "203")],
  ["breaking", "a path, by a trailing slash", nothing, (spec) => rename(spec.paths, "/oauth2/token", "/oauth2/token/")],
  ["breaking", "a method", nothing, (spec) => rename(spec.paths["/oauth2/revoke"], "post", "put")],
  ["breaking", "an operation", nothing, (spec) => (introspect(spec).operationId = "check")],
  [
    "breaking",
    "a schema that is an enum",
    animals(ref("Kind"), { Kind: { ...string, enum: ["a"] } }),
    animals(ref("Sort"), { Sort: { ...string, enum: ["a"] } }),
  ],
  [
    "breaking",
    "a scheme with scopes",
    withSchemes({ A: oauth({ x: "X" }) }, { A: ["x"] }),
    withSchemes({ B: oauth({ x: "X" }) }, { B: ["x"] }),
  ],
  [
    "breaking",
    "a scheme with scopes, by splitting it",
    withSchemes({ A: oauth({ x: "X", y: "Y" }) }, { A: ["x"] }),
    withSchemes({ B: oauth({ x: "X" }), C: oauth({ y: "Y" }) }, { B: ["x"] }),
  ],
  [
    "breaking",
    "the address of a token endpoint, by a trailing slash",
    withSchemes({ A: oauth({ x: "X" }) }, { A: [] }),
    withSchemes({ A: oauth({ x: "X" }, "https://id.test/token/") }, { A: [] }),
  ],
  [
    "breaking",
    "a variant",
    animals(byKind()),
    animals({ ...byKind(), oneOf: [dog, ref("Tom")] }, { Tom: animal("Tom") }),
  ],
  [
    "breaking",
    "the property of a discriminator",
    animals(byKind(), { Dog: { type: "object" } }),
    animals({ ...byKind(), discriminator: { propertyName: "sort" } }, { Dog: { type: "object" } }),
  ],
  [
    "breaking",
    "a value of a discriminator",
    animals({ ...byKind() }, { Dog: { type: "object" } }),
    animals(byKind({ mapping: { dog: "Dog" } }), { Dog: { type: "object" } }),
  ],
  ["documentation", "a tag", nothing, (spec) => (spec.tags[0].name = "Other")],
];

const EFFECTS: Pair[] = [
  [
    "breaking",
    "a second server gone",
    withServers([{ url: "https://a.test" }, { url: "https://b.test" }]),
    withServers([{ url: "https://a.test" }]),
  ],
  [
    "additive",
    "a second server",
    withServers([{ url: "https://a.test" }]),
    withServers([{ url: "https://a.test" }, { url: "https://b.test" }]),
  ],
  [
    "additive",
    "a server with a variable in place of its default",
    withServers([{ url: "https://a.test" }]),
    withServers([{ url: "https://{x}.test", variables: { x: { default: "a" } } }]),
  ],
  [
    "breaking",
    "another version in the server's path",
    withServers([{ url: "https://a.test/v1/" }]),
    withServers([{ url: "https://a.test/v2/" }]),
  ],
  [
    "breaking",
    "a host in other letters than its path",
    withServers([{ url: "https://a.test/x" }]),
    withServers([{ url: "https://a.test/X" }]),
  ],
  [
    "breaking",
    "another scheme for the same call",
    withSchemes({ a: basic }, { a: [] }),
    withSchemes({ a: { type: "http", scheme: "bearer" } }, { a: [] }),
  ],
  [
    "breaking",
    "a scheme for another header",
    withSchemes({ a: { type: "apiKey", in: "header", name: "x" } }, { a: [] }),
    withSchemes({ a: { type: "apiKey", in: "header", name: "y" } }, { a: [] }),
  ],
  [
    "breaking",
    "a second scheme besides",
    withSchemes({ a: basic, b: oauth({ x: "X" }) }, { a: [] }),
    withSchemes({ a: basic, b: oauth({ x: "X" }) }, { a: [], b: [] }),
  ],
  [
    "breaking",
    "an enum that is open to other values",
    field({ ...string, enum: ["a"] }),
    field({ ...string, enum: ["a"], "x-extensible-enum": true }),
  ],
  [
    "additive",
    "an enum that is no longer open to other values",
    field({ ...string, enum: ["a"], "x-extensible-enum": true }),
    field({ ...string, enum: ["a"] }),
  ],
  [
    "additive",
    "an enum of a request that is open to other values",
    sent({ ...string, enum: ["a"] }),
    sent({ ...string, enum: ["a"], "x-extensible-enum": true }),
  ],
  [
    "documentation",
    "words that are no texts, in another order",
    field({ "x-a": [{ toString: null }, { valueOf: 1 }], "x-b": 1 }),
    field({ "x-a": [{ valueOf: 1 }, { toString: null }] }),
  ],
  [
    "additive",
    "a value of an enum that is open",
    field({ ...string, enum: ["a"], "x-extensible-enum": true }),
    field({ ...string, enum: ["a", "b"], "x-extensible-enum": true }),
  ],
  [
    "additive",
    "a limit that is not valid itself any more",
    field({ type: "integer", minimum: 1 }),
    field({ type: "integer", minimum: 1, exclusiveMinimum: true }),
  ],
  [
    "breaking",
    "a limit of a request that is not valid itself any more",
    sent({ type: "integer", maximum: 1 }),
    sent({ type: "integer", maximum: 1, exclusiveMaximum: true }),
  ],
  [
    "no change",
    "a limit that is not valid itself, as OpenAPI 3.1 writes it",
    field({ type: "integer", minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false }),
    field({ type: "integer", exclusiveMinimum: 1, maximum: 9 }),
  ],
  [
    "no change",
    "a limit beyond a stricter one",
    field({ type: "integer", minimum: 2, maximum: 3 }),
    field({ type: "integer", minimum: 2, exclusiveMinimum: 1, maximum: 3, exclusiveMaximum: 4 }),
  ],
  [
    "additive",
    "a wider limit of a request",
    sent({ type: "number", exclusiveMaximum: 1 }),
    sent({ type: "number", maximum: 1 }),
  ],
  [
    "breaking",
    "a wider limit of a response",
    field({ type: "number", exclusiveMinimum: 5 }),
    field({ type: "number", minimum: 1 }),
  ],
  ["additive", "different items", field({ type: "array" }), field({ type: "array", uniqueItems: true })],
  ["no change", "items as before", field({ type: "array" }), field({ type: "array", uniqueItems: false })],
  [
    "breaking",
    "a body that gets a schema with a name, so that its own is gone",
    inlineBody(string),
    inlineBody(ref("OAuth2Scope")),
  ],
  [
    "breaking",
    "an enum of a body that becomes a schema with a name",
    inlineBody({ properties: { kind: { ...string, enum: ["a"] } } }),
    (spec: Spec) => {
      spec.components.schemas.Kind = { ...string, enum: ["a"] };
      inlineBody({ properties: { kind: ref("Kind") } })(spec);
    },
  ],
  [
    "breaking",
    "an enum of a field that becomes a schema with a name",
    field({ ...string, enum: ["a"] }),
    (spec: Spec) => {
      spec.components.schemas.Kind = { ...string, enum: ["a"] };
      field(ref("Kind"))(spec);
    },
  ],
  [
    "breaking",
    "a body of several operations that becomes one of each",
    (spec: Spec) => {
      spec.components.responses.Shared = { description: "", content: jsonOf(string) };
      introspect(spec).responses[200] = { $ref: "#/components/responses/Shared" };
    },
    (spec: Spec) => Object.assign(introspect(spec).responses[200], { description: "", content: jsonOf(string) }),
  ],
  [
    "breaking",
    "the name of an owner, of whom a schema has its name",
    (spec: Spec) => Object.assign(spec.components.schemas, { Error: string }),
    (spec: Spec) => {
      spec.components.schemas.Error = string;
      spec.info.title = "Other";
    },
  ],
  [
    "no change",
    "a body with a name that becomes one without",
    inlineBody(ref("OAuth2TokenInfo")),
    (spec: Spec) => inlineBody(schemaOf(spec, "OAuth2TokenInfo"))(spec),
  ],
  ["documentation", "a field that is only sent back", field(string), field({ ...string, readOnly: true })],
  ["breaking", "another constant", field({ const: "a" }), field({ const: "b" })],
  ["breaking", "no constant any more", field({ ...string, const: "a" }), field(string)],
  [
    "breaking",
    "an enum of a request that becomes free, whose name is gone",
    sent({ ...string, enum: ["a"] }),
    sent(string),
  ],
  [
    "additive",
    "an enum of a parameter that becomes free",
    withParameters([{ ...page, schema: { ...string, enum: ["a"] } }]),
    withParameters([{ ...page, schema: string }]),
  ],
  ["breaking", "a number where there was an integer", field({ type: "integer" }), field({ type: "number" })],
  [
    "additive",
    "a number where there was an integer, in a request",
    sent({ type: "integer" }),
    sent({ type: "number" }),
  ],
  [
    "breaking",
    "another type of items",
    field({ type: "array", items: string }),
    field({ type: "array", items: { type: "integer" } }),
  ],
  ["breaking", "any items", field({ type: "array", items: string }), field({ type: "array" })],
  ["breaking", "a variant of a response", animals({ oneOf: [dog, string] }), animals({ oneOf: [dog, string, cat] })],
  ["breaking", "a variant in place of one schema", animals(dog), animals({ oneOf: [dog, cat] })],
  ["additive", "one schema in place of variants", animals({ oneOf: [dog, cat] }), animals(dog)],
  ["additive", "variants where there was anything", field({}), field({ oneOf: [string, { type: "object" }] })],
  ["additive", "a variant less", animals({ oneOf: [dog, cat, string] }), animals({ oneOf: [dog, cat] })],
  ["breaking", "null among variants", animals({ oneOf: [dog, cat] }), animals({ oneOf: [dog, cat, { type: "null" }] })],
  [
    "additive",
    "a variant of a request",
    sent({ oneOf: [string, { type: "object" }] }),
    sent({ oneOf: [string, { type: "object" }, { type: "integer" }] }),
  ],
  [
    "breaking",
    "a variant of a request less",
    sent({ oneOf: [string, { type: "object" }, { type: "integer" }] }),
    sent({ oneOf: [string, { type: "object" }] }),
  ],
  [
    "breaking",
    "a choice beside what a request holds",
    sent({ type: "object" }),
    sent({ type: "object", anyOf: [{ required: ["a"] }, { required: ["b"] }] }),
  ],
  [
    "breaking",
    "a field less in one variant",
    animals({ oneOf: [dog, { type: "object", properties: { a: string, b: string } }] }),
    animals({ oneOf: [dog, { type: "object", properties: { a: string } }] }),
  ],
  [
    "documentation",
    "words of one variant",
    field({ oneOf: [string, { type: "object" }] }),
    field({ oneOf: [string, { type: "object", description: "new" }] }),
  ],
  [
    "breaking",
    "a field less in what is included",
    animals({ allOf: [ref("Base")] }, { Base: { type: "object", properties: { a: string } } }),
    animals({ allOf: [ref("Base")] }, { Base: { type: "object" } }),
  ],
  [
    "breaking",
    "fields of any name of another type",
    field({ type: "object", additionalProperties: string }),
    field({ type: "object", additionalProperties: { type: "integer" } }),
  ],
  [
    "breaking",
    "no fields of any name",
    field({ type: "object", additionalProperties: string }),
    field({ type: "object", additionalProperties: false }),
  ],
  [
    "breaking",
    "fields of any name and type",
    field({ type: "object", additionalProperties: string }),
    field({ type: "object", additionalProperties: true }),
  ],
  [
    "additive",
    "fields of any name of one type",
    field({ type: "object", additionalProperties: false }),
    field({ type: "object", additionalProperties: string }),
  ],
  [
    "breaking",
    "fields of any name of one type only, in a request",
    sent({ type: "object" }),
    sent({ type: "object", additionalProperties: string }),
  ],
  ["breaking", "a higher maximum", field({ type: "integer", maximum: 5 }), field({ type: "integer", maximum: 6 })],
  ["additive", "a higher minimum", field({ type: "integer", minimum: 5 }), field({ type: "integer", minimum: 6 })],
  [
    "breaking",
    "a higher minimum in a request",
    sent({ type: "integer", minimum: 5 }),
    sent({ type: "integer", minimum: 6 }),
  ],
  [
    "additive",
    "a lower minimum in a request",
    sent({ type: "integer", exclusiveMinimum: 5 }),
    sent({ type: "integer", exclusiveMinimum: 4 }),
  ],
  ["breaking", "another pattern", sent({ ...string, pattern: "a" }), sent({ ...string, pattern: "b" })],
  ["breaking", "no pattern any more", field({ ...string, pattern: "a" }), field(string)],
  [
    "additive",
    "a required field that is only read",
    nothing,
    (spec) => {
      sent({ ...string, readOnly: true })(spec);
      request(spec).required.push("more");
    },
  ],
  ["additive", "a field that may be sent again", sent({ ...string, readOnly: true }), sent(string)],
  ["additive", "a field that is sent again", field({ ...string, writeOnly: true }), field(string)],
  ["additive", "another status", nothing, (spec) => (introspect(spec).responses[429] = { description: "Too many" })],
  ["breaking", "a status less", nothing, (spec) => delete introspect(spec).responses[401]],
  ["additive", "another media type", nothing, (spec) => (content(spec)["application/jwt"] = { schema: string })],
  ["breaking", "a media type less", nothing, (spec) => delete introspect(spec).requestBody.content["application/json"]],
  ["breaking", "a body that is demanded now", (spec) => delete introspect(spec).requestBody.required, nothing],
  ["additive", "an optional parameter", withParameters([page]), withParameters([page, size])],
  ["breaking", "a parameter less", withParameters([page, size]), withParameters([page])],
  [
    "breaking",
    "a parameter in another style",
    withParameters([page]),
    withParameters([{ ...page, style: "pipeDelimited" }]),
  ],
  [
    "breaking",
    "a call back",
    (spec) => (introspect(spec).callbacks = { a: {} }),
    (spec) => (introspect(spec).callbacks = { b: {} }),
  ],
  ["additive", "an operation", nothing, (spec) => (spec.paths["/oauth2/more"] = { get: { responses: {} } })],
  [
    "breaking",
    "a field less in a schema of no operation",
    (spec) => (spec.components.schemas.More = { properties: { a: string } }),
    (spec) => (spec.components.schemas.More = { properties: {} }),
  ],
  [
    "additive",
    "a field in a schema that contains itself",
    (spec) => (spec.components.schemas.More = { properties: { a: ref("More") } }),
    (spec) => (spec.components.schemas.More = { properties: { a: ref("More"), b: string } }),
  ],
];

describe.each([
  ["spelling", SPELLINGS],
  ["a new name", RENAMES],
  ["an effect", EFFECTS],
])("%s:", (_, pairs) => {
  test.each(pairs.map(([verdict, name, ...pair]) => [name, verdict, ...pair] as const))(
    "%s is %s",
    (_, verdict, before, after) => {
      expect(worstOf(before, after)).toBe(verdict);
    },
  );
});

test.each(SPELLINGS)("it is %s in both directions to change %s", (_, __, before, after) => {
  expect(changesOf(changed(after), changed(before))).toEqual([]);
});

test("a change is reported once, by name, with its place and the values before and after", () => {
  const text = changed((spec) => {
    delete scopes(spec).address;
    delete introspect(spec).description;
    response(spec).expires_in.type = "string";
    info(spec).scope.items.description = "other";
    spec.tags[0].description = "other";
    response(spec).refresh_token = string;
    for (const path of Object.keys(spec.paths)) operationOf(spec, path).parameters = [page];
    schemaOf(spec, "OAuth2ErrorResponse").properties.error.enum = ["a", "b"];
    request(spec).required.push("audience");
    request(spec).properties.audience = { $ref: "#/components/schemas/Audience" };
    spec.components.schemas.Audience = string;
    rename(schemaOf(spec, "OAuth2IntrospectRequest").properties, "token", "access_token");
    rename(spec.components.schemas, "RevokeAccessTokenResponse", "Revoked");
    operationOf(spec, "/oauth2/revoke").responses[200].content["application/json"].schema = ref("Revoked");
  });
  const changes = changesOf(TEXT, text).map(({ verdict, where, what, before, after }) => [
    verdict,
    where,
    what,
    before,
    after,
  ]);
  expect(changes.sort(([, a], [, b]) => (String(a) < String(b) ? -1 : 1))).toEqual([
    ["additive", "Audience", "added", undefined, ref("Audience")],
    ["breaking", "OAuth2ClientCredentialsRequest.audience", "added, required", undefined, ref("Audience")],
    ["additive", "OAuth2ErrorResponse.error", "enum added", undefined, ["a", "b"]],
    ["breaking", "OAuth2IntrospectRequest.token", "renamed to access_token", undefined, undefined],
    ["documentation", "OAuth2TokenInfo.scope[]", "description changed", "OAuth 2 Scope name", "other"],
    ["breaking", "OAuth2TokenResponse.expires_in", "type changed", "integer", "string"],
    ["additive", "OAuth2TokenResponse.refresh_token", "added", undefined, string],
    [
      "documentation",
      "POST /oauth2/introspect",
      "description removed",
      expect.stringMatching("^Introspect"),
      undefined,
    ],
    [
      "additive",
      "POST /oauth2/introspect, POST /oauth2/revoke, POST /oauth2/token, 1 more query parameter page",
      "added",
      undefined,
      undefined,
    ],
    ["breaking", "RevokeAccessTokenResponse", "renamed to Revoked", undefined, undefined],
    [
      "documentation",
      "description",
      "tags changed",
      [{ name: "Authorization", description: "OAuth 2 API" }],
      [{ name: "Authorization", description: "other" }],
    ],
    ["breaking", "security scheme OAuth2 clientCredentials scope address", "removed", undefined, undefined],
  ]);
});

test.each<[string, string[], (spec: Spec) => unknown, (spec: Spec) => unknown]>([
  [
    "the first server",
    ["POST /oauth2/introspect, POST /oauth2/revoke, POST /oauth2/token, 1 more: first server changed"],
    nothing,
    (spec) => (spec.servers[0].url = "https://other.test"),
  ],
  [
    "the address of a scheme",
    ["security scheme OAuth2 clientCredentials: tokenUrl changed"],
    nothing,
    (spec) => (flows(spec).clientCredentials.tokenUrl = "https://other.test"),
  ],
  [
    "a scheme with scopes",
    ["security scheme A: renamed to security scheme B"],
    withSchemes({ A: oauth({ x: "X" }) }, { A: ["x"] }),
    withSchemes({ B: oauth({ x: "X" }) }, { B: ["x"] }),
  ],
  [
    "values",
    ["OAuth2TokenResponse.token_type: value MAC, value DPoP added"],
    nothing,
    (spec) => response(spec).token_type.enum.push("MAC", "DPoP"),
  ],
  [
    "values that are no text",
    ["OAuth2TokenResponse.more: value 1 removed"],
    field({ enum: [1, 2] }),
    field({ enum: [2] }),
  ],
  ["null", ["OAuth2TokenResponse.scope: may be null"], nothing, (spec) => (response(spec).scope.nullable = true)],
  [
    "null again",
    ["OAuth2TokenResponse.scope: no longer null"],
    (spec) => (response(spec).scope.nullable = true),
    nothing,
  ],
  [
    "what is required",
    ["OAuth2ErrorResponse.error: no longer required"],
    nothing,
    (spec) => delete schemaOf(spec, "OAuth2ErrorResponse").required,
  ],
  [
    "what becomes required",
    ["OAuth2ErrorResponse.error_uri: required"],
    nothing,
    (spec) => schemaOf(spec, "OAuth2ErrorResponse").required.push("error_uri"),
  ],
  [
    "fields of any name",
    ["OAuth2TokenResponse.more.*: type changed"],
    field({ additionalProperties: string }),
    field({ additionalProperties: { type: "integer" } }),
  ],
  [
    "what two components include",
    ["Base.a: type changed"],
    animals(dog, { Base: { properties: { a: string } }, Dog: { allOf: [ref("Base")] }, Cat: { allOf: [ref("Base")] } }),
    animals(dog, {
      Base: { properties: { a: { type: "integer" } } },
      Dog: { allOf: [ref("Base")] },
      Cat: { allOf: [ref("Base")] },
    }),
  ],
  [
    "a variant",
    ["OAuth2TokenResponse.animal: variant Cat added"],
    animals({ oneOf: [dog, string] }),
    animals({ oneOf: [dog, string, cat] }),
  ],
  [
    "a variant without a name",
    ["OAuth2TokenResponse.animal: variant removed"],
    animals({ oneOf: [dog, cat, string] }),
    animals({ oneOf: [dog, cat] }),
  ],
  [
    "what is left of variants",
    ["OAuth2TokenResponse.animal: type changed"],
    animals({ oneOf: [dog, string] }),
    animals({ oneOf: [dog, { type: "integer" }] }),
  ],
  [
    "a moved operation",
    ["POST /oauth2/revoke: renamed to POST /oauth2/revoke/", "x-oauth2-endpoint revocation: operation changed"],
    nothing,
    (spec) => rename(spec.paths, "/oauth2/revoke", "/oauth2/revoke/"),
  ],
  [
    "an error response of all operations",
    [
      "POST /oauth2/introspect, POST /oauth2/revoke, POST /oauth2/token, 1 more 401: description changed",
      "POST /oauth2/revoke, POST /oauth2/token 400: description changed",
    ],
    nothing,
    (spec) => (spec.components.responses.OAuth2Error.description = "other"),
  ],
])("a change of %s is reported as %j", (_, lines, before, after) => {
  const changes = changesOf(changed(before), changed(after));
  expect(changes.map(({ where, what }) => `${where}: ${what}`)).toEqual(lines);
});

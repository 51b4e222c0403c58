// The maintainer's day: a newer description of the provider is cut, judged, written. What is not to be written leaves no trace.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BaseResolver, createConfig, lintDocument, makeDocumentFromString } from "@redocly/openapi-core";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import type { Mapping } from "../scripts/generate/read.ts";
import { cut } from "../scripts/update-spec/cut.ts";
import { judge } from "../scripts/update-spec/judge.ts";
import { main } from "../scripts/update-spec.ts";
import { fullDescription } from "./full-description.ts";
import { snippetsIn } from "./snippets.ts";

// biome-ignore lint/suspicious/noExplicitAny: a description is changed here wherever a test wants.
type Spec = any;

const TEXT = readFileSync("openapi.yaml", "utf8");
const changed = (change: (spec: Spec) => void): string => {
  const spec = parse(TEXT);
  change(spec);
  return stringify(spec, { aliasDuplicateObjects: false });
};
const schemaOf = (spec: Spec, name: string) => spec.components.schemas[name];
const response = (spec: Spec) => schemaOf(spec, "OAuth2TokenResponse").properties;
const request = (spec: Spec) => schemaOf(spec, "OAuth2ClientCredentialsRequest");
const scopes = (spec: Spec) => spec.components.securitySchemes.OAuth2.flows.clientCredentials.scopes;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "update-spec-test-"));
  for (const name of [
    "src",
    "docs/reference",
    "openapi.yaml",
    "openapi.overlay.yaml",
    "redocly.yaml",
    "tsconfig.json",
  ]) {
    cpSync(name, join(root, name), { recursive: true });
  }
  cpSync("package.json", join(root, "package.json"));
  symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  writeFileSync(join(root, ".gitignore"), "node_modules\nnew.yaml\n");
  git("init", "-q");
  git("add", "-A");
  git("-c", "user.name=test", "-c", "user.email=test@test", "commit", "-qm", "as it was");
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  git("checkout", "-q", ".");
  git("clean", "-qfd");
});

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" });
}

async function update(text: string | undefined, ...args: string[]) {
  if (text !== undefined) writeFileSync(join(root, "new.yaml"), text);
  let [out, err] = ["", ""];
  const print = { out: (more: string) => (out += more), err: (more: string) => (err += more) };
  const code = await main(text === undefined ? args : ["new.yaml", ...args], root, print);
  return { code, out, err, touched: git("status", "--porcelain").trim() };
}

describe("what is cut", () => {
  const description = (paths: Mapping, more: Mapping = {}): Mapping => ({
    openapi: "3.0.3",
    info: { title: "A", version: "1" },
    paths,
    ...more,
  });
  const answer = (schema: Mapping) => ({
    get: { responses: { 200: { description: "ok", content: { "application/json": { schema } } } } },
  });

  test("is what the paths reach: schemas, parameters, schemes, and those that a discriminator names", () => {
    const shared = {
      get: { ...answer({ $ref: "#/components/schemas/Pet" }).get, security: [{ key: [] }], tags: ["used"] },
    };
    const spec = description(
      {
        "/oauth2/pets": { ...shared, parameters: [{ $ref: "#/components/parameters/page" }] },
        "/cats": answer({ $ref: "#/components/schemas/Unused" }),
      },
      {
        tags: [{ name: "used" }, { name: "unused" }],
        components: {
          schemas: {
            Pet: {
              oneOf: [],
              discriminator: { propertyName: "kind", mapping: { cat: "Cat", dog: "#/components/schemas/Dog" } },
            },
            Cat: { allOf: [{ $ref: "#/components/schemas/Pet" }] },
            Dog: { type: "object" },
            Unused: { type: "object" },
          },
          parameters: { page: { name: "page", in: "query", schema: { type: "integer" } }, unused: {} },
          securitySchemes: { key: { type: "http" }, unused: {} },
        },
      },
    );
    const fragment = cut(spec, "/oauth2/");
    expect(Object.keys(fragment["paths"] as Mapping)).toEqual(["/oauth2/pets"]);
    expect(fragment["tags"]).toEqual([{ name: "used" }]);
    const names = Object.entries(fragment["components"] as Mapping).map(([kind, all]) => [
      kind,
      Object.keys(all as Mapping),
    ]);
    expect(names).toEqual([
      ["parameters", ["page"]],
      ["schemas", ["Cat", "Dog", "Pet"]],
      ["securitySchemes", ["key"]],
    ]);
  });

  test("keeps what concerns the whole, whatever names there are, and takes no example for a reference", () => {
    const whole = {
      externalDocs: { url: "https://docs.test" },
      servers: [{ url: "https://api.test" }],
      security: [{ "a/b~c": [] }],
    };
    const schema = { allOf: [{ $ref: "#/components/schemas/a~1b~0c/properties/id" }], example: { $ref: "#/no/where" } };
    const named = { examples: { one: { $ref: "#/components/examples/one" } } };
    const open = { get: { ...answer(schema).get, security: [] } };
    const spec = description(
      {
        "/oauth2/open": open,
        "/oauth2/closed": { ...answer({ $ref: "#/components/schemas/a~1b~0c" }), parameters: [named] },
      },
      {
        ...whole,
        components: {
          schemas: { "a/b~c": { properties: { id: { type: "integer" } } } },
          examples: { one: { value: 1 } },
          securitySchemes: { "a/b~c": { type: "http" } },
        },
      },
    );
    const fragment = cut(spec, "/oauth2/");
    expect(fragment).toMatchObject({ ...whole, components: spec["components"] as Mapping });
    expect("tags" in fragment).toBe(false);
    expect(JSON.stringify(fragment)).toContain('{"allOf":[{"type":"integer"}],"example":{"$ref":"#/no/where"}}');
    expect(
      "security" in
        cut(description({ "/oauth2/open": open }, { ...spec, paths: { "/oauth2/open": open } }), "/oauth2/"),
    ).toBe(false);
  });

  test("is refused where there is nothing to cut", () => {
    expect(() => cut(description({ "/cats": answer({}) }), "/oauth2/")).toThrow("no path begins with /oauth2/");
  });

  test("has a reference into another schema's property written out, with its description", () => {
    const token = { type: "string", description: "the token" };
    const spec = description(
      {
        "/oauth2/a": answer({
          properties: { token: { $ref: "#/components/schemas/B/properties/inner/properties/token" } },
        }),
      },
      {
        components: {
          schemas: { B: { properties: { inner: { $ref: "#/components/schemas/C" } } }, C: { properties: { token } } },
        },
      },
    );
    const fragment = cut(spec, "/oauth2/");
    expect(JSON.stringify(fragment)).toContain('{"properties":{"token":{"type":"string","description":"the token"}}}');
    expect(fragment["components"]).toBeUndefined();
  });

  test.each<[string, Mapping, string]>([
    ["a reference to nothing", { $ref: "#/components/schemas/None" }, "#/components/schemas/None: leads to nothing"],
    [
      "one to a property that is gone",
      { $ref: "#/components/schemas/A/properties/gone" },
      "properties/gone: leads to nothing",
    ],
    ["one to elsewhere", { $ref: "other.yaml#/A" }, "other.yaml#/A: leads out of the description"],
    ["one to itself", { $ref: "#/components/schemas/A/properties/self" }, "refers to itself"],
  ])("is refused with %s, by name", (_, schema, message) => {
    const self = { $ref: "#/components/schemas/A/properties/self" };
    const spec = description(
      { "/oauth2/a": answer(schema) },
      { components: { schemas: { A: { properties: { self } } } } },
    );
    expect(() => cut(spec, "/oauth2/")).toThrow(message);
  });

  test("is complete and minimal, whatever refers to whatever, and cut again is the same", () => {
    const name = fc.nat({ max: 11 }).map((index) => `S${index}`);
    const schema = fc.oneof(
      fc.constant({ type: "string" }),
      name.map((target) => ({ $ref: `#/components/schemas/${target}` })),
      fc
        .array(name, { maxLength: 3 })
        .map((all) => ({ allOf: all.map((target) => ({ $ref: `#/components/schemas/${target}` })) })),
      fc.dictionary(fc.constantFrom("a", "b"), name).map((fields) => ({
        properties: Object.fromEntries(
          Object.entries(fields).map(([key, target]) => [key, { items: { $ref: `#/components/schemas/${target}` } }]),
        ),
      })),
    );
    fc.assert(
      fc.property(
        fc.array(schema, { minLength: 12, maxLength: 12 }),
        fc.array(name, { minLength: 1, maxLength: 3 }),
        (all, used) => {
          const schemas = Object.fromEntries(all.map((one, index) => [`S${index}`, one]));
          const paths = Object.fromEntries(
            used.map((target, index) => [`/oauth2/${index}`, answer({ $ref: `#/components/schemas/${target}` })]),
          );
          const fragment = cut(
            description(
              { ...paths, "/other": answer({ $ref: "#/components/schemas/S0" }) },
              { components: { schemas } },
            ),
            "/oauth2/",
          );
          const kept = Object.keys((fragment["components"] as Spec).schemas);
          const named = new Set(
            [...JSON.stringify(fragment).matchAll(/schemas\/(S\d+)"/g)].map(([, target]) => target),
          );
          expect(kept.filter((key) => !named.has(key))).toEqual([]);
          expect([...named].filter((key) => !kept.includes(key ?? ""))).toEqual([]);
          expect(cut(fragment, "/oauth2/")).toEqual(fragment);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("a whole description of 400 paths and 1,000 schemas is cut to a valid one, and no schema of it is needless", async () => {
  const whole = parse(stringify(fullDescription(400)));
  const fragment = cut(whole, "/oauth2/");
  const lint = async (document: Mapping) => {
    const config = await createConfig({ rules: { struct: "error", "no-unresolved-refs": "error" } });
    const source = makeDocumentFromString(JSON.stringify(document), "openapi.json");
    return lintDocument({ document: source, config: config.styleguide, externalRefResolver: new BaseResolver() });
  };
  expect(await lint(fragment)).toEqual([]);
  const { schemas } = fragment["components"] as { schemas: Mapping };
  const names = Object.keys(schemas);
  expect(names.length).toBeGreaterThan(4);
  expect(names.length).toBeLessThan(100);
  for (const name of names) {
    const { [name]: _, ...others } = schemas;
    expect(
      await lint({ ...fragment, components: { ...(fragment["components"] as Mapping), schemas: others } }),
    ).not.toEqual([]);
  }
});

test("the workflow that does this every week is YAML, and runs what is there", () => {
  const [workflow = ""] = snippetsIn(readFileSync("docs/spec-changes.md", "utf8"), "yaml");
  const { jobs, on } = parse(workflow);
  expect(on.schedule).toHaveLength(1);
  const runs = jobs.update.steps.flatMap(({ run }: { run?: string }) => run ?? []).join("\n");
  expect(runs).toContain("npm run --silent update-spec");
});

describe("a change is judged as its reader would", () => {
  const CASES: [verdict: string, name: string, change: (spec: Spec) => void][] = [
    [
      "additive",
      "a nullable field added to an answer",
      (spec) => {
        response(spec).refresh_token = { type: "string", nullable: true };
      },
    ],
    [
      "breaking",
      "a field removed from an answer",
      (spec) => {
        delete response(spec).created_at;
      },
    ],
    [
      "breaking",
      "a field of an answer renamed",
      (spec) => {
        response(spec).expires = response(spec).expires_in;
        delete response(spec).expires_in;
      },
    ],
    [
      "breaking",
      "a field of an answer made nullable",
      (spec) => {
        response(spec).scope.nullable = true;
      },
    ],
    [
      "additive",
      "a field of an answer not nullable any more",
      (spec) => {
        delete schemaOf(spec, "OAuth2TokenInfo").properties.resource_owner_id.nullable;
      },
    ],
    [
      "additive",
      "a field of an answer made required",
      (spec) => {
        schemaOf(spec, "OAuth2TokenResponse").required = ["access_token"];
      },
    ],
    [
      "breaking",
      "a field of an answer not required any more",
      (spec) => {
        delete schemaOf(spec, "OAuth2ErrorResponse").required;
      },
    ],
    [
      "breaking",
      "a field of an answer with another type",
      (spec) => {
        response(spec).expires_in.type = "string";
      },
    ],
    [
      "documentation",
      "a field of an answer with a format",
      (spec) => {
        response(spec).expires_in.format = "int64";
      },
    ],
    [
      "breaking",
      "a value added to an enum of an answer",
      (spec) => {
        response(spec).token_type.enum.push("MAC");
      },
    ],
    [
      "documentation",
      "a field deprecated",
      (spec) => {
        response(spec).created_at.deprecated = true;
      },
    ],
    [
      "documentation",
      "another description",
      (spec) => {
        response(spec).scope.description = "other";
      },
    ],
    [
      "documentation",
      "a default of an answer",
      (spec) => {
        response(spec).scope.default = "other";
      },
    ],
    [
      "breaking",
      "a field of a request made required",
      (spec) => {
        schemaOf(spec, "OAuth2IntrospectRequest").required = ["token"];
      },
    ],
    [
      "additive",
      "a field of a request not required any more",
      (spec) => {
        request(spec).required.pop();
      },
    ],
    [
      "additive",
      "a field that a request may have",
      (spec) => {
        request(spec).properties.audience = { type: "string" };
      },
    ],
    [
      "breaking",
      "a field that a request must have",
      (spec) => {
        request(spec).properties.audience = { type: "string" };
        request(spec).required.push("audience");
      },
    ],
    [
      "breaking",
      "a field of a request removed",
      (spec) => {
        delete schemaOf(spec, "OAuth2IntrospectRequest").properties.token;
      },
    ],
    [
      "additive",
      "a field of a request made nullable",
      (spec) => {
        schemaOf(spec, "OAuth2IntrospectRequest").properties.token.nullable = true;
      },
    ],
    [
      "breaking",
      "a field of a request with a least length",
      (spec) => {
        schemaOf(spec, "OAuth2IntrospectRequest").properties.token.minLength = 10;
      },
    ],
    [
      "additive",
      "a value added to an enum of a request",
      (spec) => {
        request(spec).properties.grant_type.enum.push("password");
      },
    ],
    [
      "breaking",
      "a value removed from an enum of a request",
      (spec) => {
        request(spec).properties.grant_type.enum = ["password"];
      },
    ],
    [
      "documentation",
      "a default where a request had none",
      (spec) => {
        request(spec).properties.scope.default = "company";
      },
    ],
    [
      "additive",
      "a scope added",
      (spec) => {
        scopes(spec)["public.shipment:read"] = "Shipments";
      },
    ],
    [
      "breaking",
      "a scope removed",
      (spec) => {
        delete scopes(spec).address;
      },
    ],
    [
      "breaking",
      "a scope renamed",
      (spec) => {
        scopes(spec).addresses = scopes(spec).address;
        delete scopes(spec).address;
      },
    ],
    [
      "documentation",
      "a scope described otherwise",
      (spec) => {
        scopes(spec).address = "other";
      },
    ],
    [
      "breaking",
      "a scope demanded",
      (spec) => {
        spec.paths["/oauth2/introspect"].post.security = [{ OAuth2: ["company"] }];
      },
    ],
    [
      "breaking",
      "authentication demanded",
      (spec) => {
        spec.paths["/oauth2/token"].post.security = [{ OAuth2: [] }];
      },
    ],
    [
      "additive",
      "authentication demanded no more",
      (spec) => {
        spec.paths["/oauth2/introspect"].post.security = [];
      },
    ],
    [
      "breaking",
      "a path moved",
      (spec) => {
        spec.paths["/oauth2/v2/token"] = spec.paths["/oauth2/token"];
        delete spec.paths["/oauth2/token"];
      },
    ],
    [
      "breaking",
      "an operation removed",
      (spec) => {
        delete spec.paths["/oauth2/introspect"];
      },
    ],
    [
      "documentation",
      "an operation deprecated",
      (spec) => {
        spec.paths["/oauth2/introspect"].post.deprecated = true;
      },
    ],
    [
      "breaking",
      "a parameter demanded",
      (spec) => {
        spec.paths["/oauth2/token/info"].get.parameters = [
          { name: "x", in: "query", required: true, schema: { type: "string" } },
        ];
      },
    ],
    [
      "breaking",
      "another server",
      (spec) => {
        spec.servers[0].url = "https://other.test";
      },
    ],
    [
      "documentation",
      "another version",
      (spec) => {
        spec.info.version = "2024-09";
      },
    ],
  ];
  test.concurrent.each(CASES)("%s: %s", async (verdict, _, change) => {
    const changes = await judge(TEXT, changed(change));
    const worst = ["breaking", "additive", "documentation"].find((one) =>
      changes.some((found) => found.verdict === one),
    );
    expect(worst).toBe(verdict);
  });

  test.concurrent.each<[string, string, (property: Spec) => void, (property: Spec) => void]>([
    [
      "breaking",
      "a default of a request that becomes another",
      (field) => {
        field.default = "a";
      },
      (field) => {
        field.default = "b";
      },
    ],
    [
      "breaking",
      "a format that becomes another",
      (field) => {
        field.format = "uuid";
      },
      (field) => {
        field.format = "uri";
      },
    ],
  ])("%s: %s", async (verdict, _, before, after) => {
    const field = (spec: Spec) => request(spec).properties.scope;
    const changes = await judge(
      changed((spec) => before(field(spec))),
      changed((spec) => after(field(spec))),
    );
    expect(changes.map((found) => found.verdict)).toEqual([verdict]);
  });
});

test("a change is told with its place, what it is, and the values before and after", async () => {
  const text = changed((spec) => {
    delete scopes(spec).address;
    delete spec.paths["/oauth2/introspect"].post.description;
    response(spec).expires_in.type = "string";
    schemaOf(spec, "OAuth2TokenInfo").properties.scope.items.description = "other";
    spec.tags[0].description = "other";
  });
  const documentation = { verdict: "documentation", what: "description modified" };
  const changes = await judge(TEXT, text);
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
      ...documentation,
      where: "paths /oauth2/introspect post",
      before: "Introspect an Access Token using another Access Token.",
      after: undefined,
    },
    { ...documentation, where: "tags 0 description", before: "OAuth 2 API", after: "other" },
  ]);
});

describe("npm run update-spec", () => {
  test("cuts the fragment from itself, and nothing changes", async () => {
    const text = readFileSync("openapi.yaml", "utf8");
    expect(await update(text, "--write")).toMatchObject({
      code: 0,
      touched: "",
      out: expect.stringContaining("nothing changes"),
    });
  });

  test("writes nothing unless it is told to, and tells where a break is felt", async () => {
    const text = changed((spec) => {
      response(spec).expires = response(spec).expires_in;
      delete response(spec).expires_in;
    });
    const { code, out, touched } = await update(text);
    expect({ code, touched }).toEqual({ code: 1, touched: "" });
    expect(out).toMatch(/^breaking +OAuth2TokenResponse.expires: .*renamed/m);
    const line =
      readFileSync("src/expiry.ts", "utf8")
        .split("\n")
        .findIndex((text) => text.includes('["expires_in"]')) + 1;
    expect(out).toContain(`src/expiry.ts:${line}: Property 'expires_in' does not exist`);
  });

  test.each<[string, number, (spec: Spec) => void]>([
    [
      "refresh_token",
      0,
      (spec) => {
        response(spec).refresh_token = { type: "string", nullable: true, description: "OAuth 2 Refresh Token" };
      },
    ],
    [
      "scopes",
      0,
      (spec) => {
        scopes(spec)["public.shipment:read"] = "Shipments";
      },
    ],
    [
      "the loss of platform",
      1,
      (spec) => {
        delete schemaOf(spec, "OAuth2IntrospectResponse").properties.platform;
      },
    ],
  ])("takes in what is known to come, %s, without a hand-written line", async (_, code, change) => {
    const result = await update(changed(change), "--write", "--json");
    expect(result.code).toBe(code);
    expect(JSON.parse(result.out).dependents).toEqual([]);
    expect(result.touched).toContain("openapi.yaml");
    expect(result.touched).toContain("src/generated/");
    const written = parse(readFileSync(join(root, "openapi.yaml"), "utf8"));
    expect(written.info["x-cut-from"]).toMatchObject({
      version: "2023-09",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("writes the same bytes again, and keeps the comments at the top", async () => {
    const text = changed((spec) => {
      scopes(spec).other = "Other";
    });
    await update(text, "--write");
    const first = git("diff");
    expect(await update(text, "--write", "--force")).toMatchObject({ out: expect.stringContaining("nothing changes") });
    expect(git("diff")).toBe(first);
    expect(readFileSync(join(root, "openapi.yaml"), "utf8")).toMatch(/^# The Enterprise API's OAuth 2 endpoints/);
  });

  test("does not write over what is not committed, unless it is forced to", async () => {
    writeFileSync(join(root, "openapi.yaml"), `${TEXT}# mine\n`);
    const text = changed((spec) => {
      scopes(spec).other = "Other";
    });
    expect(await update(text, "--write")).toMatchObject({ code: 2, err: expect.stringContaining("not committed") });
    expect(readFileSync(join(root, "openapi.yaml"), "utf8")).toContain("# mine");
    expect(await update(text, "--write", "--force")).toMatchObject({ code: 0 });
  });

  test("writes all, not a part of it, though Ctrl-C comes before the first write or between two renames", async () => {
    const text = changed((spec) => {
      scopes(spec).other = "Other";
      schemaOf(spec, "OAuth2TokenResponse").description = "changed";
    });
    await update(text, "--write");
    const expected = git("diff");
    for (const at of ["write openapi.yaml", "rename src/generated/openapi.ts"]) {
      git("checkout", "-q", ".");
      const [what, file = ""] = at.split(" ");
      const env = { ...process.env, INTERRUPT_AT: `${what} ${join(root, `${file}.new`)}` };
      const preloaded = ["--import", "tsx/esm", "--import", resolve("test/interrupt.mjs")];
      const program = [resolve("scripts/update-spec.ts"), "new.yaml", "--write"];
      const { stderr } = spawnSync(process.execPath, [...preloaded, ...program], { cwd: root, env, encoding: "utf8" });
      expect(stderr).toBe("interrupted");
      expect(git("diff")).toBe(expected);
    }
  }, 120_000);

  test("speaks as a pull request does", async () => {
    const { out } = await update(
      changed((spec) => {
        delete response(spec).created_at;
      }),
      "--markdown",
    );
    expect(out).toMatch(
      /^## Easyship Enterprise API 2023-09\n\n\| \| where \| what \|\n\| --- \| --- \| --- \|\n\| breaking \| /,
    );
    expect(out).toMatch(/### To be mended\n\n- \[ \] `src\//);
  });

  test("does the same for another provider: its paths, OpenAPI 3.1, JSON", async () => {
    const realm = {
      openapi: "3.1.0",
      info: { title: "Keycloak-like", version: "26" },
      paths: {
        "/realms/{realm}/protocol/openid-connect/token": {
          post: {
            operationId: "token",
            parameters: [{ $ref: "#/components/parameters/realm" }],
            responses: {
              200: {
                description: "ok",
                content: { "application/json": { schema: { $ref: "#/components/schemas/AccessTokenResponse" } } },
              },
            },
          },
        },
        "/admin/realms": { get: { responses: { 200: { description: "ok" } } } },
      },
      components: {
        parameters: { realm: { name: "realm", in: "path", required: true, schema: { type: "string" } } },
        schemas: {
          AccessTokenResponse: { type: "object", properties: { access_token: { type: ["string", "null"] } } },
          Realm: {},
        },
      },
    };
    const fragment = cut(parse(JSON.stringify(realm)), "/realms/");
    expect(fragment).toEqual({
      ...realm,
      paths: expect.anything(),
      components: {
        ...realm.components,
        schemas: { AccessTokenResponse: realm.components.schemas.AccessTokenResponse },
      },
    });
    expect(Object.keys(fragment["paths"] as Mapping)).toEqual([Object.keys(realm.paths)[0]]);
  });
});

describe("what cannot be done is said in a line, with exit code 2, and nothing changes:", () => {
  let url: string;
  let close: () => void;
  beforeAll(async () => {
    const answers: Record<string, RequestListener> = {
      "/404": (_, answer) => answer.writeHead(404).end(),
      "/html": (_, answer) => answer.end("<!doctype html><title>Sign in</title>"),
      "/endless": (_, answer) => {
        const more = () => answer.write("# ".repeat(2 ** 16), () => setImmediate(more));
        more();
      },
    };
    const server = createServer((request, answer) => answers[request.url ?? ""]?.(request, answer)).listen(
      0,
      "127.0.0.1",
    );
    await new Promise((resolve) => server.once("listening", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  afterAll(() => close());

  test.each([
    ["/404", "answered 404"],
    ["/html", "found HTML"],
    ["/endless", "longer than 20 MiB"],
  ])("a URL that gives %s", async (path, message) => {
    expect(await update(undefined, `${url}${path}`, "--write")).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
      out: "",
      touched: "",
    });
  });

  const bomb = [
    "a: &a [x, x, x, x, x, x, x, x]",
    ..."bcdefghi".split("").map((name, index) => {
      const of = `*${"abcdefgh"[index]}`;
      return `${name}: &${name} [${Array(8).fill(of).join(", ")}]`;
    }),
  ].join("\n");
  test.each([
    ["no network", undefined, "https://127.0.0.1:1/openapi.yaml", "no complete answer"],
    ["no such file", undefined, "none.yaml", "no readable file (ENOENT)"],
    ["invalid YAML", "a: [", undefined, "new.yaml: Flow sequence"],
    ["no description", "hello", undefined, "expected an OpenAPI description"],
    ["OpenAPI 2", "swagger: '2.0'", undefined, "expected an OpenAPI description"],
    ["no such paths", "openapi: 3.0.3\npaths: {}\n", undefined, "no path begins with /oauth2/"],
    ["aliases of aliases", `openapi: 3.0.3\n${bomb}\n`, undefined, "alias"],
    [
      "what is nested too deeply",
      `openapi: 3.0.3\npaths: ${"[".repeat(50_000)}${"]".repeat(50_000)}`,
      undefined,
      "nested too deeply",
    ],
    ["50 MB", `openapi: 3.0.3\n${"# padding\n".repeat(5_000_000)}`, undefined, "longer than 20 MiB"],
    [
      "what the generator refuses",
      changed((spec) => {
        response(spec).scope = { allOf: [] };
      }),
      undefined,
      "openapi.yaml:",
    ],
  ])("%s", async (_, text, source, message) => {
    const result = source ? await update(undefined, source, "--write") : await update(text, "--write");
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining(message), out: "", touched: "" });
  });

  test("two files at once, or none", async () => {
    expect(await update(undefined)).toMatchObject({ code: 2, err: expect.stringContaining("name one file or URL") });
    expect(await update(undefined, "a", "b")).toMatchObject({ code: 2 });
    expect(await update(undefined, "--nonsense")).toMatchObject({ code: 2 });
    expect(await update(undefined, "--help")).toMatchObject({ code: 0, out: expect.stringContaining("Usage:") });
  });

  test("a tree that cannot be written: what was begun is put back", async () => {
    const generated = join(root, "src/generated/schemas.ts.new");
    execFileSync("mkdir", [generated]);
    const text = changed((spec) => {
      scopes(spec).other = "Other";
    });
    const { code, err } = await update(text, "--write", "--force");
    rmSync(generated, { recursive: true, force: true });
    expect(code).toBe(2);
    expect(err).toMatch(/EISDIR|illegal operation/);
    expect(git("status", "--porcelain").trim()).toBe("");
  });
});

// A fragment contains what its paths refer to, and nothing else.

import { BaseResolver, createConfig, lintDocument, makeDocumentFromString } from "@redocly/openapi-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../scripts/command.ts";
import type { Mapping } from "../../scripts/generate/read.ts";
import { extract } from "../../scripts/update-spec/extract.ts";
import { fullDescription } from "./full-description.ts";
import type { Spec } from "./specs.ts";

/** An operation with a response of this schema. */
const responding = (schema: unknown): Mapping => ({
  get: { responses: { 200: { description: "ok", content: { "application/json": { schema } } } } },
});

const describing = (paths: Mapping, more: Mapping = {}): Mapping => ({
  openapi: "3.0.3",
  info: { title: "A", version: "1" },
  paths,
  ...more,
});

/** A description of one path, whose response has this schema, beside these schemas. */
const around = (schema: unknown, schemas: Mapping = {}): Mapping =>
  describing({ "/oauth2/a": responding(schema) }, { components: { schemas } });

const to = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const locate = (pointer: string) => pointer;
const extracted = (document: Mapping): Spec => extract({ value: document, locate }, "/oauth2/");
/** The schema of the response, in the fragment. */
const responseIn = (fragment: Spec): Spec =>
  fragment.paths["/oauth2/a"].get.responses[200].content["application/json"].schema;
const namesIn = (fragment: Spec): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(fragment.components ?? {}).map(([kind, all]) => [kind, Object.keys(all as Mapping)]),
  );

describe("a fragment contains", () => {
  test("what its paths refer to: schemas, parameters, schemes, tags, and the schemas that a discriminator names", () => {
    const secured = {
      get: { ...(responding(to("Pet"))["get"] as Mapping), security: [{ key: [] }], tags: ["used"] },
      parameters: [{ $ref: "#/components/parameters/page" }],
    };
    const mapping = { cat: "Cat", dog: "#/components/schemas/Dog" };
    const components = {
      schemas: {
        Pet: { oneOf: [], discriminator: { propertyName: "kind", mapping } },
        Dog: { type: "object" },
        Cat: { allOf: [to("Pet")] },
        Unused: { type: "object" },
      },
      parameters: { page: { name: "page", in: "query", schema: { type: "integer" } }, unused: {} },
      securitySchemes: { key: { type: "http" }, unused: {} },
    };
    const tags = [{ name: "used" }, { name: "unused" }];
    const fragment = extracted(
      describing({ "/oauth2/b": secured, "/oauth2/a": {}, "/cats": responding(to("Unused")) }, { tags, components }),
    );
    expect(Object.keys(fragment.paths)).toEqual(["/oauth2/a", "/oauth2/b"]);
    expect(fragment.tags).toEqual([{ name: "used" }]);
    expect(namesIn(fragment)).toEqual({
      parameters: ["page"],
      schemas: ["Cat", "Dog", "Pet"],
      securitySchemes: ["key"],
    });
    expect(fragment.components.schemas.Cat).toEqual(components.schemas.Cat);
    expect(fragment.components.schemas.Pet.discriminator.mapping).toEqual({ cat: to("Cat").$ref, dog: to("Dog").$ref });
  });

  test("what applies to the whole description", () => {
    const whole = {
      externalDocs: { url: "https://docs.test" },
      servers: [{ url: "https://api.test" }],
      security: [{ "a/b~c": [] }],
      components: { securitySchemes: { "a/b~c": { type: "http" } } },
    };
    const fragment = extracted(describing({ "/oauth2/a": responding({}) }, { ...whole, webhooks: {}, "x-more": 1 }));
    expect(fragment).toStrictEqual(describing({ "/oauth2/a": responding({}) }, whole));
  });

  test("the security schemes and tags of referenced operations", () => {
    const item = { get: { ...(responding({})["get"] as Mapping), tags: ["used"] } };
    const whole = {
      security: [{ key: [] }],
      tags: [{ name: "used" }],
      components: { pathItems: { A: item }, securitySchemes: { key: { type: "http" } } },
    };
    const document = describing({ "/oauth2/a": { $ref: "#/components/pathItems/A" } }, whole);
    expect(extracted(document)).toStrictEqual(document);
  });

  test("the security requirements of a call, even if a scheme has the name of a keyword", () => {
    const item = { get: { ...(responding({})["get"] as Mapping), security: [{ links: [] }, { example: ["a"] }] } };
    const securitySchemes = { example: { type: "http" }, links: { type: "http" } };
    const document = describing({ "/oauth2/a": item }, { components: { securitySchemes } });
    expect(extracted(document)).toStrictEqual(document);
  });

  test("no links, which may lead to operations that are not in it", () => {
    const linked = (links: Mapping) => ({
      "/oauth2/a": { get: { responses: { 200: { description: "ok", ...links } } } },
    });
    const fragment = extracted(describing(linked({ links: { next: { operationId: "listPets" } } })));
    expect(fragment.paths).toEqual(linked({}));
  });

  test("members whose names look like keywords, and examples unchanged", () => {
    const names = ["example", "default", "enum", "discriminator", "security", "x-id", "properties", "value"];
    const properties = Object.fromEntries(names.map((name) => [name, to(name)]));
    const schemas = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
    const data = { $ref: "#/no/where", security: [{ none: [] }], inside: { $ref: "#/no/where" } };
    const examples = { example: data, default: data, enum: [data], const: data, examples: [data], "x-more": data };
    const fragment = extracted(around({ properties, ...examples }, schemas));
    expect(responseIn(fragment)).toEqual({ properties, ...examples });
    expect(fragment.components.schemas).toEqual(schemas);
  });

  test("referenced examples", () => {
    const document = describing(
      { "/oauth2/a": { parameters: [{ examples: { one: { $ref: "#/components/examples/one" } } }] } },
      { components: { examples: { one: { value: { $ref: "#/no/where" } } } } },
    );
    expect(extracted(document)).toEqual(document);
  });
});

describe("without a prefix", () => {
  const role = (name: string, more: object = {}) => ({
    ...(responding(to("A"))["get"] as Mapping),
    "x-oauth2-endpoint": name,
    ...more,
  });
  const schemas = { A: {}, B: {} };
  const cut = (paths: Mapping, more: Mapping = {}, prefix?: string): Spec =>
    extract({ value: describing(paths, { components: { schemas, ...more } }), locate }, prefix);

  test("a fragment contains the operations with a role, and what their path items share", () => {
    const parameters = [{ name: "p", in: "query" }];
    const item = { parameters, post: role("token"), get: responding(to("B"))["get"], "x-more": { $ref: "#/no" } };
    const { get: _, ...kept } = item;
    const fragment = cut({ "/t": item, "/u": responding(to("B")) });
    expect(fragment.paths).toEqual({ "/t": kept });
    expect(namesIn(fragment)).toEqual({ schemas: ["A"] });
  });

  test("a path that is a reference is included completely if one of its operations has a role", () => {
    const pathItems = { T: { post: role("token") }, U: responding(to("B")) };
    const path = (name: string) => ({ $ref: `#/components/pathItems/${name}` });
    expect(cut({ "/t": path("T"), "/u": path("U") }, { pathItems }).paths).toEqual({ "/t": path("T") });
  });

  test("a prefix adds its paths to them", () => {
    const paths = { "/t": { post: role("token") }, "/more/a": responding({}), "/u": responding({}) };
    expect(Object.keys(cut(paths, {}, "/more/").paths)).toEqual(["/more/a", "/t"]);
  });

  test("a description without a role yields only its scopes", () => {
    const flows = { clientCredentials: { tokenUrl: "/t", scopes: { a: "A" } } };
    const securitySchemes = { OAuth: { type: "oauth2", flows }, Key: { type: "http" } };
    const fragment = cut({ "/u": responding({}) }, { securitySchemes });
    expect(fragment.paths).toEqual({});
    expect(namesIn(fragment)).toEqual({ securitySchemes: ["OAuth"] });
  });
});

test.each(["http://169.254.169.254/", "/etc/passwd", "#/no/where"])(
  "an extension is data: a member that looks like a reference to %s stays as it is",
  ($ref) => {
    const { components: _, ...whole } = around({ "x-a": [{ $ref }] });
    const document = { ...whole, info: { title: "a", "x-a": { $ref } } };
    expect(extracted(document)).toEqual(document);
  },
);

test("names in a discriminator or a security requirement without a target are left out", () => {
  const discriminator = { propertyName: "kind", mapping: { cat: "Cat" } };
  const document = { ...around({ discriminator }), security: [{ none: [] }] };
  const fragment = extracted(document);
  expect(fragment.components).toBeUndefined();
  expect(responseIn(fragment)).toEqual({ discriminator: { propertyName: "kind", mapping: {} } });
});

describe("a reference into a component is replaced by its target:", () => {
  const token = { type: "string", description: "the token" };
  test.each<[string, string, Mapping]>([
    ["a property of a schema", "#/components/schemas/B/properties/token", { B: { properties: { token } } }],
    [
      "a property of a referenced schema",
      "#/components/schemas/B/properties/token",
      { B: to("C"), C: to("D"), D: { properties: { token } } },
    ],
    [
      "a property of the target of a property",
      "#/components/schemas/B/properties/inner/properties/token",
      { B: { properties: { inner: to("C") } }, C: { properties: { token } } },
    ],
    [
      "a target that is itself a reference",
      "#/components/schemas/B/properties/it",
      { B: { properties: { it: { $ref: "#/components/schemas/C/properties/it" } } }, C: { properties: { it: token } } },
    ],
    ["an item of a list", "#/components/schemas/B/allOf/1", { B: { allOf: [{}, token] } }],
    [
      "a name that is encoded",
      "#/components/schemas/a~1b~0%20c/properties/token",
      { "a/b~ c": { properties: { token } } },
    ],
    ["a schema of another path", "#/paths/~1b/get/responses/200/content/application~1json/schema", {}],
  ])("%s", (_, $ref, schemas) => {
    const document = around({ $ref, title: "ours" }, schemas);
    (document["paths"] as Mapping)["/b"] = responding(token);
    const fragment = extracted(document);
    expect(responseIn(fragment)).toEqual({ ...token, title: "ours" });
    expect(fragment.components).toBeUndefined();
  });

  test("with its siblings, whose references stay", () => {
    const schemas = { B: { properties: { token } }, C: { type: "string" } };
    const fragment = extracted(around({ $ref: "#/components/schemas/B/properties/token", allOf: [to("C")] }, schemas));
    expect(responseIn(fragment)).toEqual({ ...token, allOf: [to("C")] });
    expect(fragment.components.schemas).toEqual({ C: schemas.C });
  });

  test("an operation of another path", () => {
    const paths = { "/oauth2/a": { get: { $ref: "#/paths/~1b/get" } }, "/b": responding({}) };
    expect(extracted(describing(paths)).paths).toEqual({ "/oauth2/a": paths["/b"] });
  });

  test("a path item of another path, whose references stay", () => {
    const paths = { "/oauth2/a": { $ref: "#/paths/~1b" }, "/b": responding(to("B")) };
    const fragment = extracted(describing(paths, { components: { schemas: { B: {} } } }));
    expect(fragment.paths["/oauth2/a"]).toEqual(paths["/b"]);
    expect(namesIn(fragment)).toEqual({ schemas: ["B"] });
  });
});

describe("extraction is rejected, with a message about", () => {
  test("a prefix without paths", () => {
    expect(() => extracted(describing({ "/cats": responding({}) }))).toThrow("no path begins with /oauth2/");
  });

  const self = { $ref: "#/components/schemas/A/properties/self" };
  test.each<[string, string, Mapping, string]>([
    ["a reference to nothing", "#/components/schemas/None", {}, "#/components/schemas/None, which leads to nothing"],
    ["one to what every object has", "#/components/schemas/constructor", {}, "constructor, which leads to nothing"],
    [
      "a reference to a property that does not exist",
      "#/components/schemas/A/properties/gone",
      { A: { properties: {} } },
      "gone, which leads to nothing",
    ],
    ["one into a text", "#/components/schemas/A/title/length", { A: { title: "a" } }, "length, which leads to nothing"],
    [
      "one to elsewhere",
      "other.yaml#/A",
      {},
      "other.yaml#/A, which leads out of the description; bundle its files first: npx -y @redocly/cli bundle",
    ],
    ["one that is no pointer", "#/components/%zz", {}, "#/components/%zz, which leads to nothing"],
    ["one to an anchor", "#token", {}, "#token, which is not a pointer into the description"],
    ["one to everything", "#", {}, "#, which is not a pointer"],
    ["a long reference with line breaks", `a\n${"b".repeat(100)}`, {}, `a\\u{a}${"b".repeat(78)}…, which leads out`],
    ["one to itself", self.$ref, { A: { properties: { self } } }, `${self.$ref}, which refers to itself`],
    ["one through itself", self.$ref, { A: self }, `${self.$ref}, which refers to itself`],
    ["one through two that refer to each other", self.$ref, { A: to("B"), B: to("A") }, "refers to itself"],
  ])("%s", (_, $ref, schemas, message) => {
    expect(() => extracted(around({ $ref }, schemas))).toThrow(message);
  });

  test("all problems, each with its place in the provider's file", () => {
    const two = { "/oauth2/a": responding({ properties: { a: to("None"), b: { $ref: "#/None/at/all" } } }) };
    const place = "#/paths/~1oauth2~1a/get/responses/200/content/application~1json/schema/properties";
    expect(() => extract({ value: describing(two), locate: (pointer) => `new.yaml:1:2 ${pointer}` }, "/")).toThrow(
      new InputError([
        `new.yaml:1:2 ${place}/a/$ref found #/components/schemas/None, which leads to nothing`,
        `new.yaml:1:2 ${place}/b/$ref found #/None/at/all, which leads to nothing`,
      ]),
    );
  });

  const bomb = (levels: number) => {
    const each = Array.from({ length: levels }, (_, level) => {
      const inner = { $ref: `#/components/schemas/S${level + 1}/properties/p` };
      return [`S${level}`, { properties: { p: { properties: { a: inner, b: inner } } } }];
    });
    return { ...Object.fromEntries(each), [`S${levels}`]: { properties: { p: {} } } };
  };
  const aliases = Array.from({ length: 40 }).reduce<unknown>((inner) => [inner, inner], 1);
  const through = Object.fromEntries(
    Array.from({ length: 40 }, (_, level) => [
      `S${level}`,
      { $ref: `#/components/schemas/S${level + 1}/properties/a/properties/b` },
    ]),
  );
  test.each<[string, Mapping]>([
    ["references", around(to("S0"), bomb(40))],
    ["aliases", around({ enum: aliases })],
    [
      "texts",
      around(
        { $ref: "#/components/schemas/S/properties/p" },
        { S: { properties: { p: { title: "x".repeat(2 ** 19) } } } },
      ),
    ],
    [
      "keys",
      around({ properties: Object.fromEntries(Array.from({ length: 100 }, (_, key) => ["x".repeat(1e4) + key, {}])) }),
    ],
    ["aliases at the top", { ...around({}), info: { title: aliases } }],
    [
      "references on the way",
      around({ $ref: "#/components/schemas/S0/properties/a" }, { ...through, S40: { properties: { a: to("S0") } } }),
    ],
  ])("a fragment that would grow without end by its %s", (_, document) => {
    expect(() => extracted(document)).toThrow(InputError);
  });
});

test("a fragment is complete and minimal for any references, and does not change if it is extracted again", () => {
  const name = fc.nat({ max: 11 }).map((index) => `S${index}`);
  const schema = fc.oneof(
    fc.constant({ type: "string" }),
    name.map(to),
    fc.array(name.map(to), { maxLength: 3 }).map((allOf) => ({ allOf })),
    fc
      .dictionary(
        fc.constantFrom("a", "b"),
        name.map((items) => ({ items: to(items) })),
      )
      .map((properties) => ({ properties })),
  );
  const twelve = fc.array(schema, { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(twelve, fc.array(name, { minLength: 1, maxLength: 3 }), (all, used) => {
      const schemas = Object.fromEntries(all.map((one, index) => [`S${index}`, one]));
      const paths = Object.fromEntries(used.map((target, index) => [`/oauth2/${index}`, responding(to(target))]));
      const fragment = extracted(describing({ ...paths, "/other": responding(to("S0")) }, { components: { schemas } }));
      const kept = Object.keys(fragment.components.schemas);
      const named = [...JSON.stringify(fragment).matchAll(/schemas\/(S\d+)"/g)].map(([, target]) => target);
      expect(kept.toSorted()).toEqual([...new Set(named)].sort());
      expect(extracted(fragment)).toEqual(fragment);
    }),
    { numRuns: 300 },
  );
});

test("any description is extracted or rejected with a message", () => {
  const key = fc.constantFrom(
    "paths",
    "/oauth2/a",
    "get",
    "tags",
    "security",
    "$ref",
    "mapping",
    "discriminator",
    "__proto__",
    "info",
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, depthSize: "small" },
      fc.constantFrom(null, 1, "a", "#/paths", "#/components/schemas/a", "#/a/b", "%"),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value")),
    ),
  }));
  const document = fc.record({
    paths: fc.dictionary(fc.constant("/oauth2/a"), value),
    tags: value,
    security: value,
    info: value,
    components: value,
  });
  fc.assert(
    fc.property(document, (any) => {
      try {
        expect(extracted(any)).toBeTypeOf("object");
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});

test("a description of 400 paths and 1,000 schemas yields a valid fragment without unused schemas", async () => {
  const fragment = extracted(JSON.parse(JSON.stringify(fullDescription(400))));
  const config = await createConfig({ rules: { struct: "error", "no-unresolved-refs": "error" } });
  const problemsOf = (document: Mapping) => {
    const source = makeDocumentFromString(JSON.stringify(document), "openapi.json");
    return lintDocument({ document: source, config: config.styleguide, externalRefResolver: new BaseResolver() });
  };
  expect(await problemsOf(fragment)).toEqual([]);
  const names = Object.keys(fragment.components.schemas);
  expect(names.length).toBeGreaterThan(4);
  expect(names.length).toBeLessThan(100);
  for (const name of names) {
    const { [name]: _, ...schemas } = fragment.components.schemas;
    expect(await problemsOf({ ...fragment, components: { ...fragment.components, schemas } })).not.toEqual([]);
  }
});

// The checks accept and reject the same bodies as ajv with the described schemas. `npm run fuzz` compares a hundred thousand bodies.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseYaml } from "@redocly/openapi-core";
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import type { Checked, Result } from "oauth2-token-response/schemas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "../scripts/generate.ts";
import { checksIn } from "./descriptions/checks.ts";
import { fillWithFixture } from "./fixture/fixture.ts";

const RUNS = Number(process.env["CHECK_RUNS"] ?? 1000);

type Schema = { readonly [keyword: string]: unknown; properties?: Record<string, Schema>; items?: Schema };
type Check = Checked<unknown>;
/** A schema, bodies that its check accepts and rejects, and what an issue expects. */
type KeywordRow = [schema: string, accepted: unknown[], rejected: unknown[], expected: string];

const DESCRIBED: Record<string, Schema> = (
  parseYaml(readFileSync("test/fixture/openapi.yaml", "utf8")) as { components: { schemas: Record<string, Schema> } }
).components.schemas;
const NAMES = Object.keys(DESCRIBED);
const CHECKS = await fixtureChecks();

test("every schema of the description has a check, and there are no other checks", () => {
  expect(Object.keys(CHECKS).sort()).toEqual([...NAMES].sort());
});

describe("compared with ajv", () => {
  const ajv = new Ajv({ strict: false, strictNumbers: true, allErrors: true });
  // Our checks differ on purpose in one point: they accept fields that are not described.
  const open = (schema: Schema) =>
    JSON.parse(JSON.stringify(schema), (key, value) => (key === "additionalProperties" ? undefined : value));
  const validators = Object.fromEntries(NAMES.map((name) => [name, ajv.compile(open(DESCRIBED[name] ?? {}))]));
  const ownValidators = Object.fromEntries(
    NAMES.map((name) => [name, new Ajv2020({ strictTypes: false, formats: {} }).compile(jsonSchemaOf(CHECKS[name]))]),
  );

  const anything = fc.oneof(
    fc.constantFrom<unknown>(null, "", "Bearer", "3600", 0, -1, 1.5, 1e300, true, [], {}, [null], [{}], ["a", 1]),
    fc.jsonValue(),
  );
  /** Changes one thing somewhere inside: replaced, removed or added. */
  const nearMiss = (body: unknown, step: number, other: unknown, how: string): unknown => {
    if (typeof body !== "object" || body === null || Object.keys(body).length === 0) {
      return how === "replaced" ? other : how === "added" ? { added: other } : body;
    }
    const entries = Object.entries(body);
    const [key, inner] = entries[step % entries.length] as [string, unknown];
    const copy: Record<string, unknown> = { ...body };
    if (how === "removed") delete copy[key];
    else if (how === "added") copy["added"] = other;
    else copy[key] = step % 3 === 0 ? nearMiss(inner, step >> 2, other, how) : other;
    return Array.isArray(body) ? Object.values(copy) : copy;
  };
  const bodyOf = (name: string) =>
    fc
      .tuple(
        validFor(DESCRIBED[name] ?? {}),
        fc.constantFrom("whole", "replaced", "replaced", "removed", "added", "garbage"),
        fc.nat(),
        anything,
      )
      .map(([valid, how, step, other]) => {
        if (how === "whole") return valid;
        return how === "garbage" ? other : nearMiss(valid, step, other, how);
      });

  test(`the checks give the same result for ${RUNS} bodies, with issues in the same places`, {
    timeout: 600_000,
  }, () => {
    const seen = { valid: 0, invalid: 0 };
    const cases = fc.constantFrom(...NAMES).chain((name) => fc.tuple(fc.constant(name), bodyOf(name)));
    fc.assert(
      fc.property(cases, ([name, body]) => {
        const result = validate(CHECKS[name], body);
        const validator = validators[name] as ValidateFunction;
        const isValid = validator(body);
        expect(result.issues === undefined).toBe(isValid);
        expect(ownValidators[name]?.(body)).toBe(isValid);
        if (isValid) expect(result).toEqual({ value: body });
        else expect(pathsOf(result)).toEqual(ajvPathsOf(validator));
        seen[isValid ? "valid" : "invalid"] += 1;
      }),
      { numRuns: RUNS },
    );
    // If all bodies were valid, or all invalid, the test would prove little.
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(RUNS / 4);
  });
});

describe("a check", () => {
  const { OAuth2TokenInfo, OAuth2TokenResponse } = CHECKS;

  test("returns the identical value, with the fields that are not described", () => {
    const body = { access_token: "t", refresh_token: null };
    const result = validate(OAuth2TokenResponse, body);
    expect("value" in result && result.value).toBe(body);
  });

  test.each([
    ["null", null, [], "object", "Null"],
    ["a list", [], [], "object", "Array"],
    ["nothing", undefined, [], "object", "Undefined"],
    ["a number in a string", { expires_in: "0SECRET" }, ["expires_in"], "integer", "String"],
    ["null in a field", { scope: null }, ["scope"], "string", "Null"],
    ["another type of token", { token_type: "0SECRET" }, ["token_type"], '"Bearer"', "String"],
  ])("reports the path, the expectation and the kind of %s", (_, body, path, expected, kind) => {
    const issues = [{ path, message: `expected ${expected}, found ${kind}` }];
    expect(validate(OAuth2TokenResponse, body)).toEqual({ issues });
  });

  test("reports every issue, also inside objects and lists", () => {
    const body = { resource_owner_id: 1, scope: ["a", 2, null], application: { uid: 3 } };
    expect(pathsOf(validate(OAuth2TokenInfo, body))).toEqual([
      "application/uid",
      "resource_owner_id",
      "scope/1",
      "scope/2",
    ]);
  });

  test("returns a new JSON Schema at each call, for two dialects, and throws for any other", () => {
    const { input, output } = (OAuth2TokenInfo as Check)["~standard"].jsonSchema;
    const schema = output({ target: "draft-2020-12" });
    expect(schema).toMatchObject({
      description: "OAuth 2 Token Info",
      properties: { resource_owner_id: { type: ["string", "null"] }, scope: { items: { type: "string" } } },
    });
    expect(JSON.stringify(schema)).not.toMatch(/additionalProperties|nullable|example/);
    expect(input({ target: "draft-07" })).toEqual(schema);
    expect(input({ target: "draft-07" })).not.toBe(input({ target: "draft-07" }));
    expect(() => input({ target: "openapi-3.0" })).toThrow("No JSON Schema for openapi-3.0");
  });
});

describe("a keyword", () => {
  const TABLES: Record<string, KeywordRow[]> = {
    "3.0.3": [
      ["{ type: object }", [{}, { a: 1 }], [null, [], "", 1], "object"],
      ["{ type: array }", [[], [1]], [null, {}, ""], "array"],
      ["{ type: string }", ["", "a"], [null, 1, {}], "string"],
      ["{ type: integer }", [0, -1, 2.0, 1e300], [null, 1.5, "1", Infinity], "integer"],
      ["{ type: number }", [0, 1.5], [null, "1", Infinity], "number"],
      ["{ type: boolean }", [true, false], [null, 0, "true"], "boolean"],
      ["{ type: string, nullable: true }", ["", null], [1, {}], "string or null"],
      ["{ type: string, enum: [a, b] }", ["a", "b"], ["c", null, 1], '"a" or "b"'],
      ["{ type: string, enum: [a, null], nullable: true }", ["a", null], ["b", 1], '"a" or null'],
      ["{ type: object, properties: { a: { type: string } } }", [{}, { a: "" }], [{ a: 1 }, { a: null }], "string"],
      [
        "{ type: object, nullable: true, properties: { a: { type: string } } }",
        [null, { a: "" }],
        [{ a: 1 }],
        "string",
      ],
      [
        "{ type: object, required: [a], properties: { a: { type: string } } }",
        [{ a: "" }],
        [{}, { a: null }],
        "string",
      ],
      ["{ type: object, properties: { a: {} } }", [{}, { a: null }], [[]], "object"],
      ["{ type: string, items: { type: string } }", ["a"], [["a"]], "string"],
      ["{ type: array, items: { type: string, nullable: true } }", [["a", null]], [[1]], "string or null"],
      ["{ type: object, required: [a], properties: { a: {} } }", [{ a: 1 }, { a: null }], [{}], "a value"],
      ['{ type: object, properties: { "a-\'\\"$&": { type: string } } }', [{}], [{ "a-'\"$&": 1 }], "string"],
      [
        "{ type: array, items: { type: array, items: { type: string } } }",
        [[], [[]], [["a"]]],
        [[["a"], [1]], [[null]]],
        "string",
      ],
      [
        "{ type: array, items: { type: object, required: [a], properties: { a: { type: integer } } } }",
        [[{ a: 1 }]],
        [[{}], [{ a: 1 }, { a: "" }]],
        "integer",
      ],
      ["{ type: integer, minimum: 1 }", [1, 2], [0, -1], "at least 1"],
      ["{ type: number, maximum: 1.5 }", [1.5, -1], [1.6], "at most 1.5"],
      ["{ type: string, minLength: 2 }", ["ab", "😀😀"], ["", "a", "😀"], "string with a length of at least 2"],
      ["{ type: string, maxLength: 1 }", ["", "😀"], ["ab"], "string with a length of at most 1"],
      ['{ type: string, pattern: "^a/\\\\d$" }', ["a/1"], ["a/", "xa/1"], "string like /^a\\/\\d$/u"],
      ["{ type: array, minItems: 1, items: { type: string } }", [["a"]], [[]], "array with a length of at least 1"],
      [
        "{ type: array, maxItems: 1, items: { type: string } }",
        [[], ["a"]],
        [["a", "b"]],
        "array with a length of at most 1",
      ],
      ["{ type: string, minLength: 1, nullable: true }", ["a", null], [""], "string with a length of at least 1"],
      ["{ minimum: 1 }", ["", null, 1, {}], [0], "at least 1"],
      ["{ type: object, additionalProperties: false }", [{}, { a: 1 }], [[]], "object"],
      [
        "{ type: object, additionalProperties: { type: integer } }",
        [{}, { a: 1, toString: 2 }],
        [{ a: "" }, { a: 1, b: null }, []],
        "integer",
      ],
      [
        "{ type: object, required: [b], properties: { a: { type: string } }, additionalProperties: { type: integer } }",
        [{ a: "", b: 1 }],
        [{ b: "" }, { a: 1, b: 1 }, { a: "", b: 1, c: "" }],
        "integer",
      ],
      [
        "{ type: array, items: { type: object, additionalProperties: { type: object, additionalProperties: { type: array, items: { type: string } } } } }",
        [[], [{ a: { b: ["c"] } }]],
        [[{ a: { b: [1] } }], [{ a: 1 }], [{ a: { b: "" } }]],
        "string",
      ],
      [
        '{ type: object, additionalProperties: { $ref: "#/components/schemas/Leaf" } }',
        [{ a: {} }, { a: { leaf: {} } }],
        [{ a: { leaf: 1 } }, { a: 1 }],
        "object",
      ],
      ["{ additionalProperties: { type: string } }", [1, [], null, { a: "" }], [{ a: 1 }], "string"],
      ["{ type: object, additionalProperties: {} }", [{ a: 1 }, { a: null }], [[]], "object"],
      ["{ type: string, enum: [a], x-extensible-enum: true }", ["a", "b"], [1, null], "string"],
      ["{ enum: [a], x-extensible-enum: true }", ["a", "b"], [1, null], "string"],
      ["{ type: integer, enum: [1], x-extensible-enum: true }", [1, 2], ["1"], "integer"],
      ["{ type: integer, minimum: 1, exclusiveMinimum: true }", [2], [1], "more than 1"],
      ["{ type: integer, minimum: 1, exclusiveMinimum: false }", [1], [0], "at least 1"],
      ["{ type: integer, maximum: 1, exclusiveMaximum: true }", [0], [1], "less than 1"],
      ["{ type: integer, exclusiveMaximum: true }", [1], ["1"], "integer"],
      ["{ type: number, multipleOf: 0.5 }", [1, -1.5, 0], [0.7], "a multiple of 0.5"],
      ["{ type: number, multipleOf: 0.01 }", [19.99, -0.3, 1e21], [0.001, 19.995], "a multiple of 0.01"],
      ["{ type: object, minProperties: 1 }", [{ a: 1 }], [{}], "object whose fields are at least 1"],
      [
        "{ type: object, maxProperties: 1, properties: {} }",
        [{}, { a: 1 }],
        [{ a: 1, b: 1 }],
        "object whose fields are at most 1",
      ],
      [
        "{ type: array, uniqueItems: true, items: {} }",
        [[], [1, "1", null, [], {}], [{ a: 1 }, { a: 2 }, [1, 2], [2, 1]], [{ a: { toString: null }, b: 1 }]],
        [
          [1, 1],
          ["a", "b", "a"],
          [
            { a: 1, b: { c: 1, d: 2 } },
            { b: { d: 2, c: 1 }, a: 1 },
          ],
        ],
        "array of different items",
      ],
      ["{ type: array, uniqueItems: false }", [[1, 1]], [{}], "array"],
      ["{ type: string, format: date, title: A, deprecated: true, example: b, x-a: 1 }", ["no date"], [1], "string"],
      [
        "{ type: object, properties: { n: { type: integer, readOnly: true, default: 1 } } }",
        [{}],
        [{ n: "" }],
        "integer",
      ],
      ['{ $ref: "#/components/schemas/Leaf" }', [{ leaf: { leaf: {} } }], [{ leaf: { leaf: 1 } }, null], "object"],
      [
        '{ type: object, required: [leaf], properties: { leaf: { $ref: "#/components/schemas/Leaf" } } }',
        [{ leaf: {} }],
        [{}, { leaf: [] }],
        "object",
      ],
    ],
    "3.1.0": [
      ["{ type: [string, 'null'] }", ["", null], [1], "string or null"],
      ["{ type: [string, integer] }", ["", 1], [1.5, null, []], "string or integer"],
      [
        "{ type: [object, array], items: { type: string }, properties: { a: { type: string } } }",
        [[], {}],
        [[1], { a: 1 }],
        "string",
      ],
      ["{ type: [object, 'null'], required: [a] }", [null, { a: null }], [{}], "a value"],
      ["{ type: [string, 'null'], enum: [a, null] }", ["a", null], ["b"], '"a" or null'],
      ["{ type: 'null' }", [null], ["", 0, {}], "null"],
      ["{ const: a }", ["a"], ["b", null], '"a"'],
      ["{ type: integer, const: 1 }", [1], [2, "1"], "1"],
      ["{ type: number, const: 1.5 }", [1.5], [1], "1.5"],
      ["{ type: boolean, const: false }", [false], [true, 0], "false"],
      ["{ type: string, enum: [a, b], const: a }", ["a"], ["b"], '"a"'],
      ["{ type: integer, exclusiveMinimum: 1 }", [2], [1], "more than 1"],
      ["{ type: integer, exclusiveMaximum: 1 }", [0], [1], "less than 1"],
      ["{ items: { type: string } }", [["a"], "", null], [[1]], "string"],
      ["{}", ["", null, {}, [], 0], [undefined], "a value"],
    ],
  };
  // One description for each table, as generating takes longer than checking.
  describe.each(Object.entries(TABLES))("of OpenAPI %s is checked:", (version, rows) => {
    let checks: readonly Check[] = [];
    beforeAll(async () => {
      checks = await checksOf(
        version,
        rows.map(([schema]) => schema),
      );
    });
    test.each(rows.map((row, index) => [row[0], index, row] as const))("%s", (_, index, row) => {
      expectVerdicts(checks[index] ?? expect.fail("no such check"), row);
    });
  });

  test.each([
    [
      "3.0.3",
      "{ type: object, properties: { a: { type: array, items: { type: integer, not: {} } } } }",
      "16:84 found `not`, expected a keyword that is checked at run time",
    ],
    ["3.0.3", '{ type: string, pattern: "[" }', '16:28 found "[", expected a regular expression of ECMA-262'],
    ["3.0.3", "{ type: object, properties: { toString: {} } }", "16:5 found the field toString, expected a name that"],
    ["3.1.0", "{ type: object, required: [constructor] }", "16:5 found the field constructor, expected a name that"],
    ["3.1.0", "{ type: integer, const: a }", "found no value of the type, expected at least one"],
    ["3.1.0", "{ type: string, enum: [a], const: b }", "16:28 found no value of the type, expected at least one"],
    ["3.1.0", "{ type: object, properties: { a: false } }", "16:5 found a: false, expected a schema that is a mapping"],
    ["3.1.0", "{ type: array, items: false }", "16:5 found items: false, expected a schema that is a mapping"],
    [
      "3.1.0",
      "{ type: object, patternProperties: {} }",
      "16:28 found `patternProperties`, expected a keyword that is checked",
    ],
  ])(
    "that cannot be checked leaves a schema without a check, with a warning, in %s: %s",
    async (version, schema, problem) => {
      const { root, code, err } = await generate(version, schema);
      expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining(problem) });
      expect(err).toMatch(/^generate: openapi.yaml:16:.* found .*, expected .*: Tried has no check at run time\n$/);
      const text = readFileSync(join(root, "src/generated/schemas.ts"), "utf8");
      expect(text).not.toContain("TriedSchema");
      expect(text).toContain("LeafSchema");
      const page = readFileSync(join(root, "docs/reference/Tried.md"), "utf8");
      expect(page).toMatch(/^Not checked at run time: checks do not support .+\.$/m);
    },
  );

  test("that cannot be checked leaves the schemas that refer to it without a check too", async () => {
    const { root, err } = await generate(
      "3.0.3",
      "{ type: object, properties: { o: { $ref: '#/components/schemas/Other' } } }\n    Other: { not: {} }",
    );
    expect(err.split("\n")).toEqual([
      expect.stringMatching(/^generate: openapi.yaml:17:14 found `not`, .*: Other has no check at run time$/),
      expect.stringMatching(/^generate: openapi.yaml:16:.* found a reference to .*Other, .*: Tried has no check/),
      "",
    ]);
    expect(readFileSync(join(root, "src/generated/schemas.ts"), "utf8")).not.toMatch(/Tried|Other/);
  });
});

describe("a composition", () => {
  /** `nullable` without a type is common, and against the letter of OpenAPI 3.0. */
  const LENIENT = "extends: []\nrules: { no-unresolved-refs: error }\n";
  const A = "{ type: object, required: [a], properties: { a: { type: string } } }";
  const B = "{ type: object, required: [b], properties: { b: { type: integer } } }";
  const LEAF = '{ $ref: "#/components/schemas/Leaf" }';

  test.each<[schema: string, accepted: unknown[], rejected: unknown[]]>([
    [`{ allOf: [${A}, ${B}] }`, [{ a: "", b: 1 }], [{ a: "" }, { b: 1 }, { a: 1, b: 1 }, null, "", []]],
    [`{ oneOf: [${A}, ${B}] }`, [{ a: "" }, { b: 1 }], [{}, { a: 1 }, null, 1]],
    [`{ anyOf: [${A}, ${B}] }`, [{ a: "" }, { b: 1 }, { a: "", b: 1 }], [{}, { a: 1 }, null]],
    [`{ nullable: true, allOf: [${A}] }`, [null, { a: "" }], [{}, 1]],
    [`{ nullable: true, oneOf: [${A}, ${B}] }`, [null, { b: 1 }], [{}, 1]],
    [`{ type: object, required: [x], properties: { x: { oneOf: [${A}, ${LEAF}] } } }`, [{ x: {} }], [{}, { x: 1 }]],
    [`{ type: object, properties: { x: { allOf: [${LEAF}], nullable: true } } }`, [{}, { x: null }], [{ x: "" }]],
    [`{ type: object, required: [x], properties: { x: { allOf: [${LEAF}], nullable: true } } }`, [{ x: null }], [{}]],
    [`{ type: object, properties: { x: { anyOf: [{ type: string }, ${A}] } } }`, [{}, { x: "" }], [{ x: null }]],
    [`{ type: object, required: [c], properties: { c: {} }, allOf: [${A}] }`, [{ a: "", c: 1 }], [{ a: "" }, { c: 1 }]],
    ["{ type: string, anyOf: [{ minLength: 2 }, { enum: [a] }] }", ["a", "bb"], ["b", 1, null]],
    [
      `{ type: array, items: { oneOf: [{ type: string }, { type: array, items: ${LEAF} }] } }`,
      [["", [{}]]],
      [[1], [[1]]],
    ],
    [`{ allOf: [{ oneOf: [${A}, ${B}] }, { anyOf: [${LEAF}, ${A}] }] }`, [{ a: "" }, { b: 1 }], [{ leaf: {} }, {}]],
    ["{ properties: { a: { type: string } } }", [{}, { a: "" }], [{ a: 1 }, 1, null]],
    ["{ nullable: true }", [null, 1, {}], [undefined]],
  ])("is checked as by ajv: %s", async (schema, accepted, rejected) => {
    const { root, err } = await generate("3.0.3", schema, LENIENT);
    expect(err).toBe("");
    const check = await checkIn(root);
    const validator = new Ajv2020({ strict: false }).compile(jsonSchemaOf(check));
    for (const value of accepted)
      expect([value, validate(check, value), validator(value)]).toEqual([value, { value }, true]);
    for (const value of rejected) {
      expect([value, validate(check, value).issues !== undefined]).toEqual([value, true]);
      if (value !== undefined) expect([value, validator(value)]).toEqual([value, false]);
    }
  });

  test("whose alternatives all fail is an issue with its path, without the value", async () => {
    const { root } = await generate("3.0.3", `{ type: object, properties: { x: { oneOf: [${A}, ${B}] } } }`);
    const issues = [{ message: "expected one of 2 alternatives, found String", path: ["x"] }];
    expect(validate(await checkIn(root), { x: "SECRET" })).toEqual({ issues });
  });

  test.each([
    ["{ oneOf: [] }", "found [], expected a list of schemas that are mappings"],
    ["{ anyOf: [true] }", "found [true], expected a list of schemas that are mappings"],
    ["{ oneOf: [{}], anyOf: [{}] }", "found `oneOf` beside `anyOf`, expected one of them"],
  ])("that makes no sense leaves a schema without a check: %s", async (schema, message) => {
    const { code, err } = await generate("3.1.0", schema, LENIENT);
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining(message) });
  });
});

/** The checks of the fixture, by schema. */
async function fixtureChecks(): Promise<Record<string, Check>> {
  const root = mkdtempSync(join(tmpdir(), "checks-"));
  await fillWithFixture(root);
  const checks = await checksIn(readFileSync(join(root, "src/generated/schemas.ts"), "utf8"));
  rmSync(root, { recursive: true });
  return Object.fromEntries(Object.entries(checks).map(([name, check]) => [name.replace(/Schema$/, ""), check]));
}

const made: string[] = [];
afterAll(() => made.forEach((folder) => void rmSync(folder, { recursive: true })));

/** Generates from a description whose schema `Leaf` holds itself, and whose schema `Tried` is that of the test. */
async function generate(version: string, schema: string, rules?: string) {
  const root = mkdtempSync(join(tmpdir(), "checks-"));
  made.push(root);
  writeFileSync(
    join(root, "openapi.yaml"),
    `openapi: ${version}
info: { title: Leaves, version: "1", license: { name: MIT, url: https://example.com/licence } }
servers: [{ url: https://leaves.test }]
security: []
paths:
  /leaves:
    get:
      operationId: listLeaves
      summary: List
      responses:
        "200": { description: Fine, content: { application/json: { schema: { $ref: "#/components/schemas/Tried" } } } }
        "400": { description: No, content: { application/json: { schema: { $ref: "#/components/schemas/Leaf" } } } }
components:
  schemas:
    Leaf: { type: object, properties: { leaf: { $ref: "#/components/schemas/Leaf" } } }
    Tried: ${schema}
`,
  );
  if (rules) writeFileSync(join(root, "redocly.yaml"), rules);
  const err: string[] = [];
  const code = await main([], root, { out: () => {}, err: (text) => err.push(text) });
  // Pointers are tested elsewhere.
  return { root, code, err: err.join("").replace(/(:\d+:\d+) #\S*/g, "$1") };
}

/** Generates the checks of several schemas from one description. */
async function checksOf(version: string, schemas: readonly string[]): Promise<Check[]> {
  const properties = schemas.map((_, index) => `t${index}: { $ref: "#/components/schemas/Tried${index}" }`).join(", ");
  const more = schemas.map((schema, index) => `\n    Tried${index}: ${schema}`).join("");
  const { root, err } = await generate(version, `{ type: object, properties: { ${properties} } }${more}`);
  expect(err).toBe("");
  const checks = await checksIn(readFileSync(join(root, "src/generated/schemas.ts"), "utf8"));
  return schemas.map((_, index) => checks[`Tried${index}Schema`] ?? expect.fail("no such check"));
}

function expectVerdicts(check: Check, [, accepted, rejected, expected]: KeywordRow) {
  // Without a precision, ajv says that 19.99 is not a multiple of 0.01.
  const ajv = new Ajv2020({ strict: false, strictNumbers: true, allErrors: true, multipleOfPrecision: 9 });
  const validator = ajv.compile(jsonSchemaOf(check));
  for (const value of accepted) expect(validate(check, value)).toEqual({ value });
  for (const value of rejected) {
    const { issues = [] } = validate(check, value);
    expect(issues.length).toBeGreaterThan(0);
    expect(issues[0]?.message).toMatch(/^expected .+, found [A-Z]\w+$/);
  }
  expect(validate(check, rejected[0]).issues?.[0]?.message).toContain(`expected ${expected}, found `);
  expect(JSON.stringify(jsonSchemaOf(check))).not.toMatch(/nullable|"additionalProperties":(?!\{)/);
  expect(accepted.map((value) => validator(value))).not.toContain(false);
  // `undefined` is not JSON, so ajv does not reject it.
  for (const value of rejected.filter((one) => one !== undefined)) {
    expect(validator(value)).toBe(false);
    expect(pathsOf(validate(check, value))).toEqual(ajvPathsOf(validator));
  }
}

/** The check of the schema that was tried. */
async function checkIn(root: string): Promise<Check> {
  const { TriedSchema } = await checksIn(readFileSync(join(root, "src/generated/schemas.ts"), "utf8"));
  return TriedSchema ?? expect.fail("no such check");
}

function validate(check: Check | undefined, value: unknown): Result<unknown> {
  return check?.["~standard"].validate(value) ?? expect.fail("no such check");
}

function jsonSchemaOf(check: Check | undefined): Record<string, unknown> {
  return check?.["~standard"].jsonSchema.output({ target: "draft-2020-12" }) ?? expect.fail("no such check");
}

function pathsOf({ issues = [] }: Result<unknown>): string[] {
  return [...new Set(issues.map(({ path }) => path.join("/")))].sort();
}

function ajvPathsOf({ errors }: ValidateFunction): string[] {
  const paths = (errors ?? []).map(({ instancePath, params }) =>
    [...instancePath.split("/").slice(1), ...(params["missingProperty"] ? [params["missingProperty"]] : [])].join("/"),
  );
  return [...new Set(paths)].sort();
}

/** What a schema of the description allows. */
function validFor(schema: Schema): fc.Arbitrary<unknown> {
  const { type, enum: values, nullable, items, properties = {}, required } = schema;
  if (Array.isArray(values)) return fc.constantFrom(...values);
  if (nullable) return fc.oneof(fc.constant(null), validFor({ ...schema, nullable: false }));
  switch (type) {
    case "string":
      return fc.string();
    case "integer":
      return fc.integer();
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(validFor(items ?? {}));
    default: {
      const fields: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(
        Object.entries(properties).map(([name, field]) => [name, validFor(field)]),
      );
      const requiredKeys = Array.isArray(required) ? required.map(String) : [];
      return fc.record(fields, { requiredKeys });
    }
  }
}

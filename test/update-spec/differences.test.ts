// What a change of a schema in a response is called, where it is, and what was and is there.

import { expect, test } from "vitest";
import { classify } from "../../scripts/update-spec/classify.ts";

type Schema = { [keyword: string]: unknown };

const string = { type: "string" };
const integer = { type: "integer" };
const list = (items: Schema) => ({ type: "array", items });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const ROOT = "POST /a 200 application/json";

/** A description of a call that returns an object with a field `f`. */
function describing(f: Schema, schemas: Schema = {}): Schema {
  const schema = { type: "object", properties: { f } };
  const responses = { 200: { description: "", content: { "application/json": { schema } } } };
  const info = { title: "A", version: "1" };
  return { openapi: "3.1.0", info, paths: { "/a": { post: { responses } } }, components: { schemas } };
}

type Line = [verdict: string, where: string, what: string, before?: unknown, after?: unknown];

test.each<[name: string, was: Schema, is: Schema, lines: Line[], before?: Schema, after?: Schema]>([
  ["another type", string, integer, [["breaking", ".f", "type changed", "string", "integer"]]],
  [
    "another type, of which nothing else can be compared",
    { type: ["string", "null"], maxLength: 2 },
    { type: ["integer", "null"], maximum: 2 },
    [["breaking", ".f", "type changed", "null or string", "integer or null"]],
  ],
  ["a type where there was none", {}, string, [["additive", ".f", "type changed", "any", "string"]]],
  ["no type any more", string, {}, [["breaking", ".f", "type changed", "string", "any"]]],
  [
    "an enum where there was none",
    string,
    { ...string, enum: ["a", "b"] },
    [["additive", ".f", "enum added", undefined, ["a", "b"]]],
  ],
  [
    "another value, which is no text",
    { ...integer, enum: [1] },
    { ...integer, enum: [1, 2] },
    [["breaking", ".f", "value 2 added"]],
  ],
  [
    "items that may be null",
    list(string),
    list({ ...string, nullable: true }),
    [["breaking", ".f[]", "may be null", "string", "null or string"]],
  ],
  [
    "no other fields",
    { type: "object" },
    { type: "object", additionalProperties: false },
    [["additive", ".f", "additionalProperties changed", true, false]],
  ],
  [
    "other fields",
    { type: "object", additionalProperties: false },
    { type: "object" },
    [["additive", ".f", "additionalProperties changed", false, true]],
  ],
  [
    "other fields of one type",
    { type: "object" },
    { type: "object", additionalProperties: string },
    [["additive", ".f", "additionalProperties changed", true, string]],
  ],
  [
    "other fields of any type",
    { type: "object", additionalProperties: string },
    { type: "object" },
    [["breaking", ".f", "additionalProperties changed", string, true]],
  ],
  [
    "no other fields, which were all that there was",
    { type: "object", additionalProperties: string },
    { type: "object", additionalProperties: false },
    [["breaking", ".f", "additionalProperties changed", string, false]],
  ],
  ["variants of what may be anything", {}, { oneOf: [string, integer] }, [["additive", ".f", "oneOf added"]]],
  ["no variants any more", { oneOf: [string, integer] }, {}, [["breaking", ".f", "oneOf removed"]]],
  [
    "one variant more",
    { oneOf: [string, integer] },
    { oneOf: [string, integer, { type: "boolean" }] },
    [["breaking", ".f", "variant added", undefined, { type: "boolean" }]],
  ],
  [
    "another variant in the place of one",
    { oneOf: [string, integer] },
    { oneOf: [string, { type: "boolean" }] },
    [["breaking", ".f", "type changed", "integer", "boolean"]],
  ],
  [
    "other variants in the places of two",
    { oneOf: [string, integer] },
    { oneOf: [{ type: "boolean" }, { type: "array" }] },
    [
      ["additive", ".f", "variant removed", string],
      ["additive", ".f", "variant removed", integer],
      ["breaking", ".f", "variant added", undefined, { type: "boolean" }],
      ["breaking", ".f", "variant added", undefined, { type: "array" }],
    ],
  ],
  [
    "another variant in the place of two",
    { oneOf: [string, integer] },
    { oneOf: [list(string), ref("V")] },
    [
      ["additive", ".f", "variant removed", string],
      ["additive", ".f", "variant removed", integer],
      ["breaking", ".f", "variant added", undefined, list(string)],
      ["breaking", ".f", "variant V added", undefined, ref("V")],
    ],
    { V: { type: "boolean" } },
  ],
  [
    "a change of a variant with a name, wherever it stands",
    { oneOf: [ref("V"), ref("W")] },
    { oneOf: [ref("W"), ref("V")] },
    [["breaking", "V", "type changed", "string", "boolean"]],
    { V: string, W: integer },
    { V: { type: "boolean" }, W: integer },
  ],
  [
    "words of a variant, beside one that is the same",
    {
      oneOf: [
        { ...string, description: "a" },
        { ...string, description: "b", maxLength: 3 },
      ],
    },
    {
      oneOf: [
        { ...string, description: "b", maxLength: 3 },
        { ...string, description: "c" },
      ],
    },
    [["documentation", ".f", "description changed", "a", "c"]],
  ],
  [
    "a schema that becomes one of several",
    ref("V"),
    { oneOf: [ref("V"), integer] },
    [["breaking", ".f", "variant added", undefined, integer]],
    { V: string },
  ],
  [
    "a field in the place of another with other words",
    { properties: { a: { ...string, description: "x" } } },
    { properties: { b: { ...string, description: "y" } } },
    [
      ["breaking", ".f.a", "removed", { ...string, description: "x" }],
      ["additive", ".f.b", "added", undefined, { ...string, description: "y" }],
    ],
  ],
  [
    "other names of two fields",
    { properties: { a: string, b: { ...string, description: "x" } } },
    { properties: { c: { ...string, description: "x" }, d: string } },
    [
      ["breaking", ".f.a", "renamed to d"],
      ["breaking", ".f.b", "renamed to c"],
    ],
  ],
  [
    "a field that is required and not described",
    { required: ["a"] },
    { required: ["a", "b"] },
    [["additive", ".f.b", "added, required"]],
  ],
  [
    "a schema that contains itself",
    ref("R"),
    ref("R"),
    [["breaking", "R.v", "type changed", "string", "integer"]],
    { R: { properties: { next: ref("R"), v: string } } },
    { R: { properties: { next: ref("R"), v: integer } } },
  ],
])("a change is reported in full: %s", (_, was, is, lines, schemas = {}, others = schemas) => {
  const changes = classify(describing(was, schemas), describing(is, others));
  expect(changes.map(({ verdict, where, what, before, after }) => [verdict, where, what, before, after])).toEqual(
    lines.map(([verdict, where, what, before, after]) => {
      return [verdict, where.startsWith(".") ? ROOT + where : where, what, before, after];
    }),
  );
});

// A description that is spelled differently has no changes, and an addition that is not breaking is breaking to remove.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classify } from "../../scripts/update-spec/classify.ts";
import type { Verdict } from "../../scripts/update-spec/report.ts";

type Schema = { [keyword: string]: unknown };

const COMPONENTS = ["A", "B", "C"];
const name = fc.constantFrom("a", "b", "c", "d");
/** A text that is the same for schemas that differ in order and words only. */
const meaningOf = (value: Schema): string =>
  JSON.stringify(value, (key, inner) => {
    if (key === "description" || key === "deprecated") return undefined;
    if (Array.isArray(inner)) return inner.every((item) => typeof item === "string") ? [...inner].sort() : inner;
    if (typeof inner !== "object" || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  });

const words = fc.record({ description: fc.constantFrom("x", "y"), deprecated: fc.boolean() }, { requiredKeys: [] });

const { schema } = fc.letrec<{ schema: Schema }>((tie) => {
  const scalar = fc.oneof(
    fc.record(
      {
        ...{ type: fc.constantFrom("integer", "number"), minimum: fc.nat(3), maximum: fc.nat(9) },
        exclusiveMaximum: fc.integer({ min: 10, max: 12 }),
      },
      { requiredKeys: ["type"] },
    ),
    fc.record(
      { type: fc.constant("string"), minLength: fc.integer({ min: 1, max: 3 }), nullable: fc.constant(true) },
      { requiredKeys: ["type"] },
    ),
    fc.uniqueArray(name, { minLength: 1 }).map((values) => ({ type: "string", enum: values })),
  );
  const object = fc
    .record({
      properties: fc.dictionary(name, tie("schema"), { maxKeys: 3 }),
      all: fc.boolean(),
      isClosed: fc.boolean(),
    })
    .map(({ properties, all, isClosed }) => ({
      ...{ type: "object", properties, required: all ? Object.keys(properties) : [] },
      ...(isClosed && { additionalProperties: false }),
    }));
  const list = tie("schema").map((items) => ({ type: "array", items }));
  // Of two equal variants no value could match exactly one.
  const choice = fc
    .uniqueArray(tie("schema"), { minLength: 2, maxLength: 3, selector: meaningOf })
    .map((oneOf) => ({ oneOf }));
  const both = fc.tuple(object, object).map((allOf) => ({ allOf }));
  const reference = fc.constantFrom(...COMPONENTS).map((component) => ({ $ref: `#/components/schemas/${component}` }));
  const described = fc.tuple(fc.oneof({ depthSize: "small" }, scalar, reference, object, list, choice, both), words);
  return { schema: described.map(([own, more]): Schema => ("$ref" in own ? own : { ...own, ...more })) };
});
const components = fc.record({ A: schema, B: schema, C: schema });

/** An operation that takes and returns these schemas. */
function description(request: Schema, response: Schema, schemas: Schema): Schema {
  const content = (one: Schema) => ({ "application/json": { schema: one } });
  const parameters = [
    { name: "x", in: "query", schema: { type: "string" } },
    { name: "y", in: "query", schema: { type: "integer" } },
  ];
  const post = {
    ...{ operationId: "a", tags: ["a", "b"], parameters },
    ...{
      requestBody: { content: content(request) },
      responses: { 200: { description: "ok", content: content(response) } },
    },
  };
  return { openapi: "3.1.0", info: { title: "A", version: "1" }, paths: { "/a": { post } }, components: { schemas } };
}

/** In `allOf`, the first description of a field counts. */
const UNORDERED = ["required", "enum", "type", "oneOf", "anyOf", "tags", "parameters"];

/** The same, with `choose` to decide on each spelling. */
function respelled(document: Schema, choose: () => boolean): Schema {
  const schemas = (document["components"] as { schemas: { [name: string]: Schema } }).schemas;
  const spell = (value: unknown, key = "", depth = 0): unknown => {
    if (Array.isArray(value)) {
      const items = value.map((item) => spell(item, "", depth));
      return UNORDERED.includes(key) && choose() ? items.reverse() : items;
    }
    if (typeof value !== "object" || value === null) return value;
    const { $ref, nullable, ...own } = value as Schema;
    const target = schemas[String($ref).split("/").at(-1) ?? ""];
    if (target && depth < 2 && choose()) return spell(target, "", depth + 1);
    if (target) return choose() ? value : { allOf: [value] };
    const list = own["enum"];
    if (Array.isArray(list) && list.length === 1 && choose()) {
      own["const"] = list[0];
      delete own["enum"];
    }
    if (typeof own["exclusiveMaximum"] === "number" && own["maximum"] === undefined && choose()) {
      own["maximum"] = own["exclusiveMaximum"];
      own["exclusiveMaximum"] = true;
    }
    const type = nullable && choose() ? { type: [own["type"], "null"] } : nullable ? { nullable } : {};
    const entries = Object.entries({ ...own, ...type }).map(
      ([inner, one]) => [inner, spell(one, inner, depth)] as const,
    );
    return Object.fromEntries(choose() ? entries.reverse() : entries);
  };
  return spell(document) as Schema;
}

// The same in every run of `npm test`. `npm run fuzz` tries others.
const runs = Number(process.env["SPELLING_RUNS"] ?? 50);
const run = { numRuns: runs, ...(runs <= 2000 && { seed: 2026 }) };
const flips = fc.infiniteStream(fc.boolean());

/** A schema in the place of a reference to it has another name, which is exported. */
const changesBut = (before: Schema, after: Schema) =>
  classify(before, after).filter(({ what }) => what !== "no longer exported");

test("a description that is spelled differently has no changes", () => {
  fc.assert(
    fc.property(schema, schema, components, flips, (request, response, schemas, stream) => {
      const document = description(request, response, schemas);
      const other = respelled(document, () => stream.next().value);
      expect(changesBut(document, other)).toEqual([]);
      expect(changesBut(other, document)).toEqual([]);
    }),
    run,
  );
});

/** Any keyword of a schema changed, but for that which says whether there may be other fields: their readers do not mind. */
const withoutClosed = (value: Schema): Schema =>
  JSON.parse(JSON.stringify(value, (key, inner) => (key === "additionalProperties" ? undefined : inner)));
const worst = (before: Schema, after: Schema): Verdict | undefined => {
  const found = classify(before, after).map(({ verdict }) => verdict);
  return (["breaking", "additive", "documentation"] as const).find((verdict) => found.includes(verdict));
};

describe.each<[string, (schema: Schema) => Schema]>([
  ["request", (one) => description(one, {}, {})],
  ["response", (one) => description({}, one, {})],
])("of a %s,", (_, describe) => {
  test("an addition that is not breaking is breaking to remove, and no change has no reversal either", () => {
    fc.assert(
      fc.property(schema.map(withoutClosed), schema.map(withoutClosed), (one, other) => {
        const [there, back] = [worst(describe(one), describe(other)), worst(describe(other), describe(one))];
        if (there === "additive") expect(back).toBe("breaking");
        if (there === undefined || there === "documentation") expect(back).toBe(there);
      }),
      run,
    );
  });
});

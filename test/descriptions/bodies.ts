// Bodies that a schema allows, or nearly allows.

import fc from "fast-check";

// biome-ignore lint/suspicious/noExplicitAny: a description holds anything.
type Schema = any;

const ANYTHING = fc.oneof(
  fc.constantFrom<unknown>(null, "", "Bearer", "3600", 0, -1, 1.5, true, false, [], {}, [null], [{}], ["a", 1]),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Bodies of which about half match a schema of the document, and most others break it in one place. */
export function bodyOf(schema: Schema, document: Schema): fc.Arbitrary<unknown> {
  const how = fc.constantFrom("whole", "whole", "changed", "changed", "removed", "garbage");
  return fc.tuple(validFor(schema, document, 4), how, fc.nat(), ANYTHING).map(([valid, how, step, other]) => {
    if (how === "whole") return valid;
    return how === "garbage" ? other : changed(valid, step, other, how === "removed");
  });
}

function changed(body: unknown, step: number, other: unknown, isRemoved: boolean): unknown {
  if (typeof body !== "object" || body === null || Object.keys(body).length === 0) return other;
  const keys = Object.keys(body);
  const key = keys[step % keys.length] ?? "";
  const copy: Record<string, unknown> = { ...body };
  if (isRemoved) delete copy[key];
  else copy[key] = step % 3 === 0 ? changed(copy[key], step >> 2, other, isRemoved) : other;
  return Array.isArray(body) ? Object.values(copy) : copy;
}

function validFor(schema: Schema, document: Schema, depth: number): fc.Arbitrary<unknown> {
  const inner = (one: Schema) => validFor(one, document, depth - 1);
  if (schema.$ref) {
    const keys = schema.$ref.split("/").slice(1);
    const unescaped = keys.map((key: string) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    return inner(unescaped.reduce((value: Schema, key: string) => value[key], document));
  }
  if (depth < 0 || Object.keys(schema).length === 0) return fc.constantFrom<unknown>(null, "a", 1, {}, []);
  const { allOf = [], oneOf = [], anyOf = [], ...own } = schema;
  const alternatives = [...oneOf, ...anyOf];
  if (allOf.length > 0 || alternatives.length > 0) {
    const parts = [...allOf.map(inner), ...(alternatives.length > 0 ? [fc.oneof(...alternatives.map(inner))] : [])];
    return fc.tuple(...parts, ...("properties" in own ? [inner(own)] : [])).map(merged);
  }
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ("const" in schema) return fc.constant(schema.const);
  return fc.oneof(...[schema.type ?? "object"].flat().map((type) => valueOfType(type, schema, inner)));
}

/** The parts of one value: of objects the fields of all, of others the last. */
function merged(parts: readonly unknown[]): unknown {
  const isObject = parts.every((part) => typeof part === "object" && part !== null && !Array.isArray(part));
  return isObject ? Object.assign({}, ...parts) : parts.at(-1);
}

function valueOfType(
  type: string,
  schema: Schema,
  inner: (one: Schema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const {
    minLength,
    maxLength = minLength === undefined ? undefined : minLength + 5,
    pattern,
    properties = {},
  } = schema;
  switch (type) {
    case "string":
      if (pattern) return fc.stringMatching(new RegExp(pattern, "u"));
      return fc.string({ ...(minLength && { minLength }), ...(maxLength && { maxLength: Math.min(maxLength, 60) }) });
    case "integer":
      return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 1e6, 1e6) });
    case "number":
      return fc.double({ min: -5, max: 5, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(inner(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: schema.maxItems ?? 3 });
    default: {
      const more = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
      const all = { ...properties, ...(more && { other: more }) };
      const fields = Object.fromEntries(Object.entries(all).map(([name, field]) => [name, inner(field)]));
      const requiredKeys = (schema.required ?? []).filter((name: string) => name in fields);
      return fc.record(fields, { requiredKeys });
    }
  }
}

/**
 * A description, with `nullable` as JSON Schema says it. Of three things our checks are of another opinion on purpose: fields
 * that are not described are welcome, what has properties is an object, and of `oneOf` several parts may fit.
 */
export function asJsonSchema(value: Schema): Schema {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (typeof value !== "object" || value === null) return value;
  const all: Schema = {};
  for (const [key, inner] of Object.entries(value)) all[key === "oneOf" ? "anyOf" : key] = asJsonSchema(inner);
  const { nullable, discriminator: _, ...schema } = all;
  if (schema.additionalProperties === false) delete schema.additionalProperties;
  if (typeof schema.properties === "object" && !("type" in schema)) schema.type = "object";
  if (nullable !== true) return schema;
  if ("allOf" in schema || "anyOf" in schema) return { anyOf: [schema, { type: "null" }] };
  return typeof schema.type === "string" ? { ...schema, type: [schema.type, "null"] } : schema;
}

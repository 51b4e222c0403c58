// The keywords that runtime checks support. A schema with any other has no check, since an incomplete check would mislead.

import type { Description } from "./description.ts";
import type { Named } from "./names.ts";
import { asText, isMapping, listAt, type Mapping, mappingAt, pointerTo } from "./read.ts";
import { isOpen, schemasOf, typesOf, withNumericLimits } from "./schemas.ts";

/** The test for each type. An optional field also has the type `undefined`. */
const TYPES: Record<string, (value: string) => string> = {
  object: (value) => `isObject(${value})`,
  array: (value) => `Array.isArray(${value})`,
  string: (value) => `typeof ${value} === "string"`,
  integer: (value) => `Number.isInteger(${value})`,
  // JSON can contain infinite numbers: 1e999.
  number: (value) => `(typeof ${value} === "number" && Number.isFinite(${value}))`,
  boolean: (value) => `typeof ${value} === "boolean"`,
  null: (value) => `${value} === null`,
  undefined: (value) => `${value} === undefined`,
};

/** The test for each limit, and the text for the expected value. Lengths count characters, not UTF-16 units. */
const LIMITS: Record<string, [type: string, fails: (value: string, limit: string) => string, expected: string]> = {
  minimum: ["number", (value, limit) => `${value} < ${limit}`, "at least"],
  maximum: ["number", (value, limit) => `${value} > ${limit}`, "at most"],
  exclusiveMinimum: ["number", (value, limit) => `${value} <= ${limit}`, "more than"],
  exclusiveMaximum: ["number", (value, limit) => `${value} >= ${limit}`, "less than"],
  multipleOf: ["number", (value, limit) => `!isMultiple(${value}, ${limit})`, "a multiple of"],
  minLength: ["string", (value, limit) => `[...${value}].length < ${limit}`, "string with a length of at least"],
  maxLength: ["string", (value, limit) => `[...${value}].length > ${limit}`, "string with a length of at most"],
  pattern: ["string", (value, limit) => `!${limit}.test(${value})`, "string like"],
  minItems: ["array", (value, limit) => `${value}.length < ${limit}`, "array with a length of at least"],
  maxItems: ["array", (value, limit) => `${value}.length > ${limit}`, "array with a length of at most"],
  uniqueItems: ["array", (value) => `!isUnique(${value})`, "array of different items"],
  minProperties: [
    "object",
    (value, limit) => `Object.keys(${value}).length < ${limit}`,
    "object whose fields are at least",
  ],
  maxProperties: [
    "object",
    (value, limit) => `Object.keys(${value}).length > ${limit}`,
    "object whose fields are at most",
  ],
};

/**
 * The supported keywords by use. A schema with any other has no check, except for `x-…`.
 *
 * `additionalProperties: false` is not checked: a field that the provider adds must not cause an outage.
 */
export const KEYWORDS: Record<"checked" | "annotations" | "ignored", readonly string[]> = {
  checked: [
    ...["$ref", "type", "nullable", "enum", "const", "required", "properties", "items", "additionalProperties"],
    ...["allOf", "oneOf", "anyOf", ...Object.keys(LIMITS)],
  ],
  annotations: ["title", "description", "default", "format", "deprecated", "readOnly", "writeOnly"],
  ignored: ["example", "examples", "externalDocs", "discriminator", "xml", "$comment"],
};

/** Why a schema has no check: the unsupported construct, its place, and what is supported instead. */
interface Reason {
  readonly place: string;
  readonly found: string;
  readonly expected: string;
}

/** Sets `unchecked` for the schemas that can have no check, and adds a warning for each. */
export function markUnchecked(names: readonly Named[], description: Description): Named[] {
  const reasons = reasonsIn(description);
  return names.map((named) => {
    const reason = reasons.get(named.pointer);
    if (!reason) return named;
    const { place, found, expected } = reason;
    const where = description.locate(place);
    description.warnings.push(`${where} found ${found}, expected ${expected}: ${named.name} has no check at run time`);
    return { ...named, unchecked: found };
  });
}

/** Returns the reasons why schemas have no check, by the pointers of these schemas. */
function reasonsIn(description: Description): Map<string, Reason> {
  const reasons = new Map<string, Reason>();
  const references: [root: string, pointer: string, target: string][] = [];
  let root = "";
  for (const { schema, pointer, name, isRoot } of schemasOf(description)) {
    // Only schemas with a name have a check.
    if (name === undefined) continue;
    if (isRoot) root = pointer;
    const [first] = reasonsOf(schema);
    if (first && !reasons.has(root)) {
      const [place, found, expected] = first;
      reasons.set(root, { place: pointer + place, found, expected });
    }
    if (typeof schema["$ref"] === "string") references.push([root, pointer, schema["$ref"]]);
  }
  // A check calls the checks of referenced schemas, so it needs all of them.
  const needing = () => references.find(([from, , to]) => reasons.has(to) && !reasons.has(from));
  for (let next = needing(); next; next = needing()) {
    const [from, place, to] = next;
    reasons.set(from, { place, found: `a reference to ${to}`, expected: "a schema that has a check" });
  }
  return reasons;
}

/** Yields the unsupported constructs of a schema, without its subschemas. */
function* reasonsOf(schema: Mapping): Generator<[place: string, found: string, expected: string]> {
  const known = new Set(Object.values(KEYWORDS).flat());
  if ("$ref" in schema) {
    const beside = KEYWORDS.checked.find((keyword) => keyword !== "$ref" && keyword in schema);
    if (beside)
      yield [pointerTo("", beside), `\`${beside}\` beside a \`$ref\``, "a keyword that does not constrain the value"];
  }
  if ("properties" in schema && !typesOf(schema).includes("object")) {
    yield ["/properties", "`properties` of a schema that is not an object", "`type: object`"];
  }
  for (const [keyword, value] of Object.entries(withNumericLimits(schema))) {
    const place = pointerTo("", keyword);
    const isKnown = known.has(keyword) || keyword.startsWith("x-");
    if (!isKnown) yield [place, `\`${keyword}\``, "a keyword that is checked at run time"];
    else if (
      keyword in LIMITS &&
      keyword !== "pattern" &&
      typeof value !== (keyword === "uniqueItems" ? "boolean" : "number")
    )
      yield [place, `${keyword}: ${asText(value)}`, "a limit"];
  }
  if (schema["pattern"] !== undefined && !regExp(schema["pattern"])) {
    yield ["/pattern", JSON.stringify(schema["pattern"]), "a regular expression of ECMA-262, with the flag u"];
  }
  for (const [name, inner] of [...Object.entries(mappingAt(schema, "properties")), ["items", schema["items"] ?? {}]]) {
    if (!isMapping(inner)) yield ["", `${name}: ${asText(inner)}`, "a schema that is a mapping"];
  }
  for (const keyword of ["allOf", "oneOf", "anyOf"]) {
    const isList =
      schema[keyword] === undefined || (listAt(schema, keyword).length > 0 && listAt(schema, keyword).every(isMapping));
    if (!isList) yield [`/${keyword}`, JSON.stringify(schema[keyword]), "a list of schemas that are mappings"];
  }
  if ("oneOf" in schema && "anyOf" in schema) yield ["/oneOf", "`oneOf` beside `anyOf`", "one of them"];
  if (valuesOf(schema)?.some((value) => typeof value === "object" && value !== null)) {
    yield ["enum" in schema ? "/enum" : "/const", "an object as a value", "strings, numbers and other simple values"];
  }
  if (valuesOf(schema)?.length === 0)
    yield ["enum" in schema ? "/enum" : "/const", "no value of the type", "at least one"];
  for (const name of [...Object.keys(mappingAt(schema, "properties")), ...requiredOf(schema)]) {
    if (name in Object.prototype) yield ["", `the field ${name}`, "a name that is not a member of every object"];
  }
}

export function requiredOf(schema: Mapping): string[] {
  return Array.isArray(schema["required"]) ? schema["required"].map(asText) : [];
}

function regExp(pattern: unknown): RegExp | undefined {
  try {
    return new RegExp(asText(pattern), "u");
  } catch {
    return undefined;
  }
}

export function isOfType(type: string, value: string): string {
  return TYPES[type]?.(value) ?? "";
}

export function* limitsOf(
  schema: Mapping,
): Generator<[string, (value: string, limit: string) => string, string, string]> {
  const limits = withNumericLimits(schema);
  for (const [keyword, [type, fails, expected]] of Object.entries(LIMITS)) {
    const limit = limits[keyword];
    if (limit === undefined || limit === false) continue;
    const text = keyword === "pattern" ? String(regExp(limit)) : asText(limit);
    yield [type, fails, text, limit === true ? expected : `${expected} ${text}`];
  }
}

/** Returns the values that `enum`, `const` and the type allow; `undefined` if any value is allowed. */
export function valuesOf(schema: Mapping): unknown[] | undefined {
  const { enum: values = "const" in schema ? [schema["const"]] : undefined, const: only } = schema;
  if (!Array.isArray(values) || isOpen(schema)) return undefined;
  const types = typesOf(schema);
  return values.filter((value) => {
    const kinds = [value === null ? "null" : typeof value, ...(Number.isInteger(value) ? ["integer"] : [])];
    const isOfType = types.length === 0 || kinds.some((kind) => types.includes(kind));
    return isOfType && (only === undefined || value === only);
  });
}

// Emits a runtime check for every schema, as a Standard Schema without dependencies. Checks are not stricter than the description:
// unknown fields are accepted. Which keywords are supported is decided in `keywords.ts`.

import { isOfType, KEYWORDS, limitsOf, requiredOf, valuesOf } from "./keywords.ts";
import type { Named } from "./names.ts";
import { isMapping, listAt, type Mapping, mappingAt } from "./read.ts";
import { isOpen, subschemasOf, typesOf, withNumericLimits } from "./schemas.ts";

/** The module with the functions that all checks use, relative to the generated file. */
const PARTS = "../standard-schema.ts";

/** Emits a check for every component and body, except for those with unsupported keywords. */
export function emitChecks(names: readonly Named[]): string {
  const withCheck = names.filter(({ isRoot, unchecked }) => isRoot && unchecked === undefined);
  const components = new Map(withCheck.map((named) => [named.pointer, named]));
  const checks = withCheck.flatMap((named) => [emitFunction(named, components), emitExport(named, components)]);
  // Unused imports do not compile under strict settings.
  const parts = ["anyOf", "checked", "fail", "isMultiple", "isObject", "isUnique"].filter((name) =>
    new RegExp(`\\b${name}\\(`).test(checks.join()),
  );
  const imports = [
    `import { ${parts.join(", ")}, type Checked, type Issue, type Path } from "${PARTS}";\n`,
    `import type * as types from "./types.ts";\n`,
  ];
  const exported = `export type { Checked, Issue, JsonSchemaOptions, Result } from "${PARTS}";\n`;
  return [...(checks.length > 0 ? [imports.join("")] : []), exported, ...checks].join("\n");
}

type Components = ReadonlyMap<unknown, Named>;

function emitFunction({ name, schema }: Named, components: Components): string {
  return `function check${name}(value: unknown, path: Path, issues?: Issue[]): Issue[] | undefined {
${indented(statements(schema, { value: "value", keys: [], isRequired: true }, components))}  return issues;
}
`;
}

function emitExport({ name, schema }: Named, components: Components): string {
  const referred = [...referredFrom(schema, components)];
  const $defs = Object.fromEntries(referred.map((named) => [named.name, jsonSchemaOf(named.schema, components)]));
  const json = { ...jsonSchemaOf(schema, components), ...(referred.length > 0 && { $defs }) };
  return `/** Checks an {@link types.${name} | ${name}}. */
export const ${name}Schema: Checked<types.${name}> = /* @__PURE__ */ checked(check${name}, () => (${JSON.stringify(json, null, 2)}));
`;
}

/** The place of a value: its expression, and the expressions of its keys below the function's path. */
interface Place {
  readonly value: string;
  readonly keys: readonly string[];
  readonly isRequired: boolean;
}

/** Returns the statements that check a value, including its composition (`allOf`, `oneOf`, `anyOf`). */
function statements(schema: Mapping, place: Place, components: Components): string {
  const composed = composition(schema, { ...place, isRequired: true }, components);
  if (!composed) return ownStatements(schema, place, components);
  const { value, isRequired } = place;
  const own = ownStatements(schema, { ...place, isRequired: false }, components);
  // Without its own type or `nullable`, the parts decide whether it may be null.
  const isNullable = schema["nullable"] === true || typesOf(schema).includes("null");
  const absent = [...(isRequired ? [] : ["undefined"]), ...(isNullable ? ["null"] : [])];
  const isPresent = absent.map((one) => `${value} !== ${one}`).join(" && ");
  return own + (isPresent ? `if (${isPresent}) {\n${indented(composed)}}\n` : composed);
}

/** Returns the statements for `allOf`, and for `oneOf` and `anyOf`, of which any one part must match. */
function composition(schema: Mapping, place: Place, components: Components): string {
  const parts = (keyword: string) =>
    listAt(schema, keyword).map((part) => statements(part as Mapping, place, components));
  const all = parts("allOf").join("");
  const any = [...parts("oneOf"), ...parts("anyOf")].map(
    (part) => `(issues?: Issue[]) => {\n${indented(part)}  return issues;\n},\n`,
  );
  if (any.length === 0) return all;
  return `${all}issues = anyOf(issues, ${pathOf(place)}, ${place.value}, [\n${indented(any.join(""))}]);\n`;
}

function pathOf({ keys }: Place): string {
  return keys.length > 0 ? `[${["...path", ...keys].join(", ")}]` : "path";
}

/** Returns the statements that check the limits, then the contents, then the type. */
function ownStatements(schema: Mapping, place: Place, components: Components): string {
  const { value, isRequired } = place;
  const path = pathOf(place);
  const reference = components.get(schema["$ref"]);
  if (reference) {
    return `${isRequired ? "" : `if (${value} !== undefined) `}issues = check${reference.name}(${value}, ${path}, issues);\n`;
  }
  const fail = (expected: string) => `issues = fail(issues, ${path}, ${JSON.stringify(expected)}, ${value});`;
  const types = typesOf(schema);
  const values = valuesOf(schema);
  const inside = values ? [] : [...containerStatements(schema, place, components)];
  const seen = inside.map(([type]) => type);
  const accepted = values
    ? values.map((one) => `${value} === ${JSON.stringify(one)}`)
    : types.filter((type) => !seen.includes(type)).map((type) => isOfType(type, value));
  const expected = (values?.map((one) => JSON.stringify(one)) ?? types).join(" or ");

  const branches = [...limitsOf(schema)].map(([type, fails, limit, text]) => {
    return `if (${isOfType(type, value)} && ${fails(value, limit)}) ${fail(text)}\n`;
  });
  branches.push(...inside.map(([type, body]) => `if (${isOfType(type, value)}) {\n${indented(body)}}\n`));
  if (expected) {
    const tests = isRequired ? accepted : [isOfType("undefined", value), ...accepted];
    branches.push(tests.length > 0 ? `if (!(${tests.join(" || ")})) ${fail(expected)}\n` : `${fail(expected)}\n`);
  } else if (isRequired) {
    branches.push(`if (${isOfType("undefined", value)}) ${fail("a value")}\n`);
  }
  return branches.join("else ");
}

/** Yields the statements for the contents of an object and of an array. */
function* containerStatements(
  schema: Mapping,
  { value, keys }: Place,
  components: Components,
): Generator<[string, string]> {
  const types = typesOf(schema);
  const properties = mappingAt(schema, "properties");
  const required = requiredOf(schema);
  const fields = [...new Set([...Object.keys(properties), ...required])].map((name) => {
    const key = JSON.stringify(name);
    const place = { value: `${value}[${key}]`, keys: [...keys, key], isRequired: required.includes(name) };
    return statements(mappingAt(properties, name), place, components);
  });
  const more = types.length === 0 || types.includes("object") ? additional(schema, { value, keys }, components) : "";
  if (fields.length > 0 || more) yield ["object", fields.join("") + more];
  if (!isMapping(schema["items"]) || !(types.length === 0 || types.includes("array"))) return;
  const [index, item] = [`index${keys.length}`, `item${keys.length}`];
  const body = statements(schema["items"], { value: item, keys: [...keys, index], isRequired: true }, components);
  yield ["array", `for (const [${index}, ${item}] of ${value}.entries()) {\n${indented(body)}}\n`];
}

/** Returns the statements for the values of `additionalProperties`. */
function additional(schema: Mapping, { value, keys }: Pick<Place, "value" | "keys">, components: Components): string {
  if (!isMapping(schema["additionalProperties"])) return "";
  const [key, member] = [`key${keys.length}`, `member${keys.length}`];
  const place = { value: member, keys: [...keys, key], isRequired: true };
  const body = statements(schema["additionalProperties"], place, components);
  const described = JSON.stringify(Object.keys(mappingAt(schema, "properties")));
  const others = described === "[]" ? body : `if (!${described}.includes(${key})) {\n${indented(body)}}\n`;
  return `for (const [${key}, ${member}] of Object.entries(${value})) {\n${indented(others)}}\n`;
}

function jsonSchemaOf(schema: Mapping, components: Components): Mapping {
  const json: Mapping = {};
  const inner = (value: unknown) => (isMapping(value) ? jsonSchemaOf(value, components) : value);
  for (const [keyword, value] of Object.entries(withNumericLimits(schema))) {
    if (keyword === "properties") {
      const fields = Object.entries(mappingAt(schema, keyword));
      json[keyword] = Object.fromEntries(fields.map(([name, field]) => [name, inner(field)]));
    } else if (keyword === "items" || keyword === "additionalProperties") {
      if (isMapping(value)) json[keyword] = inner(value);
    } else if (keyword === "$ref") json[keyword] = `#/$defs/${components.get(value)?.name}`;
    else if (keyword === "allOf") json[keyword] = listAt(schema, keyword).map(inner);
    // The checks also treat `oneOf` as `anyOf`.
    else if (keyword === "oneOf" || keyword === "anyOf") json["anyOf"] = listAt(schema, keyword).map(inner);
    else if (keyword === "enum" && isOpen(schema)) continue;
    else if (keyword === "type") json[keyword] = typesOf(schema).length > 1 ? typesOf(schema) : value;
    else if (keyword !== "nullable" && [...KEYWORDS.checked, ...KEYWORDS.annotations].includes(keyword))
      json[keyword] = value;
  }
  const [type] = typesOf(schema);
  if (type && !("type" in json)) json["type"] = type;
  const isComposed = "allOf" in json || "anyOf" in json;
  return isComposed && schema["nullable"] === true ? { anyOf: [json, { type: "null" }] } : json;
}

/** Returns the schemas that a schema refers to, directly or through others. */
function referredFrom(schema: Mapping, components: Components, seen: Set<Named> = new Set()): Set<Named> {
  const reference = components.get(schema["$ref"]);
  if (reference && !seen.has(reference)) referredFrom(reference.schema, components, seen.add(reference));
  for (const [, inner] of subschemasOf(schema)) {
    if (isMapping(inner)) referredFrom(inner, components, seen);
  }
  return seen;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

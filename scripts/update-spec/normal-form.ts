// Converts a schema to its normal form, so that schemas with the same meaning have the same form. References and `allOf` are resolved,
// `nullable` becomes a type, `const` an enum of one value, and a discriminator a value in each variant.

import { isDeepStrictEqual } from "node:util";
import { asText, isMapping, keysTo, type Mapping, mappingAt } from "../generate/read.ts";
import { withNumericLimits } from "../generate/schemas.ts";

/** Schemas that a value must all match. If the list is empty, any value is valid. */
export type Schemas = readonly {
  readonly schema: Mapping;
  /** The name of the component that contains the schema, or is the schema. */
  readonly component?: string | undefined;
}[];

export interface Variant {
  /** The name of the component, if the variant is one. */
  readonly name?: string | undefined;
  readonly schemas: Schemas;
}

export interface NormalForm {
  /** The schemas and all schemas that they refer to or include. */
  readonly parts: Schemas;
  /** The types, or `undefined` if any type is valid. */
  readonly types: readonly string[] | undefined;
  /** The values of its enum, without null. */
  readonly values: readonly unknown[] | undefined;
  readonly properties: ReadonlyMap<string, Schemas>;
  readonly required: ReadonlySet<string>;
  readonly additional: Schemas | boolean;
  readonly items: Schemas;
  /** The variants. A value must match one of them. */
  readonly variants: readonly Variant[];
  /** All other keywords that a program depends on. */
  readonly limits: Mapping;
  readonly words: Mapping;
}

/** Marks a schema as part of requests or of responses. No keyword has such a name. */
export const DIRECTION = " direction";
/** Keywords that no program depends on. `x-…` is treated like them. */
const WORDS = new Set([
  ...["title", "summary", "description", "example", "examples", "externalDocs", "tags", "deprecated", "xml"],
  ...["$comment", "bearerFormat", "openapi", "jsonSchemaDialect", "version", "contact", "license", "termsOfService"],
]);
/** Keywords that have their own property in the normal form. */
const STRUCTURE = new Set([
  ...["$ref", "$defs", "allOf", "oneOf", "anyOf", "discriminator", "type", "nullable", "enum", "const"],
  ...["properties", "required", "additionalProperties", "items", DIRECTION],
]);

export function normalForm(schemas: Schemas, document: Mapping): NormalForm {
  const parts = [...partsOf(schemas, document)];
  const all = parts.map(({ schema }) => schema);
  const inside = (at: (schema: Mapping) => unknown): Schemas => mappingsIn(all.map(at)).map((schema) => ({ schema }));
  const required = new Set(all.flatMap((schema) => listIn(schema["required"])).map(asText));
  const names = [...all.flatMap((schema) => Object.keys(mappingAt(schema, "properties"))), ...required];
  const additional = inside((schema) => schema["additionalProperties"]);
  const isClosed = all.some((schema) => schema["additionalProperties"] === false);
  return {
    parts,
    types: typesOf(all),
    values: all.map(valuesIn).find((values) => values !== undefined),
    properties: new Map(names.map((name) => [name, inside((schema) => mappingAt(schema, "properties")[name])])),
    required,
    additional: !isClosed && (additional.every(({ schema }) => Object.keys(schema).length === 0) || additional),
    items: inside((schema) => schema["items"]),
    variants: all.flatMap(variantsIn),
    limits: keywordsIn(all.map(withMergedLimits), (keyword) => !isWord(keyword) && !STRUCTURE.has(keyword)),
    words: keywordsIn(all, isWord),
  };
}

function* partsOf(list: Schemas, document: Mapping, seen = new Set<Mapping>()): Generator<Schemas[number]> {
  for (const part of list) {
    const { schema, component } = part;
    if (seen.has(schema)) continue;
    const { $ref, allOf } = schema;
    seen.add(schema);
    yield part;
    if (typeof $ref === "string") {
      const target = { schema: mappingAt(document, ...keysTo($ref)), component: componentName($ref) ?? component };
      yield* partsOf([target], document, seen);
    }
    const included = [...mappingsIn(allOf), ...(variantsIn(schema).length === 0 ? choicesIn(schema) : [])];
    const parts = included.map((inner) => ({ schema: inner, component }));
    yield* partsOf(parts, document, seen);
  }
}

/** Returns the types that all schemas allow. */
function typesOf(all: readonly Mapping[]): string[] | undefined {
  const lists = all.map(typesIn).filter((types) => types !== undefined);
  const types = lists[0]?.filter((type) => lists.every((list) => list.includes(type)));
  // `nullable` beside `allOf` applies to the included schemas.
  const isMeant = all.some((schema) => isNullable(schema) && !typesIn(schema));
  const isNull = isMeant || all.every((schema) => isNullable(schema) || !typesIn(schema));
  return types && [...types, ...(isNull ? ["null"] : [])].sort();
}

/** Returns the types of a schema, without null. A schema with properties but no type describes objects. */
function typesIn({ type, properties, items }: Mapping): string[] | undefined {
  const types = [type ?? (properties ? "object" : items ? "array" : [])].flat().map(asText);
  return types.length > 0 ? types.filter((one) => one !== "null") : undefined;
}

function isNullable({ type, nullable, oneOf, anyOf }: Mapping): boolean {
  return nullable === true || listIn(type).includes("null") || mappingsIn([oneOf, anyOf].flat()).some(isNull);
}

function isNull({ type, const: only }: Mapping): boolean {
  return type === "null" || only === null;
}

function valuesIn({
  const: only,
  enum: values = only === undefined ? undefined : [only],
}: Mapping): unknown[] | undefined {
  return Array.isArray(values) ? values.filter((value) => value !== null) : undefined;
}

/** Returns the variants of a schema, without null. */
function choicesIn({ oneOf, anyOf }: Mapping): Mapping[] {
  return mappingsIn([oneOf, anyOf].flat()).filter((choice) => !isNull(choice));
}

/** Returns the variants. Each requires its discriminator value: the mapped one, or the variant's name. */
function variantsIn(schema: Mapping): Variant[] {
  const { discriminator } = schema;
  const choices = choicesIn(schema);
  if (choices.length < 2 && !discriminator) return [];
  const variants = choices.map((choice): Variant => {
    const name = componentName(choice["$ref"]);
    if (!isMapping(discriminator)) return { name, schemas: [{ schema: choice }] };
    const { propertyName } = discriminator;
    const mapped = Object.entries(mappingAt(discriminator, "mapping")).filter(
      ([, to]) => to === name || componentName(to) === name,
    );
    const values = mapped.length > 0 ? mapped.map(([value]) => value) : [name];
    const own = { properties: { [asText(propertyName)]: { enum: values } }, required: [propertyName] };
    return { name, schemas: [{ schema: own }, { schema: choice }] };
  });
  return isNullable(schema) ? [...variants, { name: "null", schemas: [{ schema: { type: "null" } }] }] : variants;
}

function componentName(reference: unknown): string | undefined {
  return /^#\/components\/schemas\/([^/]+)$/.exec(asText(reference))?.[1];
}

/** Merges exclusive limits into `minimum` and `maximum`: `exclusiveMinimum: 1` becomes `minimum: "more than 1"`. */
function withMergedLimits(schema: Mapping): Mapping {
  const { exclusiveMinimum: above, exclusiveMaximum: below, ...others } = withNumericLimits(schema);
  const { minimum, maximum } = others;
  const isAbove = typeof above === "number" && !(typeof minimum === "number" && minimum > above);
  const isBelow = typeof below === "number" && !(typeof maximum === "number" && maximum < below);
  return {
    ...others,
    ...(isAbove && { minimum: `more than ${above}` }),
    ...(isBelow && { maximum: `less than ${below}` }),
  };
}

/** Merges the keywords of schemas that apply together. The outermost text of a keyword is used. */
function keywordsIn(all: readonly Mapping[], isOne: (keyword: string) => boolean): Mapping {
  const found: Mapping = {};
  for (const [keyword, value] of all.flatMap((schema) => Object.entries(schema))) {
    const other = found[keyword];
    if (!isOne(keyword) || value === undefined || value === false) continue;
    if (isWord(keyword)) found[keyword] = other ?? (Array.isArray(value) ? inOrder(value) : value);
    else if (other === undefined || isDeepStrictEqual(other, value)) found[keyword] = value;
    else found[keyword] = inOrder([...new Set([other, value].flat())]);
  }
  return found;
}

function inOrder(list: readonly unknown[]): unknown[] {
  return [...list].sort((a, b) => (asText(a) < asText(b) ? -1 : 1));
}

export function isWord(keyword: string): boolean {
  return WORDS.has(keyword) || keyword.startsWith("x-");
}

export function mappingsIn(list: unknown): Mapping[] {
  return listIn(list).filter(isMapping);
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

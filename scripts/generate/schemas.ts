// Every schema of a description, wherever it stands, and the refusal of those that the outputs could only carry in part.

import { bodyNameOf } from "./bodies.ts";
import { pascalCase } from "./pascal-case.ts";
import { type Description, DescriptionError, isMapping, type Mapping, mappingAt, pointerTo } from "./read.ts";

/** A schema and its place. */
export interface PlacedSchema {
  readonly schema: Mapping;
  /** Where it stands: `#/components/schemas/OAuth2TokenResponse/properties/scope`. */
  readonly pointer: string;
  /** The name that follows from its place; none in parameters, headers and what is only a reference. */
  readonly name: string | undefined;
  /** Whether it is a component or a body, and not within one. */
  readonly isRoot: boolean;
}

/** Where keys are names, not keywords. */
const NAMING = /^#\/components\/[^/]+$|\/(responses|content|headers|callbacks|links)$/;

/** Yields every schema, each before those inside it. */
export function* schemasOf({ document }: Description): Generator<PlacedSchema> {
  const { schemas, ...components } = mappingAt(document, "components");
  for (const [key, schema] of entriesOf(schemas)) {
    yield* within(schema, pointerTo("#/components/schemas", key), pascalCase(key), true);
  }
  yield* elsewhere(components, "#/components", document);
  yield* elsewhere(document["paths"], "#/paths", document);
  yield* elsewhere(document["webhooks"], "#/webhooks", document);
}

/**
 * Refuses what would be carried in part or not at all.
 *
 * @throws {DescriptionError} with the place of each such construct
 */
export function checkSchemas(description: Description): void {
  const problems: string[] = [];
  const refuse = (pointer: string, found: string, expected: string) =>
    problems.push(`${description.locate(pointer)} found ${found}, expected ${expected}`);

  for (const { schema, pointer } of schemasOf(description)) {
    const { $ref } = schema;
    if ($ref !== undefined) {
      if (!/^#\/components\/schemas\/[^/]+$/.test(String($ref))) {
        refuse(`${pointer}/$ref`, String($ref), "#/components/schemas/<name>, or what it refers to written out");
      }
      const isItself = pointer.startsWith(String($ref)) && /^(\/items)+$/.test(pointer.slice(String($ref).length));
      if (isItself) refuse(`${pointer}/$ref`, "a list of itself", "items that TypeScript can name");
      const beside = Object.keys(schema).find((key) => key !== "$ref" && key !== "description");
      if (beside) refuse(pointerTo(pointer, beside), `\`${beside}\` beside a \`$ref\``, "a description at most");
    }
    if (schema["properties"] !== undefined && !typesOf(schema).includes("object")) {
      refuse(`${pointer}/properties`, "`properties` of what is no object", "`type: object`");
    }
  }
  if (problems.length > 0) throw new DescriptionError(problems);
}

/**
 * The types of a schema, as OpenAPI 3.0 and 3.1 write them; `null`, if it is one, comes last. What has properties is meant to be
 * an object. Without any type there is nothing that `nullable` could add to.
 */
export function typesOf({ type, nullable, properties }: Mapping): string[] {
  const types = [type ?? (isMapping(properties) ? "object" : [])].flat().map(String);
  if (types.length === 0) return [];
  const others = types.filter((name) => name !== "null");
  return nullable === true || others.length < types.length ? [...others, "null"] : others;
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function* within(schema: unknown, pointer: string, name: string | undefined, isRoot: boolean): Generator<PlacedSchema> {
  if (!isMapping(schema)) return;
  yield { schema, pointer, name, isRoot };
  for (const [place, inner, suffix] of insideOf(schema)) {
    yield* within(inner, pointer + place, name && name + suffix, false);
  }
}

/** What is inside a schema: its place, and what its name adds to that of the schema. */
export function* insideOf(schema: Mapping): Generator<[place: string, inner: unknown, suffix: string]> {
  const { items, additionalProperties } = schema;
  for (const [key, property] of entriesOf(schema["properties"])) {
    yield [pointerTo("/properties", key), property, pascalCase(key)];
  }
  yield ["/items", items, "Item"];
  yield ["/additionalProperties", additionalProperties, "Value"];
  for (const keyword of ["allOf", "oneOf", "anyOf"]) {
    for (const [index, part] of listAt(schema, keyword).entries()) {
      // The parts of `allOf` are one thing, those of the others are alternatives.
      yield [`/${keyword}/${index}`, part, keyword === "allOf" ? "" : `Option${index + 1}`];
    }
  }
}

/** The parts of a composition. */
export function listAt(schema: Mapping, keyword: string): unknown[] {
  const parts = schema[keyword];
  return Array.isArray(parts) ? parts : [];
}

/** The schemas in operations, and in components of other kinds: those of bodies have names. */
function* elsewhere(node: unknown, pointer: string, document: Mapping): Generator<PlacedSchema> {
  for (const [key, child] of entriesOf(node)) {
    const isName = NAMING.test(pointer);
    if (!isName && (key === "example" || key === "examples" || key.startsWith("x-"))) continue;
    if (key === "schema" && !isName) {
      const isReference = isMapping(child) && "$ref" in child;
      const name = isReference ? undefined : bodyNameOf(pointer, document);
      yield* within(child, `${pointer}/schema`, name, name !== undefined);
    } else yield* elsewhere(child, pointerTo(pointer, key), document);
  }
}

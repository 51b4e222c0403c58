// Finds every schema of a description, and reads the type and limits of a schema in the same way for OpenAPI 3.0 and 3.1.

import { bodyNameOf, pascalCase } from "./bodies.ts";
import type { Description } from "./description.ts";
import { partsOf } from "./keys.ts";
import { asText, isMapping, keysTo, listAt, type Mapping, mappingAt, pointerTo } from "./read.ts";

/** A schema and its place. */
export interface PlacedSchema {
  readonly schema: Mapping;
  /** Its JSON pointer: `#/components/schemas/OAuth2TokenResponse/properties/scope`. */
  readonly pointer: string;
  /** The name derived from its place; `undefined` in parameters, headers and bodies that are only a reference. */
  readonly name: string | undefined;
  /** Whether it is a component or a body itself, not a part of one. */
  readonly isRoot: boolean;
}

/** Yields every schema, parents first. The schemas of components and bodies have names. */
export function* schemasOf({ document }: Description): Generator<PlacedSchema> {
  for (const [key, schema] of Object.entries(mappingAt(document, "components", "schemas"))) {
    yield* within(schema, pointerTo("#/components/schemas", key), pascalCase(key), true);
  }
  for (const { value, pointer, keys } of partsOf(document)) {
    const { schema } = value;
    if (keys !== "keywords" || !isMapping(schema)) continue;
    const name = "$ref" in schema ? undefined : bodyNameOf(pointer, document);
    yield* within(schema, `${pointer}/schema`, name, name !== undefined);
  }
}

/** The extension of an enum to which values may be added at any time, so clients must accept others. */
export const OPEN = "x-extensible-enum";

/** Reports whether all values are strings, so that they can form a constant object. */
export function isEnum(schema: Mapping): boolean {
  const values = listAt(schema, "enum").filter((value) => value !== null);
  return values.length > 0 && values.every((value) => typeof value === "string");
}

/** Reports whether values that an enum does not list are valid too. */
export function isOpen(schema: Mapping): boolean {
  return schema[OPEN] === true;
}

/** Returns a schema with limits in the form of OpenAPI 3.1. In 3.0, `exclusiveMinimum: true` qualifies `minimum`. */
export function withNumericLimits(schema: Mapping): Mapping {
  const result = { ...schema };
  for (const [limit, exclusive] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    if (typeof schema[exclusive] !== "boolean") continue;
    delete result[exclusive];
    if (!schema[exclusive] || schema[limit] === undefined) continue;
    result[exclusive] = schema[limit];
    delete result[limit];
  }
  return result;
}

/**
 * Returns the types of a schema of OpenAPI 3.0 or 3.1; `null` comes last. A schema with properties counts as an object, an open
 * enum of strings as a string. Without a type, `nullable` has no effect.
 */
export function typesOf(schema: Mapping): string[] {
  const { type, nullable, properties } = schema;
  const meant = isMapping(properties) ? "object" : isOpen(schema) && isEnum(schema) ? "string" : [];
  const types = [type ?? meant].flat().map(asText);
  if (types.length === 0) return [];
  const others = types.filter((name) => name !== "null");
  return nullable === true || others.length < types.length ? [...others, "null"] : others;
}

function* within(schema: unknown, pointer: string, name: string | undefined, isRoot: boolean): Generator<PlacedSchema> {
  if (!isMapping(schema)) return;
  yield { schema, pointer, name, isRoot };
  for (const [place, inner, suffix] of subschemasOf(schema)) {
    yield* within(inner, pointer + place, name && name + suffix, false);
  }
}

/** Yields the subschemas of a schema, with their relative pointers and the suffixes for their names. */
export function* subschemasOf(schema: Mapping): Generator<[place: string, inner: unknown, suffix: string]> {
  const { items, additionalProperties } = schema;
  for (const [key, property] of Object.entries(mappingAt(schema, "properties"))) {
    yield [pointerTo("/properties", key), property, pascalCase(key)];
  }
  yield ["/items", items, "Item"];
  yield ["/additionalProperties", additionalProperties, "Value"];
  for (const keyword of ["allOf", "oneOf", "anyOf"]) {
    for (const [index, part] of listAt(schema, keyword).entries()) {
      // The parts of `allOf` form one schema, those of the others are alternatives.
      yield [`/${keyword}/${index}`, part, keyword === "allOf" ? "" : `Option${index + 1}`];
    }
  }
}

/**
 * Yields the pointers of references by which a schema contains itself other than in a field, such as a list of itself.
 * TypeScript cannot express such a type.
 */
export function* circularIn({ document }: Description): Generator<string> {
  const schemas = mappingAt(document, "components", "schemas");
  const done = new Set<string>();
  for (const name of Object.keys(schemas)) yield* visit(pointerTo("#/components/schemas", name), []);

  function* visit(root: string, ancestors: readonly string[]): Generator<string> {
    if (done.has(root)) return;
    const path = [...ancestors, root];
    for (const [pointer, $ref] of directReferences(mappingAt(document, ...keysTo(root)), root)) {
      if (path.includes($ref)) yield pointer;
      else yield* visit($ref, path);
    }
    done.add(root);
  }
}

function* directReferences(schema: unknown, pointer: string): Generator<[pointer: string, $ref: string]> {
  if (!isMapping(schema)) return;
  if (typeof schema["$ref"] === "string") yield [pointer, schema["$ref"]];
  for (const [place, inner] of subschemasOf(schema)) {
    if (!place.startsWith("/properties")) yield* directReferences(inner, pointer + place);
  }
}

// Finds every schema of a description, and what a schema allows.

import { bodyNameOf, pascalCase } from "./bodies.ts";
import type { Description } from "./description.ts";
import { partsOf } from "./keys.ts";
import { asText, isMapping, keysTo, listAt, type Mapping, mappingAt, pointerTo } from "./read.ts";

/** A schema and its place. */
export interface PlacedSchema {
  readonly schema: Mapping;
  /** Its place: `#/components/schemas/OAuth2TokenResponse/properties/scope`. */
  readonly pointer: string;
  /** The name that its place implies. References and schemas in parameters and headers have none. */
  readonly name: string | undefined;
  /** Whether it is a component or a body, not a part of one. */
  readonly isRoot: boolean;
}

/** Yields every schema, each before those inside it. Those of components and bodies have names. */
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

/** The extension of an enum to which values may be added at any time. Clients must accept other values. */
export const OPEN = "x-extensible-enum";

/** Reports whether the values of an enum are texts, so that it gets a constant object. */
export function isEnum(schema: Mapping): boolean {
  const values = listAt(schema, "enum").filter((value) => value !== null);
  return values.length > 0 && values.every((value) => typeof value === "string");
}

/** Reports whether an enum only lists known values, and others are valid, too. */
export function isOpen(schema: Mapping): boolean {
  return schema[OPEN] === true;
}

/** Returns a schema with its limits as in OpenAPI 3.1. In 3.0, `exclusiveMinimum: true` makes `minimum` exclusive. */
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
 * Returns the types of a schema of OpenAPI 3.0 or 3.1, with `null` last. If there is no type, a schema with properties is an
 * object, and an open enum of texts is a string. `nullable` without a type has no effect.
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
  for (const [place, inner, suffix] of insideOf(schema)) {
    yield* within(inner, pointer + place, name && name + suffix, false);
  }
}

/** Yields the schemas inside a schema: the place, and the suffix of the name. */
export function* insideOf(schema: Mapping): Generator<[place: string, inner: unknown, suffix: string]> {
  const { items, additionalProperties } = schema;
  for (const [key, property] of Object.entries(mappingAt(schema, "properties"))) {
    yield [pointerTo("/properties", key), property, pascalCase(key)];
  }
  yield ["/items", items, "Item"];
  yield ["/additionalProperties", additionalProperties, "Value"];
  for (const keyword of ["allOf", "oneOf", "anyOf"]) {
    for (const [index, part] of listAt(schema, keyword).entries()) {
      // The parts of `allOf` form one schema. Those of the others are alternatives.
      yield [`/${keyword}/${index}`, part, keyword === "allOf" ? "" : `Option${index + 1}`];
    }
  }
}

/**
 * Yields the pointers of references by which a schema contains itself, but not in a field, such as a list of itself. TypeScript
 * has no name for such a type.
 */
export function* circularIn({ document }: Description): Generator<string> {
  const schemas = mappingAt(document, "components", "schemas");
  const done = new Set<string>();
  for (const name of Object.keys(schemas)) yield* visit(pointerTo("#/components/schemas", name), []);

  function* visit(root: string, on: readonly string[]): Generator<string> {
    if (done.has(root)) return;
    const way = [...on, root];
    for (const [pointer, $ref] of directReferences(mappingAt(document, ...keysTo(root)), root)) {
      if (way.includes($ref)) yield pointer;
      else yield* visit($ref, way);
    }
    done.add(root);
  }
}

function* directReferences(schema: unknown, pointer: string): Generator<[pointer: string, $ref: string]> {
  if (!isMapping(schema)) return;
  if (typeof schema["$ref"] === "string") yield [pointer, schema["$ref"]];
  for (const [place, inner] of insideOf(schema)) {
    if (!place.startsWith("/properties")) yield* directReferences(inner, pointer + place);
  }
}

// Every schema of a description, wherever it stands.

import { bodyNameOf, pascalCase } from "./bodies.ts";
import type { Description } from "./description.ts";
import { partsOf } from "./keys.ts";
import { isMapping, keysTo, listAt, type Mapping, mappingAt, pointerTo } from "./read.ts";

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
  for (const [key, property] of Object.entries(mappingAt(schema, "properties"))) {
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

/**
 * Finds the references by which a schema is itself outside of any field, such as a list of itself: TypeScript cannot name its type.
 * Yields their pointers.
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

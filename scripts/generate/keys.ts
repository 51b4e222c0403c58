// Distinguishes keywords, names and data in a description: a field may be called `example`, a header `x-request-id`, and
// examples and extensions contain no references. What a keyword means is not decided here.

import { isMapping, type Mapping, pointerTo } from "./read.ts";

/** The kind of the keys of a mapping. */
export type Keys = "keywords" | "names" | "data";

/** The keywords whose mappings have names as keys. */
export const NAMING: ReadonlySet<string> = new Set([
  ...["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"],
  ...["schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links"],
  ...["callbacks", "pathItems", "content", "encoding", "variables", "scopes", "webhooks"],
]);

/**
 * Keywords that contain data. A security requirement is data, too: its keys are names of schemes, its values lists of scopes.
 */
const DATA = new Set(["example", "default", "enum", "const", "value", "security"]);

/** Returns the kind of the keys of `inner`, the value of `key` in a mapping whose keys are of the kind `keys`. */
export function keysIn(key: string, inner: unknown, keys: Keys): Keys {
  if (keys === "names") return "keywords";
  if (keys === "data" || DATA.has(key) || key.startsWith("x-")) return "data";
  // In a schema, `examples` is a list; elsewhere it is a mapping by name.
  if (key === "examples" && Array.isArray(inner)) return "data";
  return NAMING.has(key) && isMapping(inner) ? "names" : "keywords";
}

/** A mapping within a description. */
export interface Part {
  readonly value: Mapping;
  readonly pointer: string;
  readonly keys: Keys;
}

/** Yields every mapping of a description, parents first. */
export function* partsOf(value: unknown, pointer = "#", keys: Keys = "keywords"): Generator<Part> {
  if (isMapping(value)) yield { value, pointer, keys };
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* partsOf(inner, pointerTo(pointer, key), Array.isArray(value) ? keys : keysIn(key, inner, keys));
  }
}

/** Returns a copy without references in data, which tools would follow to any host or file. */
export function withoutDataReferences(value: unknown, keys: Keys = "keywords"): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutDataReferences(item, keys));
  if (!isMapping(value)) return value;
  const entries = Object.entries(value).filter(
    ([key]) => keys === "names" || (key !== "externalValue" && (keys !== "data" || key !== "$ref")),
  );
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, withoutDataReferences(inner, keysIn(key, inner, keys))]),
  );
}

// Distinguishes the keywords of a description from the names in it, and both from data: a field may well be called `example`, a
// header `x-request-id`, and nothing in an example or an extension is a reference.

import { isMapping, type Mapping, pointerTo } from "./read.ts";

/** What the keys of a mapping are. */
export type Keys = "keywords" | "names" | "data";

/** The keywords whose mappings have names for keys. */
export const NAMING: ReadonlySet<string> = new Set([
  ...["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"],
  ...["schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links"],
  ...["callbacks", "pathItems", "content", "encoding", "variables", "scopes", "webhooks"],
]);

/** The keywords that hold data. The keys of a security requirement are names of schemes, their values lists of scopes. */
const DATA = new Set(["example", "default", "enum", "const", "value", "security"]);

/** What the keys of `inner` are, which is at `key` of a mapping with such keys. */
export function keysIn(key: string, inner: unknown, keys: Keys): Keys {
  if (keys === "names") return "keywords";
  if (keys === "data" || DATA.has(key) || key.startsWith("x-")) return "data";
  // A schema lists its examples, everything else names them.
  if (key === "examples" && Array.isArray(inner)) return "data";
  return NAMING.has(key) && isMapping(inner) ? "names" : "keywords";
}

/** A mapping within a description. */
export interface Part {
  readonly value: Mapping;
  readonly pointer: string;
  readonly keys: Keys;
}

/** Yields every mapping of a description, each before those inside it. */
export function* partsOf(value: unknown, pointer = "#", keys: Keys = "keywords"): Generator<Part> {
  if (isMapping(value)) yield { value, pointer, keys };
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* partsOf(inner, pointerTo(pointer, key), Array.isArray(value) ? keys : keysIn(key, inner, keys));
  }
}

/** A copy in which no tool finds anything in data that it would follow, to any host or file. */
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

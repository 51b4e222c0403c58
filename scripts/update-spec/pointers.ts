// Finds the parts of a description.

import { isMapping, type Mapping } from "../generate/read.ts";
import { shown, UpdateError } from "./errors.ts";

/** The keys of a pointer in a URI fragment (RFC 6901 §6). */
export function keysOf(pointer: string): string[] {
  try {
    const [root, ...keys] = decodeURIComponent(pointer).split("/");
    if (root === "#" && keys.length > 0) return keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  } catch {
    // As what has no keys.
  }
  throw new UpdateError(`${shown(pointer)}: is no pointer into the description`);
}

/** The mapping that these keys lead to, or one without entries. */
export function mappingAt<T = unknown>(value: unknown, ...keys: string[]): { [key: string]: T } {
  const inner = keys.reduce<unknown>((parent, key) => (isMapping(parent) ? parent[key] : undefined), value);
  return (isMapping(inner) ? inner : {}) as { [key: string]: T };
}

/** The path items. One that is referred to (OpenAPI 3.1) is read where it stands. */
export function pathItemsIn(document: unknown): [path: string, item: Mapping][] {
  return Object.entries(mappingAt<Mapping>(document, "paths")).map(([path, item]) => {
    const { $ref, ...own } = item;
    return [path, typeof $ref === "string" ? { ...mappingAt(document, ...keysOf($ref)), ...own } : item];
  });
}

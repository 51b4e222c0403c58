// Finds the parts of a description.

import { type Mapping, mappingAt, unescaped } from "../generate/read.ts";
import { shown, UpdateError } from "./errors.ts";

/** The keys of a pointer in a URI fragment (RFC 6901 §6). */
export function keysOf(pointer: string): string[] {
  try {
    const [root, ...keys] = decodeURIComponent(pointer).split("/");
    if (root === "#" && keys.length > 0) return keys.map(unescaped);
  } catch {
    // As what has no keys.
  }
  throw new UpdateError(`${shown(pointer)}: is no pointer into the description`);
}

/** The path items. One that is referred to (OpenAPI 3.1) is read where it stands. */
export function pathItemsIn(document: unknown): [path: string, item: Mapping][] {
  return Object.entries(mappingAt<Mapping>(document, "paths")).map(([path, item]) => {
    const { $ref, ...own } = item;
    return [path, typeof $ref === "string" ? { ...mappingAt(document, ...keysOf($ref)), ...own } : item];
  });
}

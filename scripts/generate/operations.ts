// The operations of a description.

import { isMapping, type Mapping, mappingAt, pointerTo, resolved } from "./read.ts";

export const METHODS: readonly string[] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: Mapping;
  /** What holds it, and what the operations of a path have in common. */
  readonly item: Mapping;
  /** Where that stands: at its path, or at what this refers to. */
  readonly itemPointer: string;
  readonly pointer: string;
}

/** Yields every operation, in the order of paths and methods. */
export function* operationsIn(document: Mapping): Generator<Operation> {
  for (const [path, own] of Object.entries(mappingAt(document, "paths"))) {
    const item = resolved(document, own);
    const { $ref } = mappingAt(own);
    const itemPointer = typeof $ref === "string" ? $ref : pointerTo("#/paths", path);
    for (const method of METHODS) {
      const operation = item[method];
      if (!isMapping(operation)) continue;
      yield { path, method, operation, item, itemPointer, pointer: `${itemPointer}/${method}` };
    }
  }
}

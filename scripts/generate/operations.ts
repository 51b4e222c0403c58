// Finds the operations of a description.

import { isMapping, type Mapping, mappingAt, pointerTo, resolved } from "./read.ts";

export const METHODS: readonly string[] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: Mapping;
  /** The path item, with what the operations of a path share. */
  readonly item: Mapping;
  /** The place of the path item: at its path, or at the target of its reference. */
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

// Lists the operations of a description. What an operation means is not decided here.

import { isMapping, type Mapping, mappingAt, pointerTo, resolved } from "./read.ts";

export const METHODS: readonly string[] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: Mapping;
  /** The path item, with the parameters that all operations of the path share. */
  readonly item: Mapping;
  /** The JSON pointer of the path item, after its reference, if it has one. */
  readonly itemPointer: string;
  readonly pointer: string;
}

/** Yields every operation, ordered by path and method. */
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

// Applies an OpenAPI Overlay 1.0: what we add to the provider's text.

import { type JSONValue, jsonpath } from "json-p3";
import { isMapping, type Mapping } from "../generate/read.ts";
import { UpdateError } from "./load.ts";

/** Applies the actions of an overlay in order: what they target is removed, or merged with what they hold. */
export function applyOverlay(overlay: Mapping, document: Mapping): void {
  for (const { target, update, remove } of (overlay["actions"] ?? []) as Mapping[]) {
    const nodes = [...jsonpath.query(String(target), document as JSONValue)];
    if (nodes.length === 0 && !remove) throw new UpdateError(`openapi.overlay.yaml: ${target} targets nothing`);
    for (const { value, location } of nodes) {
      if (remove) removeAt(document, location);
      else merge(value, update);
    }
  }
}

function removeAt(document: Mapping, location: readonly (string | number)[]): void {
  const parent = location.slice(0, -1).reduce<Mapping>((value, key) => value[key] as Mapping, document);
  delete parent[location.at(-1) ?? ""];
}

/** Overlay 1.0 §4.4.3: members are merged, items of arrays are appended. */
function merge(target: unknown, update: unknown): void {
  if (Array.isArray(target)) target.push(update);
  if (!isMapping(target) || !isMapping(update)) return;
  for (const [key, value] of Object.entries(update)) {
    if (isMapping(target[key]) && isMapping(value)) merge(target[key], value);
    else if (Array.isArray(target[key]) && Array.isArray(value))
      target[key] = [...(target[key] as unknown[]), ...value];
    else target[key] = value;
  }
}

// Follows references, and finds those that lead nowhere.

import { partsOf } from "./keys.ts";
import { isMapping, keysTo } from "./read.ts";

/** The target of a reference, or why it has none. */
export interface Target {
  readonly value?: unknown;
  readonly reason?: string;
}

/**
 * Follows a reference, and the references that its target consists of.
 *
 * @param on - The references that led here
 * @param visit - Called with each reference that is followed
 */
export function targetOf(
  reference: string,
  document: unknown,
  on: readonly string[] = [],
  visit?: (reference: string) => void,
): Target {
  visit?.(reference);
  if (on.includes(reference)) return { reason: "refers to itself" };
  if (!reference.startsWith("#")) {
    return { reason: "leads out of the description; bundle its files first: npx -y @redocly/cli bundle" };
  }
  if (!reference.startsWith("#/")) return { reason: "is not a pointer into the description" };
  const way = [...on, reference];
  let value: unknown = document;
  for (const key of keysTo(reference)) {
    const next = follow(value, document, way, visit);
    if (next.reason !== undefined) return next;
    if (typeof next.value !== "object" || next.value === null || !Object.hasOwn(next.value, key)) {
      return { reason: "leads to nothing" };
    }
    value = (next.value as { [key: string]: unknown })[key];
  }
  return { value };
}

/** Returns a value, or the final target of its reference. */
function follow(value: unknown, document: unknown, on: readonly string[], visit?: (reference: string) => void): Target {
  if (!isMapping(value) || typeof value["$ref"] !== "string") return { value };
  const target = targetOf(value["$ref"], document, on, visit);
  return target.reason === undefined ? follow(target.value, document, [...on, value["$ref"]], visit) : target;
}

/** Yields every reference that leads nowhere, with its pointer and the reason. */
export function* danglingIn(document: unknown): Generator<[pointer: string, reference: string, reason: string]> {
  for (const { value, pointer, keys } of partsOf(document)) {
    if (keys !== "keywords" || typeof value["$ref"] !== "string") continue;
    const { reason } = follow(value, document, []);
    if (reason !== undefined) yield [`${pointer}/$ref`, value["$ref"], reason];
  }
}

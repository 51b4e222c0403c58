// Follows the references of a description and finds those that lead nowhere. Only references within the file are followed.

import { partsOf } from "./keys.ts";
import { isMapping, keysTo } from "./read.ts";

/** The value that a reference leads to, or the reason why it leads nowhere. */
export interface Target {
  readonly value?: unknown;
  readonly reason?: string;
}

/**
 * Follows a reference, and the references on its path.
 *
 * @param seen - The references followed so far
 * @param visit - Called with each reference that is followed
 */
export function targetOf(
  reference: string,
  document: unknown,
  seen: readonly string[] = [],
  visit?: (reference: string) => void,
): Target {
  visit?.(reference);
  if (seen.includes(reference)) return { reason: "refers to itself" };
  if (!reference.startsWith("#")) {
    return { reason: "leads out of the description; bundle its files first: npx -y @redocly/cli bundle" };
  }
  if (!reference.startsWith("#/")) return { reason: "is not a pointer into the description" };
  const path = [...seen, reference];
  let value: unknown = document;
  for (const key of keysTo(reference)) {
    const next = follow(value, document, path, visit);
    if (next.reason !== undefined) return next;
    if (typeof next.value !== "object" || next.value === null || !Object.hasOwn(next.value, key)) {
      return { reason: "leads to nothing" };
    }
    value = (next.value as { [key: string]: unknown })[key];
  }
  return { value };
}

/** Returns the value itself or, if it is a reference, the value that it finally leads to. */
function follow(value: unknown, document: unknown, seen: readonly string[], visit?: (to: string) => void): Target {
  if (!isMapping(value) || typeof value["$ref"] !== "string") return { value };
  const target = targetOf(value["$ref"], document, seen, visit);
  return target.reason === undefined ? follow(target.value, document, [...seen, value["$ref"]], visit) : target;
}

/** Yields every reference that leads nowhere, with its JSON pointer and the reason. */
export function* danglingIn(document: unknown): Generator<[pointer: string, reference: string, reason: string]> {
  for (const { value, pointer, keys } of partsOf(document)) {
    if (keys !== "keywords" || typeof value["$ref"] !== "string") continue;
    const { reason } = follow(value, document, []);
    if (reason !== undefined) yield [`${pointer}/$ref`, value["$ref"], reason];
  }
}

// Applies an OpenAPI Overlay 1.0, which contains our additions to the provider's description.

import { type JSONPathNodeList, type JSONValue, jsonpath } from "json-p3";
import { InputError } from "../command.ts";
import { asText, isMapping, type Mapping, type Parsed } from "../generate/read.ts";

/**
 * Applies the actions of an overlay in order. An action removes its targets or merges its update into them.
 *
 * @throws {InputError} if it is not an overlay, a target is not a JSONPath, or an update has no target, though the
 *   specification allows it
 */
export function applyOverlay({ value: overlay, locate }: Parsed<unknown>, document: Mapping): void {
  const actions = isMapping(overlay) ? overlay["actions"] : undefined;
  if (!Array.isArray(actions))
    throw new InputError(`${locate("#/")} found no actions, expected an OpenAPI Overlay 1.0`);
  const problems: string[] = [];
  for (const [index, action] of actions.entries()) {
    const { target, update, remove } = isMapping(action) ? action : {};
    const found = find(asText(target), document);
    if (typeof found === "string") problems.push(`${locate(`#/actions/${index}`)} ${target} ${found}`);
    else if (found.length === 0 && !remove) problems.push(`${locate(`#/actions/${index}`)} ${target} targets nothing`);
    else {
      // In reverse order, because removing an item moves the items after it.
      for (const { value, location } of [...found].reverse()) {
        if (remove) removeAt(document, location);
        else merge(value, update);
      }
    }
  }
  if (problems.length > 0) throw new InputError(problems);
}

function find(target: string, document: Mapping): JSONPathNodeList | string {
  try {
    return jsonpath.query(target, document as JSONValue);
  } catch (error) {
    return `is not a JSONPath (${(error as Error).message})`;
  }
}

function removeAt(document: Mapping, location: readonly (string | number)[]): void {
  const parent = location.slice(0, -1).reduce<unknown>((value, key) => (value as Mapping)[key], document);
  const key = location.at(-1) ?? "";
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete (parent as Mapping)[key];
}

/**
 * Merges members and appends items to arrays (Overlay 1.0 §4.4.3). A mapping with a `$ref` is replaced, not merged.
 */
function merge(target: unknown, update: unknown): void {
  if (Array.isArray(target)) target.push(structuredClone(update));
  if (!isMapping(target) || !isMapping(update)) return;
  for (const [key, value] of Object.entries(update)) {
    const present = target[key];
    if (isMapping(present) && isMapping(value) && !("$ref" in { ...present, ...value })) merge(present, value);
    else if (Array.isArray(present) && Array.isArray(value)) target[key] = [...present, ...value];
    else target[key] = structuredClone(value);
  }
}

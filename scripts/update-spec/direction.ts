// Finds out which parts of a description are in responses and which in requests. A component may be in both.

import { isMapping, mappingAt } from "../generate/read.ts";
import { keywordsIn, NAMING } from "./keys.ts";
import { keysOf, pathItemsIn } from "./pointers.ts";

/** Whether what is under these keywords is in responses. */
const DIRECTIONS: ReadonlyMap<string, boolean> = new Map([
  ["responses", true],
  ["requestBody", false],
  ["parameters", false],
]);

export interface Directions {
  readonly inResponse: boolean;
  readonly inRequest: boolean;
}

/** Returns a function from a pointer to a part, and the place from which a reference leads there, to its directions. */
export function directionsIn(documents: readonly unknown[]): (pointer: string, place: string) => Directions {
  const inResponses = new Set(documents.flatMap((document) => [...componentsIn(document, true)]));
  const inRequests = new Set(documents.flatMap((document) => [...componentsIn(document, false)]));
  return (pointer, place) => {
    const component = pointer.split("/").slice(0, 4).join("/");
    if (inResponses.has(component) || inRequests.has(component)) {
      return { inResponse: inResponses.has(component), inRequest: inRequests.has(component) };
    }
    const inResponse = keywordsIn(place).includes("responses");
    return { inResponse, inRequest: !inResponse };
  };
}

/** Pointers to the components in responses, or else those in requests. */
function componentsIn(document: unknown, ofResponses: boolean): Set<string> {
  const found = new Set<string>();
  for (const [, item] of pathItemsIn(document)) collect(item, undefined);
  // One may add others, which this loop visits as well.
  for (const pointer of found) collect(mappingAt(document, ...keysOf(pointer)), ofResponses);
  return found;

  function collect(value: unknown, inResponse: boolean | undefined, isNames = false): void {
    if (Array.isArray(value)) for (const item of value) collect(item, inResponse);
    if (!isMapping(value)) return;
    if (!isNames && typeof value["$ref"] === "string" && inResponse === ofResponses) found.add(value["$ref"]);
    for (const [key, inner] of Object.entries(value)) {
      collect(inner, isNames ? inResponse : (DIRECTIONS.get(key) ?? inResponse), !isNames && NAMING.has(key));
    }
  }
}

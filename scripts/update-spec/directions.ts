// Tells which parts of a description are in answers and which in requests: a component may be in both.

import { isMapping, mappingAt } from "../generate/read.ts";
import { keywordsIn, NAMING } from "./keys.ts";
import { keysOf, pathItemsIn } from "./pointers.ts";

/** Whether what stands there is in answers. */
const DIRECTIONS: ReadonlyMap<string, boolean> = new Map([
  ["responses", true],
  ["requestBody", false],
  ["parameters", false],
]);

export interface Directions {
  readonly inAnswer: boolean;
  readonly inRequest: boolean;
}

/** Gives a function that tells of a pointer to a part, and of the place from which a reference led there, in which direction it goes. */
export function directionsIn(documents: readonly unknown[]): (pointer: string, place: string) => Directions {
  const inAnswers = new Set(documents.flatMap((document) => [...componentsIn(document, true)]));
  const inRequests = new Set(documents.flatMap((document) => [...componentsIn(document, false)]));
  return (pointer, place) => {
    const component = pointer.split("/").slice(0, 4).join("/");
    if (inAnswers.has(component) || inRequests.has(component)) {
      return { inAnswer: inAnswers.has(component), inRequest: inRequests.has(component) };
    }
    const inAnswer = keywordsIn(place).includes("responses");
    return { inAnswer, inRequest: !inAnswer };
  };
}

/** Pointers to the components that answers hold, or else that requests do. */
function componentsIn(document: unknown, ofAnswers: boolean): Set<string> {
  const found = new Set<string>();
  for (const [, item] of pathItemsIn(document)) collect(item, undefined);
  // One may add others, which this loop comes to as well.
  for (const pointer of found) collect(mappingAt(document, ...keysOf(pointer)), ofAnswers);
  return found;

  function collect(value: unknown, inAnswer: boolean | undefined, isNames = false): void {
    if (Array.isArray(value)) for (const item of value) collect(item, inAnswer);
    if (!isMapping(value)) return;
    if (!isNames && typeof value["$ref"] === "string" && inAnswer === ofAnswers) found.add(value["$ref"]);
    for (const [key, inner] of Object.entries(value)) {
      collect(inner, isNames ? inAnswer : (DIRECTIONS.get(key) ?? inAnswer), !isNames && NAMING.has(key));
    }
  }
}

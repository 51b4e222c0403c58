// Names the bodies that have no schema with a name: after their operation, as in `RetrieveTokenRequest`.

import { pascalCase } from "./pascal-case.ts";
import { keysTo, type Mapping, mappingAt } from "./read.ts";

/** The name of a body, of which a media type is at the pointer; none for what else has media types, such as a parameter. */
export function bodyNameOf(pointer: string, document: Mapping): string | undefined {
  const keys = keysTo(pointer);
  const [place, mediaType = ""] = [keys.slice(0, -2), keys.at(-1)];
  const [name, suffix] = nameAndSuffixOf(place, document);
  if (name === undefined || suffix === undefined) return undefined;
  const isOnly = Object.keys(mappingAt(document, ...place, "content")).length === 1;
  // `Form` rather than `XWwwFormUrlencoded`.
  const [, subtype = ""] = /\/(?:x-www-)?(form|[^;]*)/.exec(mediaType) ?? [];
  const type = isOnly || mediaType === "application/json" ? "" : pascalCase(subtype);
  return pascalCase(name) + suffix + type;
}

function nameAndSuffixOf(place: readonly string[], document: Mapping): [name?: string, suffix?: string] {
  const [root, components, component = ""] = place;
  if (root === "components" && place.length === 3) {
    if (components === "requestBodies") return [component.replace(/Request$/, ""), "Request"];
    return components === "responses" ? [component.replace(/Response$/, ""), "Response"] : [];
  }
  if (place.at(-1) === "requestBody") return [operationAt(place.slice(0, -1), document), "Request"];
  const status = place.at(-1) === "200" ? "" : pascalCase(place.at(-1) ?? "");
  return place.at(-2) === "responses" ? [operationAt(place.slice(0, -2), document), `Response${status}`] : [];
}

/** The id of an operation, or its method and path. */
function operationAt(keys: readonly string[], document: Mapping): string {
  return String(mappingAt(document, ...keys)["operationId"] ?? keys.slice(-2).reverse().join(" "));
}

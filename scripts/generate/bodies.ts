// The bodies of requests and responses: their fields, and names for bodies whose schema has no name.

import { asText, keysTo, listAt, type Mapping, mappingAt, resolved } from "./read.ts";

/** `token_type` → `TokenType`, `OAuth2TokenResponse` → `OAuth2TokenResponse`. */
export function pascalCase(words: string): string {
  return words.replace(/(?:^[^A-Za-z0-9]*|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_, first: string) => first.toUpperCase());
}

/** The fields of a body, of all its parts. Of alternatives, the one for client credentials counts, or else the first. */
export interface Fields {
  readonly properties: Mapping;
  readonly required: readonly unknown[];
}

export function fieldsIn(document: Mapping, schema: unknown, depth = 0): Fields {
  if (depth > 20) return { properties: {}, required: [] };
  const own = resolved(document, schema);
  const partsOf = (keyword: string) => listAt(own, keyword).map((part) => fieldsIn(document, part, depth + 1));
  const alternatives = [...partsOf("oneOf"), ...partsOf("anyOf")];
  const isFit = ({ properties }: Fields) =>
    JSON.stringify(resolved(document, properties["grant_type"])).includes("client_credentials");
  const chosen = alternatives.find(isFit) ?? alternatives[0];
  const parts = [...partsOf("allOf"), ...(chosen ? [chosen] : [])];
  return {
    properties: Object.assign({}, ...parts.map(({ properties }) => properties), mappingAt(own, "properties")),
    required: [...parts.flatMap(({ required }) => required), ...listAt(own, "required")],
  };
}

/** Returns the name of the body whose media type is at the pointer, or `undefined` if it is not a body, such as a parameter. */
export function bodyNameOf(pointer: string, document: Mapping): string | undefined {
  const keys = keysTo(pointer);
  const [place, mediaType = ""] = [keys.slice(0, -2), keys.at(-1)];
  const [name, suffix] = nameAndSuffixOf(place, document);
  if (name === undefined || suffix === undefined || keys.at(-2) !== "content") return undefined;
  const isOnly = Object.keys(mappingAt(document, ...place, "content")).length === 1;
  // `Form` rather than `XWwwFormUrlencoded`.
  const [, subtype = ""] = /\/(?:x-www-)?(form(?=-urlencoded)|[^;]*)/.exec(mediaType) ?? [];
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

/** Returns the id of an operation, or its method and path. */
function operationAt(keys: readonly string[], document: Mapping): string {
  return asText(mappingAt(document, ...keys)["operationId"] ?? keys.slice(-2).reverse().join(" "));
}

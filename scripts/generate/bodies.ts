// Finds the fields of request and response bodies, and names the bodies whose schema is inline.

import { asText, keysTo, listAt, type Mapping, mappingAt, resolved } from "./read.ts";

/** Joins words in PascalCase: `token_type` → `TokenType`, `OAuth2TokenResponse` → `OAuth2TokenResponse`. */
export function pascalCase(words: string): string {
  return words.replace(/(?:^[^A-Za-z0-9]*|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_, first: string) => first.toUpperCase());
}

export interface Fields {
  readonly properties: Mapping;
  readonly required: readonly unknown[];
}

/** Collects the fields of all parts of a body. Of alternatives, only the one for client credentials or the first counts. */
export function fieldsIn(document: Mapping, schema: unknown, depth = 0): Fields {
  if (depth > 20) return { properties: {}, required: [] };
  const own = resolved(document, schema);
  const partsOf = (keyword: string) => listAt(own, keyword).map((part) => fieldsIn(document, part, depth + 1));
  const alternatives = [...partsOf("oneOf"), ...partsOf("anyOf")];
  const isForClientCredentials = ({ properties }: Fields) =>
    JSON.stringify(resolved(document, properties["grant_type"])).includes("client_credentials");
  const chosen = alternatives.find(isForClientCredentials) ?? alternatives[0];
  const parts = [...partsOf("allOf"), ...(chosen ? [chosen] : [])];
  return {
    properties: Object.assign({}, ...parts.map(({ properties }) => properties), mappingAt(own, "properties")),
    required: [...parts.flatMap(({ required }) => required), ...listAt(own, "required")],
  };
}

/** Returns a name for the body whose media type is at `pointer`; `undefined` for parameters, headers and the like. */
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
  if (place.at(-1) === "requestBody") return [operationNameAt(place.slice(0, -1), document), "Request"];
  const status = place.at(-1) === "200" ? "" : pascalCase(place.at(-1) ?? "");
  return place.at(-2) === "responses" ? [operationNameAt(place.slice(0, -2), document), `Response${status}`] : [];
}

/** Returns the id of an operation or, without one, its method and path. */
function operationNameAt(keys: readonly string[], document: Mapping): string {
  return asText(mappingAt(document, ...keys)["operationId"] ?? keys.slice(-2).reverse().join(" "));
}

// Distinguishes the keywords of a description from the names in it: a field may well be called `example`, a header `x-request-id`.

/** The keywords whose mappings have names for keys. */
export const NAMING: ReadonlySet<string> = new Set([
  ...["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"],
  ...["schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links"],
  ...["callbacks", "pathItems", "content", "encoding", "variables", "scopes"],
]);

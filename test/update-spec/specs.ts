// The description of the fixture as a provider might change it.

import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";

// biome-ignore lint/suspicious/noExplicitAny: tests change any part of a description.
export type Spec = any;

export const TEXT: string = readFileSync("test/fixture/openapi.yaml", "utf8");

const SPEC: Spec = parse(TEXT);

export function changed(change: (spec: Spec) => unknown, from: Spec = SPEC): string {
  const spec = structuredClone(from);
  change(spec);
  return stringify(spec, { aliasDuplicateObjects: false });
}

export function schemaOf(spec: Spec, name: string): Spec {
  return spec.components.schemas[name];
}

export function operationOf(spec: Spec, path: string): Spec {
  return Object.values(spec.paths[path])[0];
}

/** The fields of the token response. */
export function response(spec: Spec): Spec {
  return schemaOf(spec, "OAuth2TokenResponse").properties;
}

export function scopes(spec: Spec): Spec {
  return spec.components.securitySchemes.OAuth2.flows.clientCredentials.scopes;
}

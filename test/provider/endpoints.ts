// The endpoint table, whatever it holds: a description may lack some endpoints, and paths may have parameters.

import * as table from "../../src/generated/endpoints.ts";
import type { Endpoint } from "../../src/token-request/endpoint.ts";
import { PARAMETERS } from "./ours/facts.ts";

export const ENDPOINTS: { readonly [Name in keyof typeof table]: Endpoint | undefined } = table;

/** The option that leads a client to the token endpoint of the provider at a URL. */
export function tokenEndpointAt(baseUrl: string): { readonly baseUrl: string } | { readonly tokenUrl: string } {
  const { path } = ENDPOINTS.tokenEndpoint ?? { path: "/token" };
  if (ENDPOINTS.tokenEndpoint && !path.includes("{")) return { baseUrl };
  return { tokenUrl: baseUrl + filled(path) };
}

/** A path with values for its parameters; where none are known, with their names. */
export function filled(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => PARAMETERS[name] ?? name);
}

// The endpoint table, whatever it holds: a description may lack some endpoints.

import * as table from "../../src/generated/endpoints.ts";
import type { Endpoint } from "../../src/token-request/endpoint.ts";

export const ENDPOINTS: { readonly [Name in keyof typeof table]: Endpoint | undefined } = table;

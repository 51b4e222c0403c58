// What programs need to know about the provider and cannot read in its description. Another provider has other facts.

import * as checks from "../../../src/generated/schemas.ts";

/** A scope that a client may have. */
export const SCOPE = "enterprise.company";

/** A path that returns 200 to a GET with any valid token. */
export const RESOURCE = "/oauth2/token/info";

/** Values for the parameters of the endpoints' paths, by name, such as `{ realm: "acme" }`. */
export const PARAMETERS: { readonly [name: string]: string } = {};

/** The checks of what the endpoints return, by role. What has none is not compared. */
export const CHECKS: { readonly [role: string]: checks.Checked<unknown> } = {
  token: checks.OAuth2TokenResponseSchema,
  info: checks.OAuth2TokenInfoSchema,
  introspection: checks.OAuth2IntrospectResponseSchema,
  revocation: checks.RevokeAccessTokenResponseSchema,
};

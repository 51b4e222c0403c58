// The public surface. Left out on purpose: how answers are read (`answer.ts`).

export {
  type ClientCredentials,
  type EndpointOptions,
  type IntrospectOptions,
  introspectToken,
  type RevokeOptions,
  requestToken,
  revokeToken,
  type TokenInfoOptions,
  type TokenRequestOptions,
  tokenInfo,
} from "./client.ts";
export { TokenRequestError, TokenResponseError } from "./errors.ts";
export {
  type Expiring,
  type ExpiryOptions,
  expiresAt,
  expiresIn,
  isExpired,
  type LeewayOptions,
  type MomentOptions,
} from "./expiry.ts";
export type { components, operations, paths } from "./generated/openapi.ts";
// Whole, as the one exception: a schema that the description adds needs no line here.
export * from "./generated/schemas.ts";
export { AccessToken, type AccessTokenOptions } from "./token.ts";

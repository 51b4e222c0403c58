// The public surface. Left out on purpose: how answers are read, and how a source retries and decides.

export {
  type BearerFetchOptions,
  type BearerOptions,
  bearer,
  bearerFetch,
  ReplayableRequest,
} from "./bearer.ts";
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
export type { Clock } from "./clock.ts";
export { TokenRequestError, TokenResponseError, TokenTimeoutError } from "./errors.ts";
export type { TokenError, TokenEvent } from "./events.ts";
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
export type { TokenFunctionOptions } from "./grant.ts";
export {
  createTokenSource,
  type FreshnessOptions,
  type TokenSource,
  type TokenSourceOptions,
} from "./source.ts";
export { memoryStore, type StoredValue, type TokenStore } from "./store.ts";
export { AccessToken, type AccessTokenOptions, type PublicTokenResponse } from "./token.ts";

// The public API of the main entry point. Left out on purpose: how responses are read, how a source retries and
// decides, and the exports of the other entry points (`/openapi-fetch`, `/redis`, `/schemas`, `/testing`).

export {
  AccessToken,
  type AccessTokenOptions,
  type AnyTokenResponse,
  type PublicTokenResponse,
} from "./access-token.ts";
export { type BearerFetchOptions, type BearerOptions, bearerFetch } from "./bearer-fetch/bearer-fetch.ts";
export type { AnyTokenSource } from "./bearer-fetch/recovery.ts";
export { ReplayableRequest } from "./bearer-fetch/replayable-request.ts";
export { type TokenError, TokenRequestError, TokenResponseError, TokenTimeoutError } from "./errors.ts";
export {
  type Expiring,
  type ExpiryOptions,
  expiresAt,
  isExpired,
  type LeewayOptions,
  type MomentOptions,
  remainingSeconds,
} from "./expiry.ts";
export type { IntrospectionResponse, Scope, TokenInfo, TokenResponse } from "./generated/endpoints.ts";
export type { components, operations, paths } from "./generated/openapi.ts";
// The only `export *`: a schema that the description adds needs no new line here.
export * from "./generated/types.ts";
export { memoryStore } from "./store/memory.ts";
export { type SharedStore, share } from "./store/share.ts";
export type { StoredValue, TokenStore } from "./store/token-store.ts";
export type { Clock } from "./time/clock.ts";
export type {
  ClientAuthentication,
  ClientCredentials,
  Fields,
  ProviderOptions,
  SendOptions,
} from "./token-request/endpoint.ts";
export { getTokenInfo, introspectToken, requestToken, revokeToken } from "./token-request/token-request.ts";
export type {
  GrantOptions,
  IntrospectOptions,
  ProviderGrantOptions,
  RevokeOptions,
  TokenInfoOptions,
  TokenIntrospection,
  TokenRequestOptions,
  UrlGrantOptions,
  UrlIntrospectOptions,
} from "./token-request/token-request-options.ts";
export type { TokenEvent } from "./token-source/events.ts";
export type { TokenFunctionOptions } from "./token-source/token-requester.ts";
export { createTokenSource } from "./token-source/token-source.ts";
export type {
  GetOptions,
  RefreshOptions,
  TokenSource,
  TokenSourceOptions,
  WaitUntil,
} from "./token-source/token-source-options.ts";

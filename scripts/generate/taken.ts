// Names that the generator must not give to a schema, because they already mean something else in programs.

/** Globals of ECMAScript, TypeScript and the Web. The list is fixed, so that names do not depend on the version of Node. */
const GLOBALS = `
  AbortController AbortSignal AggregateError Array ArrayBuffer Atomics Awaited BigInt BigInt64Array BigUint64Array
  Blob Boolean BroadcastChannel Buffer ByteLengthQueuingStrategy Capitalize CompressionStream
  ConstructorParameters CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DataView Date
  DecompressionStream Element Error EvalError Event EventTarget Exclude Extract File FinalizationRegistry
  Float32Array Float64Array FormData Function Generator Headers Infinity Int16Array Int32Array Int8Array Intl
  Iterator JSON Location Map Math MediaSource MessageChannel MessageEvent MessagePort NaN Navigator NoInfer Node
  NonNullable Number Object Omit Parameters Partial Pick Promise Proxy RangeError ReadableStream Readonly Record
  ReferenceError Reflect RegExp Request Required Response ReturnType Set SharedArrayBuffer Storage String
  SubtleCrypto Symbol SyntaxError TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream
  TypeError URIError URL URLSearchParams Uint16Array Uint32Array Uint8Array Uint8ClampedArray Uppercase WeakMap
  WeakRef WeakSet WebAssembly WebSocket Window Worker WritableStream
`;

/** Exports of the package: TypeScript silently drops one of two exports with the same name. */
const OWN = `
  AccessToken AccessTokenOptions AnyTokenResponse AnyTokenSource BearerFetchOptions BearerOptions
  ClientAuthentication ClientCredentials Clock Expiring ExpiryOptions Fields GetOptions GrantOptions
  IntrospectOptions IntrospectionResponse LeewayOptions MomentOptions ProviderGrantOptions ProviderOptions
  PublicTokenResponse RefreshOptions ReplayableRequest RevokeOptions Scope SendOptions SharedStore StoredValue
  TokenError TokenEvent TokenFunctionOptions TokenInfo TokenInfoOptions TokenIntrospection TokenRequestError
  TokenRequestOptions TokenResponse TokenResponseError TokenSource TokenSourceOptions TokenStore TokenTimeoutError
  UrlGrantOptions UrlIntrospectOptions WaitUntil
`;

/** Names that the generated files define themselves. */
const GENERATED = "Schema components operations paths";

export const TAKEN: ReadonlySet<string> = new Set(`${GLOBALS} ${OWN} ${GENERATED}`.split(/\s+/));

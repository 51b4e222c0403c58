// What the types promise. `tsc` is the judge, as part of `npm test`: at run time `expectTypeOf` asserts nothing.

import {
  type AccessToken,
  expiresAt,
  isExpired,
  type OAuth2ClientCredentialsRequest,
  type OAuth2Scope,
  type OAuth2TokenInfo,
  type OAuth2TokenResponse,
  OAuth2TokenResponseTokenType,
  type paths,
  requestToken,
  TokenRequestError,
} from "oauth2-token-response";
import { expectTypeOf, test } from "vitest";
import { callEndpoint } from "../src/token-request/endpoint.ts";

type TokenAnswer = paths["/oauth2/token"]["post"]["responses"][200]["content"]["application/json"];

test("every field of a token response is optional, and none is any", () => {
  expectTypeOf<OAuth2TokenResponse["access_token"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<OAuth2TokenResponse["created_at"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<OAuth2TokenResponse["expires_in"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<OAuth2TokenResponse["scope"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<OAuth2TokenResponse["token_type"]>().toEqualTypeOf<OAuth2TokenResponseTokenType | undefined>();
  expectTypeOf({}).toExtend<OAuth2TokenResponse>();
});

test("the named schema and the one in `paths` are the same", () => {
  expectTypeOf<TokenAnswer>().toExtend<OAuth2TokenResponse>();
  expectTypeOf<OAuth2TokenResponse>().toExtend<TokenAnswer>();
});

test("an enum is a constant object and the union of its values under one name", () => {
  expectTypeOf(OAuth2TokenResponseTokenType.Bearer).toEqualTypeOf<"Bearer">();
  expectTypeOf<OAuth2TokenResponseTokenType>().toEqualTypeOf<"Bearer">();
});

test("a scope is any string, and the known ones stay known", () => {
  expectTypeOf<"enterprise.company">().toExtend<OAuth2Scope>();
  expectTypeOf<"scope.of.tomorrow">().toExtend<OAuth2Scope>();
  // An editor would complete nothing if the literals were swallowed by `string`.
  expectTypeOf<OAuth2Scope>().not.toEqualTypeOf<string>();
  // @ts-expect-error a number is no scope
  const scope: OAuth2Scope = 1;
  expectTypeOf(scope).not.toBeAny();
});

test("a required field is required", () => {
  // @ts-expect-error the scope is missing
  const request: OAuth2ClientCredentialsRequest = {
    grant_type: "client_credentials",
    client_id: "",
    client_secret: "",
  };
  expectTypeOf(request).not.toBeAny();
});

test("the helpers take a token response, and a token info", () => {
  expectTypeOf(expiresAt).toBeCallableWith({} as OAuth2TokenResponse);
  expectTypeOf(expiresAt).toBeCallableWith({ expires_in: null, created_at: null });
  expectTypeOf(isExpired).toBeCallableWith({} as OAuth2TokenInfo, { leeway: 10 });
  expectTypeOf(expiresAt).returns.toEqualTypeOf<Date | undefined>();
  // @ts-expect-error no lifetime in words
  expectTypeOf(expiresAt).toBeCallableWith({ expires_in: "an hour" });
});

test("an option may be undefined, which means its default", () => {
  expectTypeOf(isExpired).toBeCallableWith({}, { leeway: undefined, now: undefined, requestedAt: undefined });
});

test("a token request takes the scopes as a string or a list, and gives an access token", () => {
  const options = { baseUrl: "", clientId: "", clientSecret: "" };
  expectTypeOf(requestToken).toBeCallableWith({ ...options, scope: "a b" });
  expectTypeOf(requestToken).toBeCallableWith({ ...options, scope: ["enterprise.company", "b"] as const });
  // @ts-expect-error without a scope
  expectTypeOf(requestToken).toBeCallableWith(options);
  expectTypeOf(requestToken).returns.resolves.toEqualTypeOf<AccessToken>();
});

test("what a token holds cannot be assigned", () => {
  const change = (token: AccessToken) => {
    // @ts-expect-error read-only
    token.scope = [];
    // @ts-expect-error read-only
    token.value = "";
    // @ts-expect-error left out: it is asked for by `value`
    token.response.access_token;
  };
  expectTypeOf(change).not.toBeAny();
});

test("the name of an error narrows it", () => {
  expectTypeOf<TokenRequestError["name"]>().toEqualTypeOf<"TokenRequestError">();
  expectTypeOf(new TokenRequestError("", {}).retryAfterMs).toEqualTypeOf<number | undefined>();
});

test("a call to an endpoint has a path, a method, a body and a response of the description", () => {
  const options = { baseUrl: "", secrets: [] };
  const credentials = { grant_type: "client_credentials", client_id: "", client_secret: "" } as const;
  const calls = () => [
    callEndpoint("post", "/oauth2/token", { ...credentials, scope: "" }, options),
    // @ts-expect-error no such path
    callEndpoint("post", "/oauth2/tokens", { ...credentials, scope: "" }, options),
    // @ts-expect-error no such method of this path
    callEndpoint("get", "/oauth2/token", undefined, options),
    // @ts-expect-error the scope is missing
    callEndpoint("post", "/oauth2/token", credentials, options),
    // @ts-expect-error the body is missing
    callEndpoint("post", "/oauth2/introspect", undefined, options),
    // @ts-expect-error a field of another type
    callEndpoint("post", "/oauth2/introspect", { token: 1 }, options),
    // @ts-expect-error a field that is not described
    callEndpoint("post", "/oauth2/introspect", { tokens: "" }, options),
    // @ts-expect-error this one takes no body
    callEndpoint("get", "/oauth2/token/info", {}, options),
  ];
  expectTypeOf(calls).not.toBeAny();
  const info = () => callEndpoint("get", "/oauth2/token/info", undefined, options);
  expectTypeOf(info).returns.resolves.toExtend<OAuth2TokenInfo>();
  expectTypeOf<OAuth2TokenInfo>().toExtend<Awaited<ReturnType<typeof info>>>();
  // @ts-expect-error not described
  expectTypeOf(info).returns.resolves.toHaveProperty("access_token");
});

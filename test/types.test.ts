// What the types promise. `tsc` is the judge, as part of `npm test`: at run time `expectTypeOf` asserts nothing.

import {
  AccessToken,
  createTokenSource,
  expiresAt,
  isExpired,
  type OAuth2ClientCredentialsRequest,
  type OAuth2IntrospectRequest,
  type OAuth2Scope,
  type OAuth2TokenInfo,
  type OAuth2TokenResponse,
  OAuth2TokenResponseTokenType,
  type OAuth2TokenRevokeRequest,
  type paths,
  requestToken,
  TokenRequestError,
} from "oauth2-token-response";
import { expectTypeOf, test } from "vitest";
import { revocationEndpoint, tokenEndpoint } from "../src/generated/endpoints.ts";

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
  // @ts-expect-error a lifetime is a number, or a number in a string
  expectTypeOf(expiresAt).toBeCallableWith({ expires_in: true });
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

test("what a token request sends is what the description says", () => {
  const credentials = { client_id: "", client_secret: "" };
  const sent = { ...tokenEndpoint.fields, ...credentials, scope: "" };
  expectTypeOf(sent).toExtend<OAuth2ClientCredentialsRequest>();
  expectTypeOf<OAuth2ClientCredentialsRequest>().toExtend<typeof sent>();
  expectTypeOf({ token: "" }).toExtend<OAuth2IntrospectRequest>();
  expectTypeOf({ ...revocationEndpoint.fields, ...credentials, token: "" }).toExtend<OAuth2TokenRevokeRequest>();
  expectTypeOf(tokenEndpoint.path).toExtend<keyof paths>();
});

test("a `request` may return a response, or whatever another library calls a token response", () => {
  interface OpenidClientResponse {
    readonly access_token: string;
    readonly token_type: "bearer" | "dpop" | Lowercase<string>;
    readonly expires_in?: number;
    readonly refresh_token?: string;
    readonly [parameter: string]: unknown;
  }
  expectTypeOf(AccessToken.from).toBeCallableWith({} as OpenidClientResponse, { requestedAt: new Date() });
  expectTypeOf(createTokenSource).toBeCallableWith({ request: async () => ({}) as OpenidClientResponse });
  expectTypeOf(createTokenSource).toBeCallableWith({ request: ({ signal }) => fetch("", { signal }) });
  expectTypeOf(createTokenSource).toBeCallableWith({ request: async () => (await fetch("")).json() as unknown });
});

test("a token source has one way to tokens", () => {
  const client = { clientId: "", clientSecret: "" };
  expectTypeOf(createTokenSource).toBeCallableWith({ tokenUrl: "", ...client });
  expectTypeOf(createTokenSource).toBeCallableWith({ tokenUrl: "", ...client, params: { resource: ["a", "b"] } });
  // @ts-expect-error either
  expectTypeOf(createTokenSource).toBeCallableWith({ tokenUrl: "", baseUrl: "", ...client, scope: "" });
  // @ts-expect-error none
  expectTypeOf(createTokenSource).toBeCallableWith(client);
});

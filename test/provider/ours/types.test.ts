// What the types of the provider's schemas promise. `tsc` checks it, as part of `npm test`: at run time `expectTypeOf` asserts nothing.

import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import {
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
} from "oauth2-token-response";
import { OAuth2TokenInfoSchema, OAuth2TokenResponseSchema } from "oauth2-token-response/schemas";
import { expect, expectTypeOf, test } from "vitest";
import { revocationEndpoint, tokenEndpoint } from "../../../src/generated/endpoints.ts";

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

test("an enum is a constant object and the union of its values, under one name", () => {
  expectTypeOf(OAuth2TokenResponseTokenType.Bearer).toEqualTypeOf<"Bearer">();
  expectTypeOf<OAuth2TokenResponseTokenType>().toEqualTypeOf<"Bearer">();
});

test("a scope is any string, and an editor still completes the known ones", () => {
  expectTypeOf<"enterprise.company">().toExtend<OAuth2Scope>();
  expectTypeOf<"scope.of.tomorrow">().toExtend<OAuth2Scope>();
  // An editor would complete nothing if the literals were swallowed by `string`.
  expectTypeOf<OAuth2Scope>().not.toEqualTypeOf<string>();
  // @ts-expect-error a number is not a scope
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

test("the helpers accept a token response and a token info", () => {
  expectTypeOf(expiresAt).toBeCallableWith({} as OAuth2TokenResponse);
  expectTypeOf(isExpired).toBeCallableWith({} as OAuth2TokenInfo, { leeway: 10 });
});

test("the request of a token has the described type", () => {
  const credentials = { client_id: "", client_secret: "" };
  const sent = { ...tokenEndpoint.fields, ...credentials, scope: "" };
  expectTypeOf(sent).toExtend<OAuth2ClientCredentialsRequest>();
  expectTypeOf<OAuth2ClientCredentialsRequest>().toExtend<typeof sent>();
  expectTypeOf({ token: "" }).toExtend<OAuth2IntrospectRequest>();
  expectTypeOf({ ...revocationEndpoint.fields, ...credentials, token: "" }).toExtend<OAuth2TokenRevokeRequest>();
  expectTypeOf(tokenEndpoint.path).toExtend<keyof paths>();
});

test("a check has the types of Standard Schema and of its schema", () => {
  expectTypeOf(OAuth2TokenResponseSchema).toExtend<StandardSchemaV1<OAuth2TokenResponse>>();
  expectTypeOf(OAuth2TokenResponseSchema).toExtend<StandardJSONSchemaV1<OAuth2TokenResponse>>();
  expectTypeOf<StandardSchemaV1.InferOutput<typeof OAuth2TokenInfoSchema>>().branded.toEqualTypeOf<OAuth2TokenInfo>();
  expect(OAuth2TokenInfoSchema["~standard"]).toMatchObject({ version: 1, vendor: "oauth2-token-response" });
});

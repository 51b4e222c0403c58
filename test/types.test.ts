// What the types promise. `tsc` is the judge, as part of `npm test`: at run time `expectTypeOf` asserts nothing.

import {
  AccessToken,
  type AnyTokenResponse,
  createTokenSource,
  expiresAt,
  isExpired,
  requestToken,
  TokenRequestError,
} from "oauth2-token-response";
import { expectTypeOf, test } from "vitest";

test("the helpers take a token response, however it is typed", () => {
  expectTypeOf(expiresAt).toBeCallableWith({} as AnyTokenResponse);
  expectTypeOf(expiresAt).toBeCallableWith({ expires_in: null, created_at: null });
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

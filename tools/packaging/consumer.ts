// Uses the entire public API as programs do. It is compiled against the built types by each version of TypeScript, with the types of
// each platform, and loaded without a global `Request`, but does nothing.

import {
  AccessToken,
  bearerFetch,
  createTokenSource,
  expiresAt,
  getTokenInfo,
  introspectToken,
  isExpired,
  memoryStore,
  type OAuth2TokenResponse,
  ReplayableRequest,
  remainingSeconds,
  requestToken,
  revokeToken,
  share,
  type TokenError,
  type TokenEvent,
  TokenRequestError,
  TokenResponseError,
  type TokenSource,
  type TokenStore,
  TokenTimeoutError,
} from "oauth2-token-response";
import { isExpired as isOver } from "oauth2-token-response/expiry";
import { bearerMiddleware } from "oauth2-token-response/openapi-fetch";
import { redisStore } from "oauth2-token-response/redis";
import { OAuth2TokenResponseSchema } from "oauth2-token-response/schemas";
import { testTokenStore } from "oauth2-token-response/testing";
import * as oauth from "oauth4webapi";
import createClient from "openapi-fetch";
import * as oidc from "openid-client";

const baseUrl = "https://provider.example.com";
const tokenUrl = "https://login.example.com/token";
const origins = ["https://api.example.com"];
const client = { clientId: "id", clientSecret: "secret" };
const { signal } = new AbortController();

// A source in its three forms.
export const described = createTokenSource({ baseUrl, ...client, scope: ["enterprise.company"], fetch });
export const anywhere = createTokenSource({
  ...{ tokenUrl, ...client, scope: "a b", params: { audience: "a", resource: ["b", "c"] }, fetch },
  ...{ clientAuthentication: "client_secret_post", encodeClientCredentials: false },
  ...{ timeoutMs: 1, attemptTimeoutMs: 1, defaultLifetimeMs: 1, refreshWindowMs: 1, blockingWindowMs: 1 },
  store: memoryStore(),
  waitUntil: (promise) => void promise.then(() => {}),
  onEvent: (event: TokenEvent) => console.log(event.type),
});

// A custom `request`.
const ask = (abort: AbortSignal) => fetch(tokenUrl, { method: "POST", body: new URLSearchParams(), signal: abort });
const server = { issuer: "https://login.example.com" };
export const functions: TokenSource[] = [
  createTokenSource({ request: ({ signal }) => fetch(tokenUrl, { signal }) }),
  createTokenSource({ request: ({ signal }) => ask(signal), sharedSecret: "s".repeat(32), tokenName: "n" }),
  createTokenSource({ request: async ({ signal }): Promise<Response> => await ask(signal) }),
  createTokenSource({ request: async ({ signal }) => (await ask(signal)).json() }),
  createTokenSource({ request: async ({ signal }) => (await (await ask(signal)).json()) as unknown }),
  createTokenSource({ request: async (): Promise<OAuth2TokenResponse> => ({ access_token: "a", expires_in: 60 }) }),
  createTokenSource({ request: () => oidc.clientCredentialsGrant({} as oidc.Configuration, { scope: "a" }) }),
  createTokenSource({
    async request({ signal }) {
      const auth = oauth.ClientSecretBasic("secret");
      const given = await oauth.clientCredentialsGrantRequest(server, { client_id: "id" }, auth, {}, { signal });
      return await oauth.processClientCredentialsResponse(server, { client_id: "id" }, given);
    },
  }),
];

// Sending the token.
export const send: typeof fetch = bearerFetch(described, { fetch });
export const sendElsewhere: typeof fetch = bearerFetch(anywhere, { origins, maxCopyBytes: 1 });
export const own = bearerFetch({ get: (options) => described.get(options), invalidate() {} }, { origins });
export interface Paths {
  "/companies": {
    get: { responses: { 200: { content: { "application/json": { companies: string[] } } } } };
  };
}
export const api = createClient<Paths>({ baseUrl, Request: ReplayableRequest });
api.use(bearerMiddleware(anywhere, { origins }));

// Stores.
const table = new Map<string, string>();
const ownStore: TokenStore = {
  read: async (key) => ({ value: table.get(key) ?? "", ttlMs: 1 }),
  compareAndSet: async () => true,
};
export const stores = [
  ...[memoryStore(), share(ownStore), redisStore(async (script, keys, args) => [script, keys, args], { prefix: "p" })],
  redisStore({ isOpen: true, eval: async () => [] }),
];

export async function main(): Promise<unknown[]> {
  await testTokenStore(() => ownStore);
  const form = new FormData();
  form.set("file", new Blob(["text"]));
  const request = new ReplayableRequest(baseUrl, { method: "POST", body: form, signal });
  const responses: Response[] = [await send(request), await send(new URL(baseUrl)), await send(baseUrl, { signal })];
  const { data, error } = await api.GET("/companies");

  const accessToken: AccessToken = await requestToken({ baseUrl, ...client, scope: "a", fetch, signal });
  const another = await requestToken({ tokenUrl, ...client, params: { audience: "a" }, timeoutMs: 1 });
  await getTokenInfo({ baseUrl, accessToken });
  await introspectToken({ baseUrl, accessToken, token: another.value });
  await revokeToken({ revocationUrl: tokenUrl, ...client, token: another.value });

  const body = (await responses[0]?.json()) as OAuth2TokenResponse;
  const requestedAt = new Date();
  const read = [expiresAt(body, { requestedAt })?.getTime(), remainingSeconds(body), isExpired(body), isOver(body)];
  const fromLibrary = AccessToken.from(await oidc.clientCredentialsGrant({} as oidc.Configuration), { requestedAt });
  const checked = await OAuth2TokenResponseSchema["~standard"].validate(body);
  const status = checked.issues ? checked.issues[0]?.message : checked.value.access_token;
  return [data?.companies, error, read, fromLibrary.scope, status];
}

/** The errors, narrowed by class and by name. */
export function reason(error: unknown): string | number | undefined {
  if (error instanceof TokenRequestError) return error.status ?? error.errorDescription;
  if (error instanceof TokenResponseError || error instanceof TokenTimeoutError) return error.nextTryAt?.getTime();
  return (error as TokenError).name === "TokenResponseError" ? "malformed" : undefined;
}

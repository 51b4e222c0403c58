import { oauthProvider } from "@better-auth/oauth-provider";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { jwt } from "better-auth/plugins";
import { bearerFetch, createTokenSource, introspectToken } from "oauth2-token-response";
import { listen, listenAsApi } from "../listen.ts";
import type { Connection, ForeignServer } from "../server.ts";
import { CLIENT_ID, CLIENT_SECRET, POST_CLIENT_ID, revokeAt, TOKEN_SECONDS } from "../server.ts";

/** What a user writes. */
function connect({ tokenUrl, clientId, clientSecret, apiOrigin }: Connection): typeof fetch {
  const tokens = createTokenSource({ tokenUrl, clientId, clientSecret });
  return bearerFetch(tokens, { origins: [apiOrigin] });
}

const RESOURCES = ["https://api.example.com/", "https://files.example.com/"];

export const betterAuthServer: ForeignServer = {
  name: "better-auth",
  module: import.meta.url,
  connect,
  postClientId: POST_CLIENT_ID,
  extra: { title: "two resources", options: () => ({ params: { resource: RESOURCES } }), audience: RESOURCES },

  async start() {
    let handle: ReturnType<typeof toNodeHandler> = async () => {};
    const server = await listen((request, response) => void handle(request, response));
    const auth = betterAuth({
      baseURL: server.origin,
      database: memoryAdapter(
        new Proxy<Record<string, never[]>>({}, { get: (db, model) => (db[String(model)] ??= []) }),
      ),
      logger: { disabled: true },
      plugins: [
        jwt(),
        // Its types do not allow for `exactOptionalPropertyTypes`.
        oauthProvider({
          consentPage: "/",
          enforcePerClientResources: false,
          loginPage: "/",
          m2mAccessTokenExpiresIn: TOKEN_SECONDS,
          resources: RESOURCES,
          scopes: ["read"],
          silenceWarnings: { oauthAuthServerConfig: true },
          storeClientSecret: { hash: async (secret) => secret },
          storeTokens: { hash: async (token) => token },
        }) as never,
      ],
      rateLimit: { enabled: false },
      secret: crypto.randomUUID() + crypto.randomUUID(),
    });
    const { adapter } = await auth.$context;
    await adapter.create({ model: "oauthClient", data: client(CLIENT_ID, "client_secret_basic") });
    await adapter.create({ model: "oauthClient", data: client(POST_CLIENT_ID, "client_secret_post") });
    handle = toNodeHandler(auth);

    const url = `${server.origin}/api/auth/oauth2`;
    const introspect = (token: string) =>
      introspectToken({
        introspectionUrl: `${url}/introspect`,
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
        token,
      });
    const api = await listenAsApi(async (token) => {
      const where = [{ field: "token", value: token }];
      const row = await adapter.findOne<{ expiresAt: Date }>({ model: "oauthAccessToken", where });
      // A token for a resource is a JWT, and not in the database.
      return row ? row.expiresAt > new Date() : (await introspect(token)).active;
    });
    return {
      tokenUrl: `${url}/token`,
      echoUrl: `${api.origin}/echo`,
      revoke: revokeAt(`${url}/revoke`),
      audienceOf: async (token) => (await introspect(token))["aud"],
      stop: async () => void (await Promise.all([server.close(), api.close()])),
    };
  },
};

function client(clientId: string, tokenEndpointAuthMethod: string) {
  return {
    clientCredentialsScopes: ["read"],
    clientId,
    clientSecret: CLIENT_SECRET,
    grantTypes: ["client_credentials"],
    redirectUris: [],
    scopes: ["read"],
    tokenEndpointAuthMethod,
  };
}

import { bearerFetch, createTokenSource } from "oauth2-token-response";
import Provider from "oidc-provider";
import { listen, listenAsApi } from "../listen.ts";
import type { Connection, ForeignServer } from "../server.ts";
import { CLIENT_ID, CLIENT_SECRET, POST_CLIENT_ID, revokeAt, TOKEN_SECONDS } from "../server.ts";

/** What a user writes. */
function connect({ tokenUrl, clientId, clientSecret, apiOrigin }: Connection): typeof fetch {
  const tokens = createTokenSource({ tokenUrl, clientId, clientSecret });
  return bearerFetch(tokens, { origins: [apiOrigin] });
}

const RESOURCE = "https://api.example.com/";

export const oidcProvider: ForeignServer = {
  name: "oidc-provider",
  module: import.meta.url,
  connect,
  postClientId: POST_CLIENT_ID,
  extra: { title: "resource", options: () => ({ params: { resource: RESOURCE } }), audience: RESOURCE },

  async start() {
    const provider = new Provider("http://127.0.0.1", {
      clients: [client(CLIENT_ID, "client_secret_basic"), client(POST_CLIENT_ID, "client_secret_post")],
      ttl: { ClientCredentials: TOKEN_SECONDS },
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_context, resource) => ({
            ...{ audience: resource, scope: "read", accessTokenFormat: "opaque", accessTokenTTL: TOKEN_SECONDS },
          }),
        },
        revocation: { enabled: true, allowedPolicy: (_context, { clientId }, { clientId: of }) => clientId === of },
      },
    });
    const server = await listen(provider.callback());
    const find = (token: string) => provider.ClientCredentials.find(token);
    const api = await listenAsApi(async (token) => (await find(token))?.isValid ?? false);
    return {
      tokenUrl: `${server.origin}/token`,
      echoUrl: `${api.origin}/echo`,
      revoke: revokeAt(`${server.origin}/token/revocation`),
      audienceOf: async (token) => (await find(token))?.aud,
      stop: async () => void (await Promise.all([server.close(), api.close()])),
    };
  },
};

function client(id: string, method: "client_secret_basic" | "client_secret_post") {
  return {
    client_id: id,
    client_secret: CLIENT_SECRET,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: method,
  };
}

import { text } from "node:stream/consumers";
import OAuth2Server from "@node-oauth/oauth2-server";
import { bearerFetch, createTokenSource } from "oauth2-token-response";
import { listen, listenAsApi } from "../listen.ts";
import { CLIENT_ID, CLIENT_SECRET, type Connection, type ForeignServer, TOKEN_SECONDS } from "../server.ts";

/** What a user writes. It does not decode Basic credentials. */
function connect({ tokenUrl, clientId, clientSecret, apiOrigin }: Connection): typeof fetch {
  const tokens = createTokenSource({ tokenUrl, clientId, clientSecret, encodeClientCredentials: false });
  return bearerFetch(tokens, { origins: [apiOrigin] });
}

const CLIENT = { id: CLIENT_ID, grants: ["client_credentials"], accessTokenLifetime: TOKEN_SECONDS };

export const nodeOAuth: ForeignServer = {
  name: "@node-oauth/oauth2-server",
  module: import.meta.url,
  connect,
  options: { encodeClientCredentials: false },

  async start() {
    const tokens = new Map<string, OAuth2Server.Token>();
    const oauth = new OAuth2Server({
      model: {
        getAccessToken: async (token) => tokens.get(token),
        getClient: async (id, secret) => id === CLIENT_ID && secret === CLIENT_SECRET && CLIENT,
        getUserFromClient: async () => ({}),
        async saveToken(token, client, user) {
          const saved = { ...token, client, user };
          tokens.set(token.accessToken, saved);
          return saved;
        },
      },
    });
    const server = await listen(async (request, response) => {
      const { method = "" } = request;
      const headers = request.headers as Record<string, string>;
      const body = Object.fromEntries(new URLSearchParams(await text(request)));
      const reply = new OAuth2Server.Response();
      // Its errors are already in the response.
      await oauth.token(new OAuth2Server.Request({ method, headers, body, query: {} }), reply).catch(() => {});
      response.writeHead(reply.status ?? 500, reply.headers).end(JSON.stringify(reply.body));
    });
    const api = await listenAsApi((token) => {
      const headers = { authorization: `Bearer ${token}` };
      const request = new OAuth2Server.Request({ method: "GET", headers, query: {}, body: {} });
      return oauth.authenticate(request, new OAuth2Server.Response()).then(Boolean, () => false);
    });
    return {
      tokenUrl: `${server.origin}/token`,
      echoUrl: `${api.origin}/echo`,
      revoke: async (token) => void tokens.delete(token),
      stop: async () => void (await Promise.all([server.close(), api.close()])),
    };
  },
};

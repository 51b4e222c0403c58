// Four ways to request a token, as users write them.

import { createTokenSource, type TokenSource } from "oauth2-token-response";
import * as oauth from "oauth4webapi";
import * as oidc from "openid-client";
import type { Connection } from "./server.ts";

type Client = Pick<Connection, "tokenUrl" | "clientId" | "clientSecret">;

type Way = "own grant" | "fetch" | "oauth4webapi" | "openid-client";

export const WAYS: Readonly<Record<Way, (client: Client) => TokenSource>> = {
  "own grant": (client) => createTokenSource(client),

  fetch: ({ tokenUrl, clientId, clientSecret }) =>
    createTokenSource({
      request: ({ signal }) =>
        fetch(tokenUrl, {
          method: "POST",
          headers: { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
          body: new URLSearchParams({ grant_type: "client_credentials" }),
          signal,
        }),
    }),

  oauth4webapi: ({ tokenUrl, clientId, clientSecret }) => {
    const server = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl };
    const client = { client_id: clientId };
    const authentication = oauth.ClientSecretBasic(clientSecret);
    return createTokenSource({
      request: async ({ signal }) => {
        const options = { signal, [oauth.allowInsecureRequests]: true };
        const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, {}, options);
        return oauth.processClientCredentialsResponse(server, client, response);
      },
    });
  },

  "openid-client": ({ tokenUrl, clientId, clientSecret }) => {
    const server = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl };
    const config = new oidc.Configuration(server, clientId, undefined, oidc.ClientSecretBasic(clientSecret));
    oidc.allowInsecureRequests(config);
    return createTokenSource({ request: () => oidc.clientCredentialsGrant(config) });
  },
};

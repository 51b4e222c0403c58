import type { IncomingMessage } from "node:http";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { Events, type MutableResponse, type MutableToken, OAuth2Server } from "oauth2-mock-server";
import { bearerFetch, createTokenSource } from "oauth2-token-response";
import { listenAsApi } from "../listen.ts";
import { CLIENT_ID, CLIENT_SECRET, type Connection, type ForeignServer, TOKEN_SECONDS } from "../server.ts";

/** What a user writes. */
function connect({ tokenUrl, clientId, clientSecret, apiOrigin }: Connection): typeof fetch {
  const tokens = createTokenSource({ tokenUrl, clientId, clientSecret });
  return bearerFetch(tokens, { origins: [apiOrigin] });
}

const AUDIENCE = ["https://api.example.com/", "https://files.example.com/"];

export const oauth2MockServer: ForeignServer = {
  name: "oauth2-mock-server",
  module: import.meta.url,
  connect,
  extra: { title: "two audiences", options: () => ({ params: { aud: AUDIENCE } }), audience: AUDIENCE },

  async start() {
    const server = new OAuth2Server();
    await server.issuer.keys.generate("ES256");
    await server.start(0, "127.0.0.1");
    server.service.on(Events.BeforeTokenSigning, ({ payload }: MutableToken) => {
      payload.exp = payload.iat + TOKEN_SECONDS;
      // Without it, two tokens of the same second would be equal.
      payload["jti"] = crypto.randomUUID();
    });
    // By default it accepts any client.
    server.service.on(Events.BeforeResponse, (reply: MutableResponse, request: IncomingMessage & { body: object }) => {
      if (isClient(request)) Object.assign(reply.body, { expires_in: TOKEN_SECONDS });
      else Object.assign(reply, { statusCode: 401, body: { error: "invalid_client" } });
    });
    const keys = createLocalJWKSet({ keys: server.issuer.keys.toJSON() });
    const revoked = new Set<string>();
    const api = await listenAsApi(async (token) => {
      return !revoked.has(token) && (await jwtVerify(token, keys).then(Boolean, () => false));
    });
    return {
      tokenUrl: `http://127.0.0.1:${server.address().port}/token`,
      echoUrl: `${api.origin}/echo`,
      // Its revocation endpoint does not store revocations.
      revoke: async (token) => void revoked.add(token),
      audienceOf: async (token) => decodeJwt(token).aud,
      stop: async () => void (await Promise.all([server.stop(), api.close()])),
    };
  },
};

function isClient({ headers, body }: IncomingMessage & { body: object }): boolean {
  const { client_id: id, client_secret: secret } = body as Record<string, unknown>;
  if (id !== undefined) return id === CLIENT_ID && secret === CLIENT_SECRET;
  const [name, password] = atob(headers.authorization?.slice("Basic ".length) ?? "").split(":");
  const decoded = [name, password].map((text) => new URLSearchParams(`text=${text}`).get("text"));
  return decoded[0] === CLIENT_ID && decoded[1] === CLIENT_SECRET;
}

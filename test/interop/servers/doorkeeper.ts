import { bearerFetch, createTokenSource } from "oauth2-token-response";
import { startChild } from "../child.ts";
import { type Connection, type ForeignServer, revokeAt } from "../server.ts";

/** What a user writes. It does not decode Basic credentials. */
function connect({ tokenUrl, clientId, clientSecret, apiOrigin }: Connection): typeof fetch {
  const tokens = createTokenSource({ tokenUrl, clientId, clientSecret, encodeClientCredentials: false });
  return bearerFetch(tokens, { origins: [apiOrigin] });
}

export const doorkeeper: ForeignServer = {
  name: "Doorkeeper",
  module: import.meta.url,
  connect,
  options: { encodeClientCredentials: false },
  extra: {
    title: "JSON, by baseUrl",
    options: (tokenUrl) => ({ baseUrl: new URL(tokenUrl).origin, tokenUrl: undefined, scope: [] }),
  },
  needs: {
    packages: "ruby-doorkeeper ruby-rails ruby-sqlite3 puma",
    // Debian's own Ruby, as its packages are not visible to others.
    command: "/usr/bin/ruby",
    args: ["-e", "%w[rails doorkeeper sqlite3 puma].each { require _1 }"],
  },

  async start() {
    const { origin, stop } = await startChild("/usr/bin/ruby", "doorkeeper.rb");
    const revoke = revokeAt(`${origin}/oauth2/revoke`, { encodeClientCredentials: false });
    return { tokenUrl: `${origin}/oauth2/token`, echoUrl: `${origin}/echo`, revoke, stop };
  },
};

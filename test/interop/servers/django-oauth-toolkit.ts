import { bearerFetch, createTokenSource } from "oauth2-token-response";
import { startChild } from "../child.ts";
import { type Connection, type ForeignServer, revokeAt } from "../server.ts";

/** What a user writes. */
function connect({ tokenUrl, clientId, clientSecret, apiOrigin }: Connection): typeof fetch {
  const tokens = createTokenSource({ tokenUrl, clientId, clientSecret });
  return bearerFetch(tokens, { origins: [apiOrigin] });
}

export const djangoOAuthToolkit: ForeignServer = {
  name: "Django OAuth Toolkit",
  module: import.meta.url,
  connect,
  needs: {
    packages: "python3-django-oauth-toolkit",
    // Debian's own Python, as its packages are not visible to others.
    command: "/usr/bin/python3",
    args: ["-c", "import oauth2_provider"],
  },

  async start() {
    const { origin, stop } = await startChild("/usr/bin/python3", "django-oauth-toolkit.py");
    return {
      tokenUrl: `${origin}/o/token/`,
      echoUrl: `${origin}/echo`,
      revoke: revokeAt(`${origin}/o/revoke_token/`),
      stop,
    };
  },
};

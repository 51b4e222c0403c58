// The servers, none of which is ours.

import type { ForeignServer } from "./server.ts";
import { betterAuthServer } from "./servers/better-auth.ts";
import { djangoOAuthToolkit } from "./servers/django-oauth-toolkit.ts";
import { doorkeeper } from "./servers/doorkeeper.ts";
import { nodeOAuth } from "./servers/node-oauth.ts";
import { oauth2MockServer } from "./servers/oauth2-mock-server.ts";
import { oidcProvider } from "./servers/oidc-provider.ts";

export const SERVERS: readonly ForeignServer[] = [
  oidcProvider,
  betterAuthServer,
  nodeOAuth,
  oauth2MockServer,
  doorkeeper,
  djangoOAuthToolkit,
];

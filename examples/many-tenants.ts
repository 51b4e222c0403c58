// Many tenants, each with credentials of its own: one token source for each, in a map with a limit. Three traps:
//  1. Without a limit the map grows for ever. A source is small (2 kB), but tenants come and go.
//  2. A source that is dropped during a call is made anew by the next call: a second token, which on some servers ends the first.
//     So only tenants without a call are dropped, those first that were not used for the longest time.
//  3. If a tenant's key can be empty, all tenants without a key share one source: they get each other's tokens.

import { bearerFetch, createTokenSource } from "oauth2-token-response";

export interface Tenant {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Connection {
  readonly api: typeof fetch;
  calls: number;
}

const MAX_TENANTS = 1000;
const baseUrl = "https://enterprise-api.easyship.com";
/** In the order of their last use. */
const connections = new Map<string, Connection>();

/** Calls the API as this tenant. */
export async function fetchAs(tenant: Tenant, path: string, init?: RequestInit): Promise<Response> {
  if (!tenant.id) throw new TypeError("a tenant has no id");
  const connection = connections.get(tenant.id) ?? connect(tenant);
  connections.delete(tenant.id);
  connections.set(tenant.id, connection);
  dropUnused();
  connection.calls++;
  try {
    return await connection.api(`${baseUrl}${path}`, init);
  } finally {
    connection.calls--;
  }
}

function connect({ clientId, clientSecret }: Tenant): Connection {
  const tokens = createTokenSource({ baseUrl, clientId, clientSecret, scope: ["enterprise.company"] });
  return { api: bearerFetch(tokens), calls: 0 };
}

function dropUnused(): void {
  for (const [id, { calls }] of connections) {
    if (connections.size <= MAX_TENANTS) return;
    if (calls === 0) connections.delete(id);
  }
}

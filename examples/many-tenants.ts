// Many tenants with different credentials: one token source per tenant, in a map of limited size. Three pitfalls:
//  1. Without a limit the map grows forever. A source is small (2 kB), but tenants come and go.
//  2. If a source is dropped during a call, the next call creates another one, and requests a second token. On some
//     servers that ends the first token. So only tenants without a call are dropped, the least recently used first.
//  3. If a tenant's ID can be empty, all tenants without an ID share one source, and get each other's tokens.

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
/** By tenant ID, the least recently used first. */
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

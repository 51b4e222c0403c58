// Starts a server of the Model Context Protocol with the token endpoint of the test provider. It checks each token there, and publishes the
// metadata that the protocol requires (RFC 9728, RFC 8414).

import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { createMcpHandler, fromJsonSchema, McpServer } from "@modelcontextprotocol/server";
import { revokeToken } from "oauth2-token-response";
import { CLIENT, startProvider } from "../test/provider/provider.ts";

const LIFETIME_SECONDS = 2;
/** Calls take up to this long, so that some are answered late. */
const LATENCY_MS = 200;

export interface McpServerOptions {
  /** Further requests receive a 429. */
  readonly tokenRequestsPerSecond?: number;
  /** Whether each new token revokes the one before. */
  readonly isSingle?: boolean;
}

export interface RunningMcpServer {
  readonly tokenUrl: string;
  readonly mcpUrl: string;
  readonly tokenRequests: number;
  revokeLastToken(): Promise<void>;
  close(): Promise<void>;
}

export async function startMcpServer(options: McpServerOptions): Promise<RunningMcpServer> {
  const { tokenRequestsPerSecond = Infinity, isSingle = false } = options;
  const provider = await startProvider({ lifetime: LIFETIME_SECONDS });
  const tokenRequests: number[] = [];
  let lastToken: string | undefined;
  const revokeLastToken = async () => {
    if (lastToken) await revokeToken({ baseUrl: provider.baseUrl, ...CLIENT, token: lastToken });
  };

  async function requestToken(request: Request): Promise<Response> {
    const now = performance.now();
    tokenRequests.push(now);
    const { length } = tokenRequests.filter((time) => time > now - 1000);
    if (length > tokenRequestsPerSecond) return new Response(null, { status: 429, headers: { "Retry-After": "1" } });
    const { headers } = request;
    const response = await fetch(`${provider.baseUrl}/oauth2/token`, {
      method: "POST",
      headers: { Authorization: headers.get("Authorization") ?? "", "Content-Type": headers.get("Content-Type") ?? "" },
      body: await request.text(),
    });
    if (isSingle) await revokeLastToken();
    const body = await response.json();
    lastToken = body.access_token;
    return Response.json(body, { status: response.status });
  }

  async function call(request: Request): Promise<Response> {
    await sleep(Math.random() * LATENCY_MS);
    const authorization = request.headers.get("Authorization") ?? "";
    const { ok } = await fetch(`${provider.baseUrl}/oauth2/token/info`, { headers: { authorization } });
    if (ok) return mcp.fetch(request);
    const challenge = `Bearer error="invalid_token", resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
    return new Response(null, { status: 401, headers: { "WWW-Authenticate": challenge } });
  }

  const respond = (request: Request): Response | Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/mcp") return call(request);
    if (pathname === "/token") return requestToken(request);
    const isResource = pathname.startsWith("/.well-known/oauth-protected-resource");
    return Response.json(
      isResource ? { resource: `${origin}/mcp`, authorization_servers: [origin] } : metadataOf(origin),
    );
  };
  const http = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const starting = serve({ fetch: respond, hostname: "127.0.0.1", port: 0 }, () => resolve(starting));
  });
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    tokenUrl: `${origin}/token`,
    mcpUrl: `${origin}/mcp`,
    get tokenRequests() {
      return tokenRequests.length;
    },
    revokeLastToken,
    async close() {
      if ("closeAllConnections" in http) http.closeAllConnections();
      http.close();
      await provider.close();
    },
  };
}

const mcp = createMcpHandler(() => {
  const server = new McpServer({ name: "bench", version: "1.0.0" });
  const inputSchema = fromJsonSchema<{ text: string }>({ type: "object", properties: { text: { type: "string" } } });
  server.registerTool("echo", { inputSchema }, ({ text }) => ({ content: [{ type: "text", text }] }));
  return server;
});

function metadataOf(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    response_types_supported: ["code"],
    grant_types_supported: ["client_credentials"],
    token_endpoint_auth_methods_supported: ["client_secret_basic"],
    code_challenge_methods_supported: ["S256"],
  };
}

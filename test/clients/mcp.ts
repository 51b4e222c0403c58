import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { api, apiUrl } from "./tokens.ts";

export const client = new Client({ name: "my-client", version: "1.0.0" });
await client.connect(new StreamableHTTPClientTransport(new URL(`${apiUrl}/mcp`), { fetch: api }));

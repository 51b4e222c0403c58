// Model Context Protocol SDK: the transport takes a `fetch` function. `bearerFetch` sends the token and replays a call
// after a 401. No `authProvider` is needed. This works with `@modelcontextprotocol/sdk` 1 too.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { bearerFetch, createTokenSource } from "oauth2-token-response";

const url = new URL("https://api.example.com/mcp");
const tokens = createTokenSource({
  tokenUrl: "https://login.example.com/token",
  clientId: process.env["OAUTH2_CLIENT_ID"] ?? "your-client-id",
  clientSecret: process.env["OAUTH2_CLIENT_SECRET"] ?? "your-client-secret",
  // The protocol requires the URL of the server that the token is for (RFC 8707).
  params: { resource: url.href },
});
const client = new Client({ name: "my-client", version: "1.0.0" });
await client.connect(new StreamableHTTPClientTransport(url, { fetch: bearerFetch(tokens, { origins: [url.origin] }) }));

const { content } = await client.callTool({ name: "create-company", arguments: { name: "Zoë & Söhne" } });
console.log(content);
await client.close();

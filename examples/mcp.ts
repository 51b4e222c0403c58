// With the Model Context Protocol SDK: the transport takes a `fetch`, which sends the token and replays after a 401. No
// `authProvider` is needed. The same works with `@modelcontextprotocol/sdk` 1.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { bearerFetch, createTokenSource } from "oauth2-token-response";

const url = new URL("https://api.example.com/mcp");
const tokens = createTokenSource({
  tokenUrl: "https://login.example.com/token",
  clientId: process.env["OAUTH2_CLIENT_ID"] ?? "your-client-id",
  clientSecret: process.env["OAUTH2_CLIENT_SECRET"] ?? "your-client-secret",
  // RFC 8707: servers of the protocol want to know which server the token is for.
  params: { resource: url.href },
});
const client = new Client({ name: "my-client", version: "1.0.0" });
await client.connect(new StreamableHTTPClientTransport(url, { fetch: bearerFetch(tokens, { origins: [url.origin] }) }));

const { content } = await client.callTool({ name: "create-company", arguments: { name: "Zoë & Söhne" } });
console.log(content);
await client.close();

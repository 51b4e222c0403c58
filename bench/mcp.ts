// Compares clients of the Model Context Protocol that use the SDK's own provider with clients that use this package. Tokens are valid
// for 2 s, and one is revoked early. `node --import tsx/esm bench/mcp.ts` prints the table. Use `--write` to write it into the page.

import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import {
  Client,
  ClientCredentialsProvider,
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions as TransportOptions,
} from "@modelcontextprotocol/client";
import { bearerFetch, createTokenSource, type TokenSource } from "oauth2-token-response";
import { CLIENT } from "../test/provider/provider.ts";
import { type McpServerOptions, startMcpServer } from "./mcp-server.ts";
import { tableOf, writeTable } from "./tables.ts";

const WAVES = 5;
const CALLS_PER_WAVE = 20;
/** The calls of a wave start at random within this time. */
const SPREAD_MS = 200;
const PAUSE_MS = 1400;
/** The current token is revoked in this wave. */
const REVOKED_WAVE = 2;

interface Setting {
  readonly tokenUrl: string;
  readonly mcpUrl: string;
}

const sourceOf = ({ tokenUrl }: Setting): TokenSource => createTokenSource({ tokenUrl, ...CLIENT });

const CONTENDERS: Record<string, (setting: Setting) => TransportOptions> = {
  "`fetch: bearerFetch(tokens)`": (setting) => ({
    fetch: bearerFetch(sourceOf(setting), { origins: [new URL(setting.mcpUrl).origin] }),
  }),
  "`authProvider: new ClientCredentialsProvider(…)`": ({ mcpUrl }) => ({
    authProvider: new ClientCredentialsProvider({ ...CLIENT, expectedIssuer: new URL(mcpUrl).origin }),
  }),
  "`authProvider` that calls `tokens.get()` and `tokens.invalidate()`": (setting) => {
    const tokens = sourceOf(setting);
    return {
      authProvider: {
        token: async () => (await tokens.get()).value,
        // The SDK does not report which token was rejected: the current one may be newer.
        onUnauthorized: async () => tokens.invalidate(await tokens.get()),
      },
    };
  },
};

const SCENES: Record<string, McpServerOptions> = {
  "token requests / failed calls": {},
  "… with 10 token requests a second allowed": { tokenRequestsPerSecond: 10 },
  "… if a new token revokes the one before": { isSingle: true },
};

/** Returns the table in Markdown. */
export async function mcpTable(): Promise<string> {
  const rows: string[][] = [];
  for (const [name, contend] of Object.entries(CONTENDERS)) {
    const cells: string[] = [];
    for (const options of Object.values(SCENES)) cells.push(await play(contend, options));
    rows.push([name, ...cells]);
  }
  return tableOf(["", ...Object.keys(SCENES)], rows);
}

export function writeMcpTable(table: string): void {
  writeTable("docs/works-with.md", "mcp", table);
}

async function play(contend: (setting: Setting) => TransportOptions, options: McpServerOptions): Promise<string> {
  const server = await startMcpServer(options);
  const client = new Client({ name: "bench", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.mcpUrl), contend(server)));
  let failed = 0;
  for (let wave = 0; wave < WAVES; wave++) {
    const calls = Array.from({ length: CALLS_PER_WAVE }, async (_, index) => {
      await sleep(Math.random() * SPREAD_MS);
      if (wave === REVOKED_WAVE && index === 0) await server.revokeLastToken();
      await client.callTool({ name: "echo", arguments: { text: "a" } }).catch(() => failed++);
    });
    await Promise.all([...calls, sleep(PAUSE_MS)]);
  }
  const { tokenRequests } = server;
  await client.close();
  await server.close();
  return `${tokenRequests} / ${failed}`;
}

const [, program = "", argument] = process.argv;
if (import.meta.url === pathToFileURL(program).href) {
  const table = await mcpTable();
  console.log(table);
  if (argument === "--write") writeMcpTable(table);
}

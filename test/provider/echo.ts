// An API on loopback that takes some tokens and refuses others, and remembers what it was sent.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request as it arrived. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** The port it came from: the same one means the same connection. */
  readonly port: number;
  readonly isRefused: boolean;
}

export interface EchoServer {
  readonly origin: string;
  readonly seen: Seen[];
  /** What is refused with a 401, by token; all that is not listed is welcome. */
  readonly refused: Set<string>;
  /** Paths at which every token is refused. */
  readonly sickPaths: Set<string>;
  /** How a refusal is answered. */
  refuse: (response: ServerResponse) => void;
  reset(): void;
  close(): Promise<void>;
}

export async function startEchoServer(): Promise<EchoServer> {
  const http = createServer(async (request, response) => {
    const { authorization } = request.headers;
    const body = await buffer(request);
    const token = authorization?.replace("Bearer ", "") ?? "";
    const isRefused = server.refused.has(token) || server.sickPaths.has(request.url ?? "");
    server.seen.push({
      method: request.method ?? "",
      url: request.url ?? "",
      authorization,
      headers: request.headers,
      body,
      port: request.socket.remotePort ?? 0,
      isRefused,
    });
    if (isRefused) server.refuse(response);
    else response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ token }));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const server: EchoServer = {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    seen: [],
    refused: new Set(),
    sickPaths: new Set(),
    refuse: refuseEmptily,
    reset() {
      this.seen.length = 0;
      this.refused.clear();
      this.sickPaths.clear();
      this.refuse = refuseEmptily;
    },
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
  return server;
}

function refuseEmptily(response: ServerResponse): void {
  response.writeHead(401, { "WWW-Authenticate": 'Bearer realm="x", error="invalid_token"' }).end();
}

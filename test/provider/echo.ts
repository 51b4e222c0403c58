// An API on loopback that accepts some tokens and rejects others, and records its requests.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A received request. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** The port of the client: equal ports mean the same connection. */
  readonly port: number;
  readonly isRejected: boolean;
}

export interface EchoServer {
  readonly origin: string;
  readonly seen: Seen[];
  /** Tokens that are rejected with a 401. All others are accepted. */
  readonly rejected: Set<string>;
  /** Paths at which every token is rejected. */
  readonly sickPaths: Set<string>;
  /** Sends the response to a rejected token. */
  reject: (response: ServerResponse) => void;
  reset(): void;
  close(): Promise<void>;
}

export async function startEchoServer(): Promise<EchoServer> {
  const http = createServer(async (request, response) => {
    const { authorization } = request.headers;
    const body = await buffer(request);
    const token = authorization?.replace("Bearer ", "") ?? "";
    const isRejected = server.rejected.has(token) || server.sickPaths.has(request.url ?? "");
    server.seen.push({
      method: request.method ?? "",
      url: request.url ?? "",
      authorization,
      headers: request.headers,
      body,
      port: request.socket.remotePort ?? 0,
      isRejected,
    });
    if (isRejected) server.reject(response);
    else response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ token }));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const server: EchoServer = {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    seen: [],
    rejected: new Set(),
    sickPaths: new Set(),
    reject: rejectWithoutBody,
    reset() {
      this.seen.length = 0;
      this.rejected.clear();
      this.sickPaths.clear();
      this.reject = rejectWithoutBody;
    },
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
  return server;
}

function rejectWithoutBody(response: ServerResponse): void {
  response.writeHead(401, { "WWW-Authenticate": 'Bearer realm="x", error="invalid_token"' }).end();
}

// Servers in this process, on a free port of loopback.

import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Listening {
  readonly server: Server;
  readonly origin: string;
  readonly close: () => Promise<void>;
}

export async function listen(listener: RequestListener, port = 0): Promise<Listening> {
  const server = createServer(listener).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An API that echoes bodies if the authorization server confirms the token. */
export function listenAsApi(isValid: (token: string) => Promise<boolean>): Promise<Listening> {
  return listen(async (request, response) => {
    const [scheme, token = ""] = (request.headers.authorization ?? "").split(" ");
    const body = await buffer(request);
    if (scheme === "Bearer" && (await isValid(token))) response.writeHead(200).end(body);
    else response.writeHead(401, { "WWW-Authenticate": 'Bearer error="invalid_token"' }).end();
  });
}

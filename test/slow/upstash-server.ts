// Upstash's REST protocol in front of a real Redis: a command is a JSON array, a pipeline an array of commands.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { createClient } from "redis";

export interface UpstashServer {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

export async function startUpstash(redisUrl: string): Promise<UpstashServer> {
  const token = "rest-token";
  const redis = await createClient({ url: redisUrl }).connect();
  const run = async (command: unknown[], encode: (result: unknown) => unknown) => {
    try {
      return { result: encode(await redis.sendCommand(command.map(String))) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  };
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
    const encode = request.headers["upstash-encoding"] === "base64" ? base64 : (result: unknown) => result;
    const body = (await json(request)) as unknown[];
    const isPipeline = request.url === "/pipeline";
    const result = isPipeline
      ? await Promise.all(body.map((command) => run(command as unknown[], encode)))
      : await run(body, encode);
    response.writeHead("error" in result ? 400 : 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(result));
  };
  const server = createServer((request, response) => void respond(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    async close() {
      server.closeAllConnections();
      server.close();
      redis.destroy();
      await once(server, "close");
    },
  };
}

/** Texts are encoded, also within arrays; numbers and `null` are not. */
function base64(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(base64);
  return typeof result === "string" ? Buffer.from(result).toString("base64") : result;
}

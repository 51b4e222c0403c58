// Starts a Redis for a test, on a free port of loopback. It can be killed, paused and restarted.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { describe } from "vitest";
import { HAS_REDIS } from "./installed.ts";

/** A `describe` that is skipped without Redis. */
export const describeWithRedis: typeof describe.skip = describe.skipIf(!HAS_REDIS);

const running = new Set<ChildProcess>();
// Kills what a failed test leaves running.
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Pauses the process, or lets it continue. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export async function startRedis(...options: string[]): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess;
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    port,
    signal: (name) => void child.kill(name),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
    async start() {
      // A configuration file must be first.
      const args = [...options, "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
      child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
      child.unref();
      running.add(child);
      for await (const chunk of child.stdout ?? []) if (/Ready to accept|\+monitor/.test(String(chunk))) break;
    },
  };
  await server.start();
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

// Starts servers that are programs of their own, which print their port, and exit at the end of their input.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CLIENT_ID, CLIENT_SECRET, TOKEN_SECONDS } from "./server.ts";

export interface Child {
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

/** @param file a program in `servers/` */
export async function startChild(command: string, file: string): Promise<Child> {
  const child = spawn(command, [fileURLToPath(new URL(`servers/${file}`, import.meta.url))], {
    env: { ...process.env, CLIENT_ID, CLIENT_SECRET, TOKEN_SECONDS: String(TOKEN_SECONDS) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors = (errors + chunk).slice(-2000);
  });
  const exit = once(child, "exit");
  const line = once(createInterface(child.stdout), "line");
  const [port] = await Promise.race([line, exit.then(() => Promise.reject(new Error(`${file} ended: ${errors}`)))]);
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      child.stdin.end();
      await exit;
    },
  };
}

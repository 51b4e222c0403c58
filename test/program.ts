// Runs a program as a user would, but where it names the real provider it meets the test provider.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Where the test's servers are. */
export interface Servers {
  readonly PROVIDER_URL: string;
  readonly REDIS_URL?: string;
}

/** Runs `node` with what follows its own options: a file, or `--eval` and code. */
export async function runProgram(servers: Servers, ...program: string[]): Promise<{ out: string; err: string }> {
  const args = ["--import", "tsx/esm", "--import", "./test/provider/redirect.mjs", ...program];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...servers } });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, err };
}

/** The first example, as `npm start` runs it. */
export const QUICKSTART = ["--import", "tsx/esm", "examples/quickstart.ts"] as const;

/** Runs the first example with no environment but this one: as `npm start` does it, or without npm, which takes as long again. */
export async function start(
  env: Record<string, string> = {},
  command: string = process.execPath,
  args: readonly string[] = QUICKSTART,
): Promise<{ code: unknown; out: string; err: string }> {
  const { OAUTH2_BASE_URL, OAUTH2_CLIENT_ID, OAUTH2_CLIENT_SECRET, ...inherited } = process.env;
  const child = spawn(command, args, { env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, out, err };
}

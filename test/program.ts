// Runs a program as a user would, but where it names the real provider it meets the test provider.

import { spawn } from "node:child_process";
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

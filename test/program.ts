// Runs a program as a user would, but where it names the real provider it meets the test provider.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** Runs `node` with what follows its own options: a file, or `--eval` and code. */
export async function runProgram(providerUrl: string, ...program: string[]): Promise<{ out: string; err: string }> {
  const args = ["--import", "tsx/esm", "--import", "./test/provider/redirect.mjs", ...program];
  const child = spawn(process.execPath, args, { env: { ...process.env, PROVIDER_URL: providerUrl } });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, err };
}

// Runs a program as a user would, but redirects requests for the real provider to the test provider.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Where the servers of the test run. */
export interface Servers {
  readonly PROVIDER_URL: string;
  readonly REDIS_URL?: string;
}

/** Runs a file, or `--eval` and code, in Node. */
export async function runProgram(servers: Servers, ...program: string[]): Promise<{ out: string; err: string }> {
  const args = ["--import", "tsx/esm", "--import", "./test/provider/redirect.mjs", ...program];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...servers } });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, err };
}

/** The first example, as `npm start` runs it. */
export const QUICKSTART = ["--import", "tsx/esm", "examples/quickstart.ts"] as const;

/** Runs the quickstart with only these `OAUTH2_…` variables: with Node, or as `command` says. */
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

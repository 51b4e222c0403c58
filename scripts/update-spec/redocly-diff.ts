// Runs `redocly diff`, the only child process that reads a description.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { UpdateError } from "./errors.ts";

/** A difference, as `redocly diff --format json` reports it. */
export interface Reported {
  readonly path: string;
  readonly kind: "added" | "removed" | "modified";
  readonly impact: "major" | "minor" | "patch";
  readonly property?: string;
  readonly verdicts: readonly { readonly message: string }[];
  readonly base?: { readonly pointer: string; readonly value: unknown };
  readonly revision?: { readonly pointer: string; readonly value: unknown };
}

/** Compares two descriptions. */
export type Diff = (before: unknown, after: unknown) => Promise<readonly Reported[]>;

const PACKAGE = createRequire(import.meta.url).resolve("@redocly/cli/package.json");
const ARGS = "diff before.json after.json --config redocly.yaml --format json --fail-on none".split(" ");
const INTERRUPTIONS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Compares two descriptions with `redocly diff`. Its temporary folder is removed even if the run is interrupted.
 *
 * @throws {UpdateError} if they cannot be compared
 */
export const redoclyDiff: Diff = async (before, after) => {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  for (const signal of INTERRUPTIONS) process.on(signal, interrupt);
  const cwd = mkdtempSync(join(tmpdir(), "update-spec-"));
  try {
    // Without these rules every difference is rated as a patch.
    writeFileSync(join(cwd, "redocly.yaml"), "extends: [recommended, diff-recommended]\n");
    writeFileSync(join(cwd, "before.json"), JSON.stringify(before));
    writeFileSync(join(cwd, "after.json"), JSON.stringify(after));
    const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
    const cli = join(dirname(PACKAGE), "bin/cli.js");
    const options = { cwd, env, maxBuffer: 2 ** 26, signal: interruption.signal };
    const { stdout } = await promisify(execFile)(process.execPath, [cli, ...ARGS], options);
    return JSON.parse(stdout).changes;
  } catch (error) {
    if (interruption.signal.aborted) throw new UpdateError("interrupted");
    const { stderr = "", message } = error as Error & { stderr?: string };
    const [reason] = /^Error: .+$/m.exec(stderr) ?? [message];
    throw new UpdateError(`cannot be compared by redocly diff (${reason})`);
  } finally {
    for (const signal of INTERRUPTIONS) process.off(signal, interrupt);
    rmSync(cwd, { recursive: true });
  }
};

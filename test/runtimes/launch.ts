// Starts a runtime as a child of its own process group, and ends it with all its children.

import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";

export interface Running {
  /** Why it ended, with the end of its output. */
  readonly ended: Promise<string>;
  kill(): void;
}

export function launch(command: string, args: readonly string[]): Running {
  // Outside of the project, as npx would prefer the version that is installed here.
  const child = spawn(command, args, { cwd: tmpdir(), detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk).slice(-2000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(String(error)));
    child.on("close", (code, signal) => resolve(`ended with ${code ?? signal}: ${printed.trim()}`));
  });
  return { ended, kill: () => killGroup(child) };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

// A copy of the whole repository, as it is in the work tree, for tests that change it.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll } from "vitest";

export interface RepositoryCopy {
  readonly root: string;
  run(command: string, ...args: string[]): { readonly status: number | null; readonly output: string };
}

/** Creates the copy; it is removed after the tests of the file. */
export function copyRepository(): RepositoryCopy {
  const root = mkdtempSync(join(tmpdir(), "repository-"));
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" });
  for (const file of tracked.trim().split("\n")) cpSync(file, join(root, file));
  symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  afterAll(() => rmSync(root, { recursive: true }));
  return {
    root,
    run(command, ...args) {
      const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
      return { status, output: stdout + stderr };
    },
  };
}

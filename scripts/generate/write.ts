// Compares outputs with what is on disk, shows the difference, and writes all of them or none.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createTwoFilesPatch } from "diff";

/** A file that differs from what it should hold: `before` is what it holds, `after` what it should; `undefined` is no file. */
export interface Change {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What ends a process, unless something listens. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Lists what must change under `root` so that `folders` hold the outputs and nothing else.
 *
 * A file in them that is no output, such as one of a schema that is gone, is to be removed.
 */
export function listChanges(root: string, folders: readonly string[], outputs: ReadonlyMap<string, string>): Change[] {
  const present = folders.flatMap((folder) => filesIn(root, folder));
  const paths = [...new Set([...outputs.keys(), ...present])].sort();
  return paths
    .map((path) => ({ path, before: readIfPresent(join(root, path)), after: outputs.get(path) }))
    .filter(({ before, after }) => before !== after);
}

/** A unified diff of the changes. */
export function formatDiff(changes: readonly Change[]): string {
  return changes
    .map(({ path, before, after }) => {
      const from = before === undefined ? "/dev/null" : `a/${path}`;
      const to = after === undefined ? "/dev/null" : `b/${path}`;
      return createTwoFilesPatch(from, to, before ?? "", after ?? "", "", "", { context: 3 });
    })
    .join("");
}

/**
 * Writes every change or, where one fails, leaves all as it was. Ctrl-C and its like do not interrupt it.
 *
 * The new contents are complete on disk, beside their targets, before the first of them is renamed into place, in the order given.
 * No file system renames many files at once: what a killed process leaves of generated files is stale, and the next run mends it.
 */
export function writeChanges(root: string, changes: readonly Change[]): void {
  const temporary = (path: string) => join(root, `${path}.${process.pid}.new`);
  const begun: Change[] = [];
  const wait = () => {};
  for (const signal of SIGNALS) process.on(signal, wait);
  try {
    for (const { path, after } of changes) {
      if (after === undefined) continue;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(temporary(path), after);
    }
    for (const change of changes) {
      begun.push(change);
      if (change.after === undefined) rmSync(join(root, change.path));
      else renameSync(temporary(change.path), join(root, change.path));
    }
  } catch (error) {
    for (const { path, before } of begun) attempt(() => restore(join(root, path), before));
    for (const { path } of changes) attempt(() => rmSync(temporary(path), { force: true }));
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, wait);
  }
}

/** What led here is the error to tell, and what comes next is to be put back all the same. */
function attempt(undo: () => void): void {
  try {
    undo();
  } catch {}
}

function restore(file: string, before: string | undefined): void {
  if (readIfPresent(file) === before) return;
  if (before === undefined) rmSync(file, { force: true });
  else writeFileSync(file, before);
}

function filesIn(root: string, folder: string): string[] {
  const entries = ifPresent(() => readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) ?? [];
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

export function readIfPresent(file: string): string | undefined {
  return ifPresent(() => readFileSync(file, "utf8"));
}

function ifPresent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

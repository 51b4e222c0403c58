// Compares outputs with the files on disk, shows the differences, and writes all of them or none.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createTwoFilesPatch } from "diff";

/** A file that differs: its contents `before` and `after`. `undefined` means that there is no file. */
export interface Change {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The signals that end a process without a listener. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Lists the changes under `root` that make `folders` contain the outputs and nothing else.
 *
 * Other files in them, such as the page of a schema that is gone, are removed.
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
 * Writes all changes or, if one fails, none. Ctrl-C and similar signals do not interrupt it.
 *
 * All new contents are written beside their targets first, and then renamed into place, in the order given. No file system renames
 * many files at once. So a killed process may leave stale files, which the next run replaces.
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

/** Restores a file. Errors are ignored: the first error is the one to report, and the other files must be restored, too. */
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

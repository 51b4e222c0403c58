// Compares outputs with the files on disk, formats the differences, and writes all of the outputs or none.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createTwoFilesPatch } from "diff";

/** A file to change: its present text and its new text. `undefined` means that the file does not exist. */
export interface Change {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Signals that end a process without a listener. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Lists the changes under `root` that make `folders` contain the outputs and nothing else.
 *
 * Files in them that are not outputs, such as the page of a removed schema, are removed.
 */
export function listChanges(root: string, folders: readonly string[], outputs: ReadonlyMap<string, string>): Change[] {
  const present = folders.flatMap((folder) => filesIn(root, folder));
  const paths = [...new Set([...outputs.keys(), ...present])].sort();
  return paths
    .map((path) => ({ path, before: readIfPresent(join(root, path)), after: outputs.get(path) }))
    .filter(({ before, after }) => before !== after);
}

/** Returns the changes as a unified diff. */
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
 * Writes every change. If one fails, all files are restored. Signals such as Ctrl-C do not interrupt it.
 *
 * All new texts are written to temporary files beside their targets, which are then renamed in the given order.
 * Many renames are not atomic: a killed process can leave stale files, which the next run replaces.
 */
export function writeChanges(root: string, changes: readonly Change[]): void {
  const temporary = (path: string) => join(root, `${path}.${process.pid}.new`);
  const started: Change[] = [];
  const ignore = () => {};
  for (const signal of SIGNALS) process.on(signal, ignore);
  try {
    for (const { path, after } of changes) {
      if (after === undefined) continue;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(temporary(path), after);
    }
    for (const change of changes) {
      started.push(change);
      if (change.after === undefined) rmSync(join(root, change.path));
      else renameSync(temporary(change.path), join(root, change.path));
    }
  } catch (error) {
    for (const { path, before } of started) attempt(() => restore(join(root, path), before));
    for (const { path } of changes) attempt(() => rmSync(temporary(path), { force: true }));
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, ignore);
  }
}

/** Ignores an error: the first error is the one to report, and the remaining files must still be restored. */
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

// Finds the hand-written lines that would no longer compile after a change. It writes no files.

import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { API, type Diagnostic, type Snapshot } from "typescript7/unstable/async";
import type { Change } from "../generate/write.ts";

/**
 * Lists the type errors that the changes would add to the project in `root`, those in `src` first. A line is
 * `src/expiry.ts:10: Property 'expires_in' does not exist …`.
 */
export async function affectedLines(changes: readonly Change[], root: string): Promise<string[]> {
  const fileAt = (path: string) => join(root, path).replaceAll(sep, "/");
  const pending = new Map(changes.map(({ path, after }) => [fileAt(path), after]));
  // If this returns `undefined`, the compiler reads the file from the disk.
  const readFile = (file: string) => (pending.has(file) ? (pending.get(file) ?? null) : undefined);
  const compiler = new API({ cwd: root, fs: { readFile } });
  try {
    const errors = await errorsIn(await compiler.updateSnapshot({ openProjects: [fileAt("tsconfig.json")] }));
    const after = errors.map((error) => lineOf(error, root, pending));

    pending.clear();
    const changed = changes.map(({ path }) => fileAt(path));
    const files = new Set(errors.map(({ fileName }) => fileName));
    const known = await errorsIn(await compiler.updateSnapshot({ fileChanges: { changed } }), files);
    const before = new Set(known.map((error) => lineOf(error, root, pending)));

    const lines = after.filter((line) => !before.has(line));
    const isInSource = (line: string) => line.startsWith("src/");
    return [...lines.filter(isInSource), ...lines.filter((line) => !isInSource(line))];
  } finally {
    await compiler.close();
  }
}

/** Lists the errors in these files (default: in all files). */
async function errorsIn(snapshot: Snapshot, files: Iterable<string | undefined> = [undefined]): Promise<Diagnostic[]> {
  const programs = snapshot.getProjects().map(({ program }) => program);
  const lists = programs.flatMap((program) =>
    [...files].flatMap((file) => [program.getSyntacticDiagnostics(file), program.getSemanticDiagnostics(file)]),
  );
  return (await Promise.all(lists)).flat();
}

function lineOf(error: Diagnostic, root: string, pending: ReadonlyMap<string, string | undefined>): string {
  const { fileName = "", pos } = error;
  const text = pending.get(fileName) ?? readFileSync(fileName, "utf8");
  const line = text.slice(0, pos).split("\n").length;
  return `${relative(root, fileName).replaceAll(sep, "/")}:${line}: ${messageOf(error)}`;
}

/** Joins the message of an error and the nested messages that explain it. */
function messageOf({ text, messageChain = [] }: Diagnostic): string {
  return [text, ...messageChain.map(messageOf)].join(" ").replace(/\s+/g, " ");
}

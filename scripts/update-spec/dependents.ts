// Asks the type check which hand-written lines depend on what changes.

import { join, relative, sep } from "node:path";
import ts from "typescript";
import type { Change } from "../generate/write.ts";

/**
 * Lists what `tsc` would newly say in `root` once the changes were written, such as
 * `src/expiry.ts:10: Property 'expires_in' does not exist …`: first what is in `src`. Nothing is written.
 */
export function dependentsOf(changes: readonly Change[], root: string): string[] {
  const check = typeCheckIn(root);
  const errors = check(changes);
  const before = check([], new Set(errors.map(({ path }) => path))).map(({ text }) => text);
  const texts = (isInSource: boolean) =>
    errors.filter(({ path }) => path.startsWith("src/") === isInSource).map(({ text }) => text);
  return [...texts(true), ...texts(false)].filter((text) => !before.includes(text));
}

interface Found {
  readonly path: string;
  readonly text: string;
}

/** Gives a function that tells what the type check would say once these changes were written: of all files, or of those at `paths`. */
function typeCheckIn(root: string): (changes: readonly Change[], paths?: ReadonlySet<string>) => Found[] {
  const { fileNames, options } = configIn(root);
  // Reading takes most of the time: what is not changed is read once.
  const sources = new Map<string, ts.SourceFile | undefined>();
  const pathOf = ({ fileName }: ts.SourceFile) => relative(root, fileName).replaceAll(sep, "/");

  return (changes, paths) => {
    const changed = new Map(changes.map(({ path, after }) => [join(root, path), after]));
    const host = ts.createCompilerHost(options);
    const { readFile, fileExists, getSourceFile } = host;
    host.readFile = (file) => (changed.has(file) ? changed.get(file) : readFile(file));
    host.fileExists = (file) => (changed.has(file) ? changed.get(file) !== undefined : fileExists(file));
    host.getSourceFile = (file, ...how) => {
      if (changed.has(file)) return getSourceFile(file, ...how);
      if (!sources.has(file)) sources.set(file, getSourceFile(file, ...how));
      return sources.get(file);
    };

    const program = ts.createProgram(fileNames.filter(host.fileExists), options, host);
    const files = program.getSourceFiles().filter((file) => paths?.has(pathOf(file)) ?? true);
    const diagnostics = files.flatMap((file) => ts.getPreEmitDiagnostics(program, file));
    return diagnostics.flatMap(({ file, start = 0, messageText }) => {
      if (!file) return [];
      const path = pathOf(file);
      const { line } = ts.getLineAndCharacterOfPosition(file, start);
      const message = ts.flattenDiagnosticMessageText(messageText, " ").replace(/\s+/g, " ");
      return [{ path, text: `${path}:${line + 1}: ${message}` }];
    });
  };
}

function configIn(root: string): ts.ParsedCommandLine {
  const file = join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, root);
}

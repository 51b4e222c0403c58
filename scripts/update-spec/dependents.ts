// Asks the type check which hand-written lines depend on what changes.

import { join, relative, sep } from "node:path";
import ts from "typescript";
import type { Change } from "../generate/write.ts";

/**
 * Lists what `tsc` would newly say in `root` once the changes were written, such as
 * `src/expiry.ts:10: Property 'expires_in' does not exist …`: first what is in `src`. Nothing is written.
 */
export function dependentsOf(changes: readonly Change[], root: string): string[] {
  const errors = errorsWith(changes, root);
  const before = errors.length > 0 ? errorsWith([], root) : [];
  return errors.filter((error) => !before.includes(error));
}

function errorsWith(changes: readonly Change[], root: string): string[] {
  const changed = new Map(changes.map(({ path, after }) => [join(root, path), after]));
  const { fileNames, options } = configIn(root);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (file) => (changed.has(file) ? changed.get(file) : readFile(file));
  host.fileExists = (file) => (changed.has(file) ? changed.get(file) !== undefined : fileExists(file));

  const program = ts.createProgram(fileNames.filter(host.fileExists), options, host);
  const errors = ts.getPreEmitDiagnostics(program).flatMap(({ file, start = 0, messageText }) => {
    if (!file) return [];
    const path = relative(root, file.fileName).replaceAll(sep, "/");
    const { line } = ts.getLineAndCharacterOfPosition(file, start);
    return [
      { path, text: `${path}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, " ").replace(/\s+/g, " ")}` },
    ];
  });
  const inSource = errors.filter(({ path }) => path.startsWith("src/"));
  const elsewhere = errors.filter((error) => !inSource.includes(error));
  return [...inSource, ...elsewhere].map(({ text }) => text);
}

function configIn(root: string): ts.ParsedCommandLine {
  const file = join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, root);
}

// Extracts the code from the documentation and compiles it.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

export interface Snippet {
  /** Its place, as a file name: `docs-api.md-2` is the second one in `docs/api.md`. */
  readonly name: string;
  readonly code: string;
}

/** Finds the fenced code blocks of one language in a Markdown text. */
export function snippetsIn(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , code = ""]) => code);
}

/** Finds the TypeScript programs on a page. */
export function programsOf(page: string): Snippet[] {
  const programs = snippetsIn(readFileSync(page, "utf8"), "ts");
  return programs.map((code, index) => ({ name: `${page.replaceAll("/", "-")}-${index + 1}`, code }));
}

/** Writes the snippets into an empty folder inside the project, so that imports of the package find its sources. */
export function writeSnippets(folder: string, snippets: readonly Snippet[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const { name, code } of snippets) writeFileSync(join(folder, `${name}.ts`), code);
  const compilerOptions = { declaration: false, isolatedDeclarations: false };
  const config = { extends: resolve("tsconfig.json"), compilerOptions, include: ["./*.ts"], exclude: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
}

/** Compiles all snippets in a folder in one run and returns the errors. */
export function typeErrorsIn(folder: string): string[] {
  const args = ["node_modules/typescript7/bin/tsc", "--project", folder, "--pretty", "false"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return `${stdout}${stderr}`
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace(`${relative(".", folder)}/`, ""));
}

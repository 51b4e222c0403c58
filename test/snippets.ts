// The code that the documentation shows: what it is, and whether it compiles.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

export interface Snippet {
  /** Where it stands, as the name of a file: `docs-api.md-2` is the second one of `docs/api.md`. */
  readonly name: string;
  readonly code: string;
}

/** The fenced code blocks of a Markdown text in one language, in order. */
export function snippetsIn(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , code = ""]) => code);
}

/** The TypeScript programs of a page. */
export function programsOf(page: string): Snippet[] {
  const programs = snippetsIn(readFileSync(page, "utf8"), "ts");
  return programs.map((code, index) => ({ name: `${page.replaceAll("/", "-")}-${index + 1}`, code }));
}

/** Writes the snippets into a folder that holds nothing else, within the project so that the package's own name leads to its sources. */
export function writeSnippets(folder: string, snippets: readonly Snippet[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const { name, code } of snippets) writeFileSync(join(folder, `${name}.ts`), code);
  const compilerOptions = { declaration: false, isolatedDeclarations: false };
  const config = { extends: resolve("tsconfig.json"), compilerOptions, include: ["./*.ts"], exclude: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
}

/** What TypeScript says of all snippets in a folder, in one run. */
export function typeErrorsIn(folder: string): string[] {
  const args = ["node_modules/typescript7/bin/tsc", "--project", folder, "--pretty", "false"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return `${stdout}${stderr}`
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace(`${relative(".", folder)}/`, ""));
}

// The checks of a generated file that stands elsewhere.

import { readFileSync } from "node:fs";
import type { Checked } from "oauth2-token-response/schemas";
import ts from "typescript";

const OPTIONS = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };

/** Runs the text of `schemas.ts`. */
export function checksIn(program = ""): Promise<Record<string, Checked<unknown>>> {
  const parts = urlOf(readFileSync("src/standard-schema.ts", "utf8"));
  return import(urlOf(program.replaceAll("../standard-schema.ts", parts)));
}

function urlOf(program: string): string {
  return `data:text/javascript,${encodeURIComponent(ts.transpileModule(program, { compilerOptions: OPTIONS }).outputText)}`;
}

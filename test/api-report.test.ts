import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reportApi } from "./api-report.ts";

const HEAD = `# API report

The public types of each entry point, written by \`npm run api\`. Types that are generated from the
description are in \`src/generated/\`.

`;

test("api-report.md is current: after an intended change of a public type, run `npm run api`", async () => {
  const folder = mkdtempSync(join(tmpdir(), "api-report-"));
  const options = [
    "--emitDeclarationOnly",
    "--noCheck",
    "--removeComments",
    "--declarationMap",
    "false",
    "--sourceMap",
    "false",
  ];
  const args = ["node_modules/typescript7/bin/tsc", "--project", "src", "--outDir", folder, ...options];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stdout).toBe("");
  const declarationsOf = (file: string) => file.replace(/^src\/(.*)\.ts$/, "$1.d.ts");
  const report = reportApi(entryPoints(), (file) => readFileSync(join(folder, declarationsOf(file)), "utf8"));
  rmSync(folder, { recursive: true });
  await expect(HEAD + report).toMatchFileSnapshot("../api-report.md");
});

test("the report has what an export leads to, once, and nothing else", () => {
  const files: Record<string, string> = {
    "src/index.ts": `export { type A, f } from "./a.ts";\nexport * from "./generated/types.ts";\n`,
    "src/f.ts": `export { f } from "./a.ts";\n`,
    "src/a.ts": `import type { B as C } from "./between.ts";
import type { Foreign } from "foreign";
interface Inner {
    readonly of: "Unrelated";
}
export interface A {
    readonly c: C;
}
export declare function f(inner: Inner): void;
export declare function f(foreign: Foreign): A;
export interface Unrelated {
}
`,
    "src/between.ts": `export { type B } from "./b.ts";\n`,
    "src/b.ts": "export type B = {\n    a: 1;\n} | {\n    b: 2;\n};\nexport type Unused = B;\n",
    "src/d.ts": "export type D = 1;\n",
    "src/generated/checks.ts": `export type { D } from "../d.ts";
export declare const one: 1;
export declare const two: 2;
`,
  };
  const entryPoints = { pkg: "src/index.ts", "pkg/f": "src/f.ts", "pkg/checks": "src/generated/checks.ts" };
  const report = reportApi(entryPoints, (file) => files[file] ?? "");
  const sections = report.split(/^## /m).map((section) => section.replace(/\n*```(ts)?\n*/g, "\n"));
  const [inner, a, first, second] = (files["src/a.ts"] ?? "").split(/^(?=interface|export)/m).slice(1);
  expect(sections.slice(1)).toEqual([
    `pkg\nexport * from "src/generated/types.ts";\nexport type { A };\nexport { f };\n`,
    "pkg/f\nexport { f };\n",
    `pkg/checks\nexport * from "src/generated/checks.ts";\nexport type { D };\n`,
    `Declarations\n${a}export type B = {\n    a: 1;\n} | {\n    b: 2;\n};\nexport type D = 1;\n${inner}${first}${second}`,
  ]);
});

/** The source of each entry point, by the name that users import. */
function entryPoints(): Record<string, string> {
  const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const sources = Object.entries<{ types?: string }>(exports).flatMap(([path, { types }]) =>
    types ? [[name + path.slice(1), types.replace(/^\.\/dist\/(.*)\.d\.ts$/, "src/$1.ts")]] : [],
  );
  return Object.fromEntries(sources);
}

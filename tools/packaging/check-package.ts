// `npm run check:package` packs the package and tests the tarball. publint and attw check it. It is installed into an empty
// folder, where the README's programs run. A program that uses the entire public API is compiled with each version of
// TypeScript and the types of each platform, and loaded without a global `Request`.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startProvider } from "../../test/provider/provider.ts";
import { snippetsIn } from "../../test/snippets.ts";
import { installAlone, pack } from "./pack.ts";
import { row, rows, run } from "./rows.ts";
import { TOOLS, typeChecks } from "./types.ts";

const TYPESCRIPT = resolve("node_modules/typescript/bin/tsc");
const PRELOAD = pathToFileURL(resolve("test/provider/redirect.mjs")).href;

const folder = mkdtempSync(join(tmpdir(), "check-package-"));
const provider = await startProvider();
process.env["PROVIDER_URL"] = provider.baseUrl;
try {
  const { tarball, files } = await pack(folder);
  await row("npm pack", () => `${files.length} files`);
  await row("publint, strict", () => publint(tarball));
  // `tools/bundlers/check-bundlers.ts` tests `require` of ES modules. The resolution of Node 10 is not supported.
  await row("attw, ESM only", () => attw(tarball));

  const alone = join(folder, "alone");
  await row("npm install, into an empty folder", async () => {
    const installed = await installAlone(alone, tarball);
    if (installed.join() === "oauth2-token-response") return "nothing else is installed";
    throw new Error(`installed: ${installed}`);
  });
  const programs = snippetsIn(readFileSync("README.md", "utf8"), "ts");
  for (const [index, code] of programs.entries()) {
    await row(`the README's program ${index + 1}, installed alone`, () => runProgram(alone, `readme${index}`, code));
  }
  await rows(
    typeChecks(
      alone,
      resolve("tools/packaging/consumer.ts"),
      programs.map((_, index) => join(alone, `readme${index}.ts`)),
    ),
  );
  await row("loads where there is no `Request`", () => loadWithoutRequest(alone));
} finally {
  await provider.close();
  rmSync(folder, { recursive: true });
}

async function publint(tarball: string): Promise<string> {
  await run(TOOLS, "npx", "publint", "run", tarball, "--strict");
  return "nothing to say";
}

async function attw(tarball: string): Promise<string> {
  await run(TOOLS, "npx", "attw", tarball, "--profile", "esm-only");
  return "types resolve in Node and in bundlers";
}

/** Runs a program of the documentation with the test provider. It must print something. */
async function runProgram(cwd: string, name: string, code: string): Promise<string> {
  writeFileSync(join(cwd, `${name}.ts`), code);
  await compile(cwd, `${name}.ts`);
  const before = provider.tokenRequests;
  const output = await run(cwd, process.execPath, "--import", PRELOAD, `${name}.js`);
  if (provider.tokenRequests !== before + 1 || !output) throw new Error(`not one token request, but "${output}"`);
  return output;
}

async function loadWithoutRequest(cwd: string): Promise<string> {
  await compile(cwd, resolve("tools/packaging/consumer.ts"), "--outDir", ".");
  const program =
    'delete globalThis.Request; const { functions } = await import("./consumer.js"); console.log(functions.length)';
  return `${(await run(cwd, process.execPath, "--eval", program)).trim()} sources created`;
}

function compile(cwd: string, file: string, ...more: string[]): Promise<string> {
  const flags = ["--noCheck", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];
  return run(cwd, process.execPath, TYPESCRIPT, ...flags, ...more, file);
}

// `npm run check:package`: packs the package and tries the tarball as its users would. publint and attw look at it; then, in
// an empty folder where it is installed, the README's programs are type-checked by TypeScript old, present and next, and run.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { startProvider } from "../test/provider/provider.ts";
import { snippetsIn } from "../test/snippets.ts";

const root = resolve(".");
/** The tools have a package of their own. */
const tools = resolve("tools/packaging");
const COMPILERS = [
  join(tools, "node_modules/typescript5.4"),
  join(root, "node_modules/typescript"),
  join(root, "node_modules/typescript7"),
];
const folder = mkdtempSync(join(tmpdir(), "check-package-"));
const provider = await startProvider();
try {
  const [packed] = JSON.parse(await run(root, "npm", "pack", "--json", "--silent", "--pack-destination", folder));
  const tarball = join(folder, packed.filename);
  step("files", packed.files.map(({ path }: { path: string }) => path).join(" "));

  await run(tools, "npx", "publint", "run", tarball, "--strict");
  step("publint", "strict, nothing to say");

  // ESM only, on purpose: neither `require` nor the resolution of Node 10 is supported.
  await run(tools, "npx", "attw", tarball, "--profile", "esm-only");
  step("attw", "types resolve from ESM in Node and in bundlers");

  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
  await run(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", tarball);
  const programs = snippetsIn(readFileSync("README.md", "utf8"), "ts").map((code, index) => {
    writeFileSync(join(folder, `snippet${index}.ts`), code);
    return `snippet${index}`;
  });
  const flags = ["--strict", "--skipLibCheck", "false", "--module", "nodenext", "--target", "es2022"];
  for (const compiler of COMPILERS) {
    const tsc = join(compiler, "bin/tsc");
    await run(folder, process.execPath, tsc, ...flags, ...programs.map((program) => `${program}.ts`));
    const version = await run(folder, process.execPath, tsc, "--version");
    step("types", `${programs.length} programs of the README under ${version.trim()}, strict, libraries checked`);
  }
  const preload = pathToFileURL(join(root, "test/provider/redirect.mjs")).href;
  for (const program of programs) {
    const output = await run(folder, process.execPath, "--import", preload, `${program}.js`);
    step("run", output.trim().replaceAll("\n", "\n         "));
  }
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  await provider.close();
  rmSync(folder, { recursive: true });
}

async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, PROVIDER_URL: provider.baseUrl };
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  if (code === 0) return out;
  throw new Error(`\`${command} ${args.join(" ")}\` failed:\n${out}${err}`);
}

function step(name: string, found: string): void {
  console.log(`${name.padEnd(8)} ${found}`);
}

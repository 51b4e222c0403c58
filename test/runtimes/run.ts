// `npm run test:runtimes`: the table of `fetch` on every runtime, each compared with its own plain `fetch`, the scene of
// background work in Workers, and an app of Next.js. Names of runtimes as arguments run only those.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { type Difference, shown } from "../like-fetch/differences.ts";
import type { Report } from "../like-fetch/run-table.ts";
import { type LikeFetchServer, startServer } from "../like-fetch/server.ts";
import { runDurableObject } from "./durable-object-host.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { launch } from "./launch.ts";
import { runNext } from "./next-host.ts";
import { isThere, RUNTIMES, type Runtime } from "./runtimes.ts";
import { runInWorkerd, runScenes } from "./workerd-host.ts";

type Reported = Partial<Report> & { readonly version?: string; readonly error?: string; readonly seconds?: number };

const HERE = "test/runtimes";
/** A runtime that takes longer counts as hanging. The first start from npm includes its download. */
const RUNTIME_MS = 180_000;

const wanted = process.argv.slice(2);
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
const used = new Set<unknown>();
let failures = 0;

build();
const server = await startServer();
const origins = [server.origin, server.second, server.other];
serveFiles(server);
for (const runtime of RUNTIMES.filter(({ name }) => isWanted(name))) await runIn(runtime);
if (isWanted("workerd")) {
  const { version } = JSON.parse(readFileSync(`${HERE}/node_modules/workerd/package.json`, "utf8"));
  print("workerd", { ...JSON.parse(await runInWorkerd(origins, RUNTIME_MS)), version });
}
const scenes = { scenes: async () => [...(await runScenes()), await runDurableObject()], next: runNext };
for (const [name, runAll] of Object.entries(scenes)) {
  for (const { line, isRight } of isWanted(name) ? await runAll() : []) {
    console.log(line);
    if (!isRight) failures++;
  }
}
if (wanted.length === 0) {
  for (const { reason } of EXCEPTIONS.filter((exception) => !used.has(exception))) {
    console.log(`exception that is no longer needed: ${reason}`);
    failures++;
  }
}
await server.close();
process.exit(failures > 0 ? 1 : 0);

function build(): void {
  if (!existsSync(`${HERE}/node_modules/miniflare`)) run("npm", ["ci", "--ignore-scripts"], HERE);
  const esbuild = (...args: string[]) =>
    run(`${HERE}/node_modules/.bin/esbuild`, ["--bundle", "--log-level=warning", ...args]);
  const external = "--external:cloudflare:workers";
  esbuild(`${HERE}/program.ts`, "--format=esm", "--platform=neutral", `--outfile=${HERE}/dist/program.mjs`);
  esbuild(`${HERE}/browser.ts`, "--format=iife", `--outfile=${HERE}/dist/browser.js`);
  for (const name of ["workerd", "workerd-scene"]) {
    esbuild(`${HERE}/${name}.ts`, "--format=esm", "--platform=neutral", external, `--outfile=${HERE}/dist/${name}.mjs`);
  }
}

function run(command: string, args: string[], cwd = "."): void {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
}

function serveFiles({ files, origin, second, other }: LikeFetchServer): void {
  files.set("/page.html", ["text/html", '<!doctype html><meta charset="utf-8"><script src="/browser.js"></script>']);
  files.set("/browser.js", ["text/javascript", readFileSync(`${HERE}/dist/browser.js`, "utf8")]);
  files.set("/origins.json", ["application/json", JSON.stringify({ origin, second, other })]);
}

/** Starts a runtime, waits for all its reports, and ends it. */
async function runIn(runtime: Runtime): Promise<void> {
  if (!isThere(runtime)) {
    console.log(`${runtime.name}: skipped, ${runtime.needs} is missing`);
    if (process.env["CI"]) failures++;
    return;
  }
  const [command = "", ...args] = runtime.command(origins);
  const child = launch(command, args);
  const waiting = new Set(runtime.reports);
  const complete = new Promise<string>((resolve) => {
    server.onReport = (name, body) => {
      const path = decodeURIComponent(name);
      if (!waiting.delete(path)) return;
      const reported: Reported = JSON.parse(body);
      const isRight = reported.version?.startsWith(runtime.version ?? "");
      print(path, isRight ? reported : { error: `has the version ${reported.version}, not ${runtime.version}` });
      if (waiting.size === 0) resolve("");
    };
  });
  const late = new Promise<string>((resolve) => setTimeout(resolve, RUNTIME_MS, `hangs for ${RUNTIME_MS / 1000} s`));
  const why = await Promise.race([complete, late, child.ended]);
  child.kill();
  for (const name of waiting) print(name, { error: why });
}

/** One line for each runtime, and one block for each row that differs. */
function print(name: string, { version, error, rows, runs, findings = [], impossible = [], seconds }: Reported): void {
  if (error !== undefined) {
    failures++;
    console.log(`${name} ${version ?? ""}: ${error}`);
    return;
  }
  const isExpected = (row: string) => (difference: Difference) => {
    const exception = EXCEPTIONS.find(
      (one) => one.runtime.test(name) && one.row.test(row) && one.at.test(difference.at),
    );
    if (exception) used.add(exception);
    return exception !== undefined;
  };
  const unexpected = findings.filter(({ row, differences }) => !differences.every(isExpected(row)));
  failures += unexpected.length;
  const excepted = findings.length - unexpected.length;
  console.log(
    `${name} ${version}: ${rows} rows, ${runs} runs, ${unexpected.length} differences, ${excepted} exceptions, ` +
      `${impossible.length} rows not possible here, ${seconds} s`,
  );
  for (const { row, mode, differences } of unexpected) {
    console.log(`- ${row}, ${mode}:\n${differences.map(shown).join("\n")}`);
  }
}

// `npm run bench:spec` runs `update-spec` and three other generators on the same descriptions and compares their times and outputs.
// Each runs in its own process, as users run it. Arguments are paths of further descriptions.

import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { parse, stringify } from "yaml";
import { fullDescription } from "../test/update-spec/full-description.ts";

/** A generator. It runs in its own folder, in which `in.yaml` is the description. */
interface Generator {
  readonly name: string;
  readonly gives: string;
  /** The folder of the generated code. */
  readonly output: string;
  readonly prepare?: (folder: string, operations: readonly string[]) => void;
  readonly command: readonly string[];
}

const RUNS = 3;
/** A generator that takes longer counts as failed. */
const LIMIT_MS = 60_000;
const TSX = import.meta.resolve("tsx/esm");
const TYPESCRIPT = resolve("node_modules/typescript7/bin/tsc");
const COMPILER_OPTIONS = {
  ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, skipLibCheck: true, types: [] },
  ...{ module: "preserve", target: "es2022", lib: ["es2023", "dom"] },
};

const OURS: Generator = {
  name: "update-spec",
  gives: "types, names, checks, pages, endpoints, comparison",
  output: "src/generated",
  prepare(folder) {
    cpSync("src/standard-schema.ts", join(folder, "src/standard-schema.ts"));
    cpSync("redocly.yaml", join(folder, "redocly.yaml"));
  },
  command: ["--import", TSX, resolve("scripts/update-spec.ts"), "in.yaml", "--write"],
};

const GENERATORS: readonly Generator[] = [
  OURS,
  {
    name: "hey-api",
    gives: "types, names, checks (Zod)",
    output: "src",
    prepare(folder, operations) {
      const parser = { filters: { operations: { include: operations }, orphans: false } };
      const config = { input: "in.yaml", output: "src", plugins: ["@hey-api/typescript", "zod"], parser };
      writeFileSync(join(folder, "config.mjs"), `export default ${JSON.stringify(config)}`);
    },
    command: [resolve("bench/node_modules/@hey-api/openapi-ts/bin/run.js"), "-f", "config.mjs"],
  },
  {
    name: "openapi-typescript",
    gives: "types",
    output: "src",
    command: [resolve("node_modules/openapi-typescript/bin/cli.js"), "in.yaml", "-o", "src/openapi.ts"],
  },
  {
    name: "orval",
    gives: "types, names, checks (Zod), calls",
    output: "src",
    prepare(folder) {
      const input = "in.yaml";
      const types = { input, output: { target: "src/client.ts", schemas: "src/model", client: "fetch" } };
      const checks = { input, output: { target: "src/checks.ts", client: "zod" } };
      writeFileSync(join(folder, "orval.config.mjs"), `export default ${JSON.stringify({ types, checks })}`);
    },
    command: [resolve("bench/node_modules/orval/dist/bin/orval.mjs"), "--config", "orval.config.mjs"],
  },
];

interface Result {
  readonly cell: string;
  /** The reason for a failure, or an empty text. */
  readonly reason: string;
}

// In `bench/`, so that the generated code can import Zod.
const root = mkdtempSync(resolve("bench/node_modules/.spec-"));
const reasons: string[] = [];
try {
  print("description", ...GENERATORS.map(({ name }) => name));
  print("---", ...GENERATORS.map(() => "---"));
  for (const [name, text] of descriptions()) {
    const cells: string[] = [];
    let operations: readonly string[] = [];
    for (const generator of GENERATORS) {
      const folder = join(root, name, generator.name);
      const { cell, reason } = measure(generator, folder, text, operations);
      if (generator === OURS) operations = operationsIn(readFileSync(join(folder, "openapi.yaml"), "utf8"));
      if (reason) reasons.push(`- ${name}, ${generator.name}: ${reason}`);
      cells.push(cell);
    }
    print(`${name}, ${kibibytes(text.length)}`, ...cells);
  }
  print("gives", ...GENERATORS.map(({ gives }) => gives));
  console.log(["", ...reasons].join("\n"));
} finally {
  rmSync(root, { recursive: true });
}

function print(...cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

/** Lists our description, four in the style of other providers, ours among thousands of operations, and those of the arguments. */
function descriptions(): [name: string, text: string][] {
  const files = [
    "openapi.yaml",
    ...["box", "hubspot", "ory-hydra", "square"].map((name) => `test/descriptions/${name}.yaml`),
  ];
  const read = (file: string): [string, string] => [basename(file), readFileSync(file, "utf8")];
  return [...files.map(read), ["large.yaml", large()], ...process.argv.slice(2).map(read)];
}

function large(): string {
  const own = parse(readFileSync("openapi.yaml", "utf8"));
  const others = parse(JSON.stringify(fullDescription(4400)));
  const schemas = { ...others.components.schemas, ...own.components.schemas };
  const components = { ...others.components, ...own.components, schemas };
  return stringify({ ...own, paths: { ...others.paths, ...own.paths }, components }, { aliasDuplicateObjects: false });
}

/** Lists the operations of a description as hey-api names them: `POST /oauth2/token`. */
function operationsIn(text: string): string[] {
  const paths: Record<string, object> = parse(text).paths;
  const methods = Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((key) => [key, path] as const));
  const isMethod = (key: string) => ["get", "post", "put", "patch", "delete"].includes(key);
  return methods.filter(([key]) => isMethod(key)).map(([method, path]) => `${method.toUpperCase()} ${path}`);
}

/** Returns the median time of a generator and the size of its output, or the reason why it failed. */
function measure(generator: Generator, folder: string, text: string, operations: readonly string[]): Result {
  const times: number[] = [];
  while (times.length < RUNS) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "src"), { recursive: true });
    writeFileSync(join(folder, "in.yaml"), text);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ["src"] }),
    );
    generator.prepare?.(folder, operations);
    const begun = performance.now();
    const reason = failureOf(generator.command, folder);
    times.push((performance.now() - begun) / 1000);
    if (reason) return { cell: "refused", reason };
  }
  const seconds = times.sort((a, b) => a - b)[RUNS >> 1] ?? 0;
  const cell = `${seconds.toFixed(1)} s, ${kibibytes(sizeOf(join(folder, generator.output)))}`;
  const reason = failureOf([TYPESCRIPT, "--pretty", "false"], folder);
  return { cell: reason ? `${cell}, does not compile` : cell, reason };
}

/** Runs a command. Returns its error message, or an empty text if it succeeds. */
function failureOf(command: readonly string[], cwd: string): string {
  const options = { cwd, encoding: "utf8", timeout: LIMIT_MS } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, command, options);
  if (status === 0) return "";
  if (status === null) return `takes longer than ${LIMIT_MS / 1000} s`;
  const lines = stripVTControlCharacters(`${stderr}\n${stdout}`).split("\n");
  const first = lines.findIndex((line) => /error|fail|can't|cannot/i.test(line));
  const said = lines.slice(Math.max(first, 0)).filter((line) => !/^\s*(at |throw |file:|\^)/.test(line));
  return said.join(" ").replace(/\s+/g, " ").trim().slice(0, 200);
}

function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => statSync(join(entry.parentPath, entry.name)).size).reduce((sum, size) => sum + size, 0);
}

function kibibytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

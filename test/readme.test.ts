// The README cannot drift: what it shows as code compiles and runs, what it shows as a command exists and is run, and what it
// links to is there.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "./program.ts";
import { type Provider, startProvider } from "./provider/provider.ts";
import { HAS_REDIS, type RedisServer, startRedis } from "./redis/server.ts";
import { snippetsIn } from "./snippets.ts";

const README = readFileSync("README.md", "utf8");
const DOCS = ["api", "events", "fleet", "stores"].map((name) => readFileSync(`docs/${name}.md`, "utf8"));
const PROGRAMS = [README, ...DOCS].flatMap((text) => snippetsIn(text, "ts"));
const PACKAGE = JSON.parse(readFileSync("package.json", "utf8"));

describe("a snippet of TypeScript", () => {
  let provider: Provider;
  let redis: RedisServer | undefined;
  let folder: string;
  beforeAll(async () => {
    provider = await startProvider();
    redis = HAS_REDIS ? await startRedis() : undefined;
    // Within the project, so that the package's own name leads to its sources.
    folder = mkdtempSync(resolve("test/.readme-"));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await Promise.all([provider.close(), redis?.kill()]);
  });

  const EXPECTED = [
    /^\[ 'enterprise.company' \] 7\d{3}/,
    /^expires at \d{4}-/,
    /^your-client-id true$/m,
    /^expected string, found Number$/m,
    /^\{ requested: 1, refreshed: 1 \}$/m,
    /^Bearer token, scope "enterprise.company", expires .*\n$/,
    /^a store that a fleet can rely on\n$/,
  ];
  test("is one of those that are known here", () => {
    expect(PROGRAMS).toHaveLength(EXPECTED.length);
  });

  test.each(PROGRAMS.map((code, index) => ({ index, code })))("compiles and runs: $index", async ({ index, code }) => {
    const file = join(folder, `snippet${index}.ts`);
    writeFileSync(file, code);
    const options = ts.parseJsonConfigFileContent(
      ts.readConfigFile("tsconfig.json", ts.sys.readFile).config,
      ts.sys,
      ".",
    ).options;
    const program = ts.createProgram([file], { ...options, declaration: false, isolatedDeclarations: false });
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)).toEqual([]);
    // A fleet's program works without its store too.
    const urls = code.includes("REDIS_URL") ? ["redis://127.0.0.1:1", ...(redis ? [redis.url] : [])] : [""];
    for (const REDIS_URL of urls) {
      const { out, err } = await runProgram({ PROVIDER_URL: provider.baseUrl, REDIS_URL }, file);
      expect(err).toBe("");
      expect(out).toMatch(EXPECTED[index] ?? "a program that is not known here");
    }
  });
});

describe("a command", () => {
  // Where each is run, and by which words; all others stand in `.ci/run`.
  const ELSEWHERE: Record<string, [file: string, words: string]> = {
    "npm ci && npm start": ["test/examples.test.ts", 'spawn("npm", ["start"'],
    "npm run generate": ["test/changes.test.ts", 'run("npm", "run", "--silent", "generate")'],
    "npm run generate -- --check": ["package.json", "npm run --silent generate -- --check"],
    "npm pack": ["scripts/check-package.ts", '"npm", "pack"'],
    [`npm install ./oauth2-token-response-${PACKAGE.version}.tgz`]: ["scripts/check-package.ts", '"npm", "install"'],
  };
  const commands = snippetsIn(README, "sh").flatMap((block) => block.trim().split("\n"));

  test.each([...new Set(commands)])("is run by a test or by .ci/run: %s", (command) => {
    // There each on a line of its own: bash lets a failure before `&&` pass.
    const [file, words] = ELSEWHERE[command] ?? [".ci/run", `\n${command.replaceAll(" && ", "\n")}\n`];
    expect(readFileSync(file, "utf8")).toContain(words);
  });

  test("is a script that exists, in CONTRIBUTING too", () => {
    const scripts = `${README}${readFileSync("CONTRIBUTING.md", "utf8")}`.matchAll(/npm run ([\w:-]+)/g);
    for (const [, script = ""] of scripts) expect(PACKAGE.scripts).toHaveProperty([script]);
  });
});

test("a link leads to what is there", () => {
  const links = [...README.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = ""]) => target);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((target) => !existsSync(target))).toEqual([]);
});

test("the README is short, and its first program comes early", () => {
  const lines = README.split("\n");
  expect(lines.length).toBeLessThanOrEqual(160);
  expect(lines.indexOf("```ts")).toBeLessThan(45);
});

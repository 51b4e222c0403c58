// A small repository for `npm run update-spec`: the description of the fixture and what is generated from it, and two files that use it.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, vi } from "vitest";
import { main } from "../../scripts/update-spec.ts";
import { fillWithFixture } from "../fixture/fixture.ts";

const USER = `import type { OAuth2TokenResponse } from "FROM/generated/types.ts";

/** “Umlauts” before an error: äöü. */
export const lifetimeOf = (token: OAuth2TokenResponse): unknown => token.expires_in;
`;
const compilerOptions = {
  ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, types: [], lib: ["es2023"] },
  ...{ module: "preserve", target: "es2022" },
};
const WRITTEN = {
  "package.json": `{ "type": "module" }`,
  "tsconfig.json": JSON.stringify({ compilerOptions, include: ["src", "test"] }),
  "src/user.ts": USER.replace("FROM", "."),
  "test/user.ts": USER.replace("FROM", "../src"),
  ".gitignore": "new.yaml\n",
};

export interface Workspace {
  /** Beside the repository, for what else a test needs. */
  readonly folder: string;
  readonly root: string;
  git(...args: string[]): string;
  /** Runs the command with a description, or without one. */
  update(text: string | undefined, ...args: string[]): Promise<Outcome>;
  /** Makes the repository what it was before the test. */
  reset(): void;
}

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What git reports as changed. */
  readonly touched: string;
}

/** Creates the repository. It is reset before each test; after each, no temporary folder may be left. */
export async function createWorkspace(): Promise<Workspace> {
  const folder = mkdtempSync(join(tmpdir(), "update-spec-test-"));
  const root = join(folder, "work");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" });
  const reset = () => {
    git("checkout", "-q", ".");
    git("clean", "-qfd");
  };
  await fill(root);
  git("init", "-q");
  git("add", "-A");
  git("-c", "user.name=test", "-c", "user.email=test@test", "commit", "-qm", "as it was");

  beforeEach(() => {
    reset();
    vi.stubEnv("TMPDIR", mkdtempSync(join(folder, "tmp-")));
  });
  afterEach(() => {
    // tsx keeps its cache there.
    expect(readdirSync(tmpdir()).filter((name) => !name.startsWith("tsx-"))).toEqual([]);
    vi.unstubAllEnvs();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const update = async (text: string | undefined, ...args: string[]) => {
    if (text !== undefined) writeFileSync(join(root, "new.yaml"), text);
    const outcome = await run(text === undefined ? args : ["new.yaml", ...args], root);
    return { ...outcome, touched: git("status", "--porcelain").trim() };
  };
  return { folder, root, git, update, reset };
}

/** Fills a folder with what the command reads. */
export async function fill(root: string): Promise<void> {
  await fillWithFixture(root);
  for (const [name, text] of Object.entries(WRITTEN)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

/** Runs the command in a folder. */
export async function run(args: readonly string[], root: string): Promise<Omit<Outcome, "touched">> {
  let [out, err] = ["", ""];
  const print = { out: (more: string) => (out += more), err: (more: string) => (err += more) };
  const code = await main(args, root, print);
  return { code, out, err };
}

/** What the command writes, by path. */
export function outputsIn(root: string): Record<string, string> {
  const entries = ["src/generated", "docs/reference"].flatMap((name) =>
    readdirSync(join(root, name)).map((file) => join(name, file)),
  );
  return Object.fromEntries(["openapi.yaml", ...entries].map((file) => [file, readFileSync(join(root, file), "utf8")]));
}

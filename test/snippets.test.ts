// The code in the documentation compiles, and its programs run.

import { readdirSync } from "node:fs";
import * as checks from "oauth2-token-response/schemas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docstringPrograms } from "./docstrings.ts";
import { runProgram } from "./program.ts";
import { type Provider, startProvider } from "./provider/provider.ts";
import { HAS_REDIS } from "./redis/installed.ts";
import { type RedisServer, startRedis } from "./redis/server.ts";
import { programsOf, type Snippet, typeErrorsIn, writeSnippets } from "./snippets.ts";

const FOLDER = "test/.snippets";
/** Its programs need a database, so `slow/stores.slow.test.ts` runs them. */
const NEEDS_DATABASE = "docs/stores.md";
const PAGES = ["README.md", "CONTRIBUTING.md", ...readdirSync("docs").map((name) => `docs/${name}`)];
const PROGRAMS = PAGES.filter((page) => page.endsWith(".md") && page !== NEEDS_DATABASE).flatMap(programsOf);
const EXAMPLES = docstringPrograms();

/** A program may name a check of our provider's schemas: another description has others. */
const isDescribed = ({ code }: Snippet) => [...code.matchAll(/\b\w+Schema\b/g)].every(([name]) => name in checks);
const RUNNING = PROGRAMS.filter(isDescribed);

beforeAll(() => writeSnippets(FOLDER, [...RUNNING, ...EXAMPLES]));

test("every program of the documentation and every example of a docstring compiles", () => {
  expect(EXAMPLES.length).toBeGreaterThan(5);
  // An example may declare names that only the reader's program would use.
  const isUnused = (error: string) => /^src-\S+ error TS(6133|6192|6196|6198):/.test(error);
  expect(typeErrorsIn(FOLDER).filter((error) => !isUnused(error))).toEqual([]);
});

describe("a program of the documentation", () => {
  let provider: Provider;
  let redis: RedisServer | undefined;
  beforeAll(async () => {
    provider = await startProvider();
    redis = HAS_REDIS ? await startRedis() : undefined;
  });
  afterAll(() => Promise.all([provider.close(), redis?.kill()]));

  const PRINTED: Record<string, RegExp> = {
    "README.md-1": /^200 \{ companies: \[\] \}$/m,
    "README.md-2": /^expires at \d{4}-/,
    "docs-api.md-1": /^\{ companies: \[\] \}$/m,
    "docs-api.md-2": /^\d+$/m,
    "docs-api.md-3": /^ {2}application: \{ uid: 'your-client-id' \},$.* true$/ms,
    "docs-api.md-4": /^expected string, found Number$/m,
    "docs-events.md-1": /^\{ requested: 1, refreshed: 1 \}$/m,
    "docs-fleet.md-1": /^Bearer token, scope "enterprise.company", expires .*\n$/,
  };
  test("has an expected output here", () => {
    expect(PROGRAMS.map(({ name }) => name).sort()).toEqual(Object.keys(PRINTED).sort());
  });

  test.each(RUNNING)("runs, and prints what is expected: $name", async ({ name, code }) => {
    // The program for a fleet runs with and without its store.
    const urls = code.includes("REDIS_URL") ? ["redis://127.0.0.1:1", ...(redis ? [redis.url] : [])] : [""];
    for (const REDIS_URL of urls) {
      const { out, err } = await runProgram({ PROVIDER_URL: provider.baseUrl, REDIS_URL }, `${FOLDER}/${name}.ts`);
      expect(err).toBe("");
      expect(out).toMatch(PRINTED[name] ?? "a program without an expected output");
    }
  });
});

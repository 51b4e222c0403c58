// The store of `docs/stores.md` compiles, and is one that a fleet can rely on: on a real Postgres.

import { beforeAll, expect, test } from "vitest";
import { runProgram } from "../program.ts";
import { programsOf, typeErrorsIn, writeSnippets } from "../snippets.ts";

// Beside the database, which is installed here.
const FOLDER = "test/slow/.snippets";
const PROGRAMS = programsOf("docs/stores.md");

beforeAll(() => writeSnippets(FOLDER, PROGRAMS));

test("the program of docs/stores.md compiles", () => {
  expect(PROGRAMS).toHaveLength(1);
  expect(typeErrorsIn(FOLDER)).toEqual([]);
});

test("the program of docs/stores.md runs", async () => {
  const { out, err } = await runProgram({ PROVIDER_URL: "http://127.0.0.1:1" }, `${FOLDER}/docs-stores.md-1.ts`);
  expect(err).toBe("");
  expect(out).toBe("a store that a fleet can rely on\n");
});

// The stores of `docs/stores.md` compile, and the one in Postgres is one that a fleet can rely on. The one in a Durable Object runs in
// workerd, with `npm run test:runtimes`.

import { beforeAll, expect, test } from "vitest";
import { runProgram } from "../program.ts";
import { programsOf, type Snippet, typeErrorsIn, writeSnippets } from "../snippets.ts";

// Beside the database, which is installed here.
const FOLDER = "test/slow/.snippets";
const [POSTGRES, DURABLE_OBJECT, ...OTHERS] = programsOf("docs/stores.md") as [Snippet, Snippet];
/** What `wrangler types` writes for the project. */
const WRANGLER_TYPES = `
declare global {
  namespace Cloudflare {
    interface Env { TOKENS: DurableObjectNamespace<Tokens> }
  }
}`;

beforeAll(() => writeSnippets(FOLDER, [POSTGRES]));

test("docs/stores.md has two programs", () => {
  expect(POSTGRES.code).toContain("postgresStore");
  expect(DURABLE_OBJECT.code).toContain("cloudflare:workers");
  expect(OTHERS).toEqual([]);
});

test("the store in Postgres compiles", () => {
  expect(typeErrorsIn(FOLDER)).toEqual([]);
});

test("the store in Postgres runs", async () => {
  const { out, err } = await runProgram({ PROVIDER_URL: "http://127.0.0.1:1" }, `${FOLDER}/${POSTGRES.name}.ts`);
  expect(err).toBe("");
  expect(out).toBe("a store that a fleet can rely on\n");
});

test("the store in a Durable Object compiles with the types of Workers", () => {
  const reference = '/// <reference types="@cloudflare/workers-types" />\n';
  writeSnippets(FOLDER, [{ ...DURABLE_OBJECT, code: `${reference}${DURABLE_OBJECT.code}${WRANGLER_TYPES}` }]);
  expect(typeErrorsIn(FOLDER)).toEqual([]);
});

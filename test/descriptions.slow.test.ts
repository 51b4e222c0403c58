// The code generated from each description compiles, and its checks agree with ajv.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { InputError } from "../scripts/command.ts";
import { describe as describeAs } from "../scripts/generate/description.ts";
import { collectNames } from "../scripts/generate/names.ts";
import { keysTo, mappingAt, parseDescription } from "../scripts/generate/read.ts";
import { classify } from "../scripts/update-spec/classify.ts";
import { prepare } from "../scripts/update-spec/prepare.ts";
import { asJsonSchema, bodyOf } from "./descriptions/bodies.ts";
import { checksIn } from "./descriptions/checks.ts";
import { EMPTY, NAMES, prepared } from "./descriptions/prepared.ts";

const STRICT = {
  ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, types: [], skipLibCheck: true },
  ...{ noUnusedLocals: true, noUnusedParameters: true, noImplicitReturns: true, noUncheckedIndexedAccess: true },
  ...{ exactOptionalPropertyTypes: true, noPropertyAccessFromIndexSignature: true, erasableSyntaxOnly: true },
  ...{ declaration: true, isolatedDeclarations: true, verbatimModuleSyntax: true, module: "esnext" },
  ...{ moduleResolution: "bundler", target: "es2022", lib: ["es2022"] },
};

test("the code generated from each description compiles under our strictest settings", async () => {
  const root = mkdtempSync(join(tmpdir(), "descriptions-"));
  try {
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    for (const name of NAMES) {
      for (const [path, text] of (await prepared(name)).outputs) write(join(name, path), text);
      write(join(name, "src/standard-schema.ts"), readFileSync("src/standard-schema.ts", "utf8"));
    }
    write("tsconfig.json", JSON.stringify({ compilerOptions: STRICT, include: ["**/*.ts"] }));
    const run = () => {
      const compiler = resolve("node_modules/typescript7/bin/tsc");
      return spawnSync(process.execPath, [compiler, "--project", root], { encoding: "utf8" }).stdout;
    };
    expect(run()).toBe("");
    write(
      "broken.ts",
      `import type { Token } from "./mastodon/src/generated/types.ts";\nexport const a: Token = {};\n`,
    );
    expect(run()).toMatch(/^\S*broken.ts\(2,14\): error [\s\S]*: access_token, created_at, scope, token_type\n$/);
  } finally {
    rmSync(root, { recursive: true });
  }
});

// `SEED` replaces other parts, `RUNS` more of them.
test("a description in which a random part is replaced is accepted and compared, or rejected with a message", {
  timeout: 600_000,
}, async () => {
  const root = mkdtempSync(join(tmpdir(), "descriptions-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, "openapi.yaml"), EMPTY);
  const others = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      "",
      "x",
      [],
      {},
      [null],
      { $ref: 1 },
      { $ref: "#/none" },
      { enum: [] },
      // An object that cannot be converted to a string.
      { toString: null },
      undefined,
    ),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const seen = { accepted: 0, rejected: 0 };
  const change = fc.tuple(fc.constantFrom(...NAMES), fc.nat(), others);
  await fc.assert(
    fc.asyncProperty(change, async ([name, step, other]) => {
      const document = JSON.parse(JSON.stringify(parse(readFileSync(`test/descriptions/${name}.yaml`, "utf8"))));
      const places = placesIn(document);
      const [parent, key] = places[step % places.length] as [Record<string, unknown>, string];
      parent[key] = other;
      writeFileSync(join(root, "new.json"), JSON.stringify(document));
      const before = parseDescription((await prepared(name)).fragment, "openapi.yaml").value;
      const error = await prepare("new.json", undefined, root).then(
        ({ fragment }) => classify(before, parseDescription(fragment, "openapi.yaml").value),
        (error: unknown) => error,
      );
      if (error instanceof Error && !(error instanceof InputError)) throw error;
      seen[error instanceof Error ? "rejected" : "accepted"] += 1;
    }),
    { numRuns: Number(process.env["RUNS"] ?? 500), seed: Number(process.env["SEED"] ?? 2026) },
  );
  expect(seen.rejected).toBeLessThan(seen.accepted / 4);
});

/** Every member of every mapping and list. */
function placesIn(value: unknown): [parent: object, key: string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[value, key], ...placesIn(inner)] as [object, string][]);
}

describe.each(NAMES)("of %s", (name) => {
  test("every check agrees with ajv on generated bodies", async () => {
    const { fragment, outputs } = await prepared(name);
    const { value } = parseDescription(fragment, "openapi.yaml");
    const named = collectNames(await describeAs({ value, locate: (pointer) => pointer }, "/none"));
    const checks = await checksIn(outputs.get("src/generated/schemas.ts"));
    // As JSON Schema; in an order that ajv wants it.
    const document = asJsonSchema(JSON.parse(JSON.stringify(value)));
    // Without a precision, ajv says that 1e21 is not a multiple of 1.
    const ajv = new Ajv2020({ strict: false, logger: false, validateFormats: false, multipleOfPrecision: 9 });
    for (const { name: schema, pointer, isRoot } of named) {
      const check = checks[`${schema}Schema`];
      if (!isRoot || !check) continue;
      const { components } = document;
      const judge = ajv.compile({ ...mappingAt(document, ...keysTo(pointer)), components });
      fc.assert(
        fc.property(bodyOf({ $ref: pointer }, document), (body) => {
          const isValid = check["~standard"].validate(body).issues === undefined;
          expect([schema, body, isValid]).toEqual([schema, body, judge(body)]);
        }),
        { numRuns: 300 },
      );
    }
  });
});

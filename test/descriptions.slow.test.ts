// What is generated from each description compiles, and its checks agree with ajv.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import type { Checked } from "oauth2-token-response/schemas";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { describe as describeAs } from "../scripts/generate/description.ts";
import { collectNames } from "../scripts/generate/names.ts";
import { keysTo, mappingAt, parseDescription } from "../scripts/generate/read.ts";
import { asJsonSchema, bodyOf } from "./descriptions/bodies.ts";
import { NAMES, prepared } from "./descriptions/prepared.ts";

const STRICT = {
  ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, types: [], skipLibCheck: true },
  ...{ noUnusedLocals: true, noUnusedParameters: true, noImplicitReturns: true, noUncheckedIndexedAccess: true },
  ...{ exactOptionalPropertyTypes: true, noPropertyAccessFromIndexSignature: true, erasableSyntaxOnly: true },
  ...{ declaration: true, isolatedDeclarations: true, verbatimModuleSyntax: true, module: "esnext" },
  ...{ moduleResolution: "bundler", target: "es2022", lib: ["es2022"] },
};

test("what is generated from each description compiles under our strictest settings", async () => {
  const root = mkdtempSync(join(tmpdir(), "descriptions-"));
  try {
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    for (const name of NAMES) {
      for (const [path, text] of (await prepared(name)).outputs) write(join(name, path), text);
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

describe.each(NAMES)("of %s", (name) => {
  test("every check agrees with ajv on generated bodies", async () => {
    const { fragment, outputs } = await prepared(name);
    const { value } = parseDescription(fragment, "openapi.yaml");
    const named = collectNames(await describeAs({ value, locate: (pointer) => pointer }, "/none"));
    const checks = await import(`data:text/javascript,${encodeURIComponent(scriptOf(outputs))}`);
    // As JSON Schema; in an order that ajv wants it.
    const document = asJsonSchema(JSON.parse(JSON.stringify(value)));
    const ajv = new Ajv2020({ strict: false, logger: false, validateFormats: false });
    for (const { name: schema, pointer, isRoot } of named) {
      const check: Checked<unknown> | undefined = checks[`${schema}Schema`];
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

function scriptOf(outputs: ReadonlyMap<string, string>): string {
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(outputs.get("src/generated/schemas.ts") ?? "", { compilerOptions: options }).outputText;
}

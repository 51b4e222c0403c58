// In a copy of the whole repository: another provider is described by the steps of `docs/spec-changes.md`, with no edit but there.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyRepository } from "./repository-copy.ts";
import { snippetsIn } from "./snippets.ts";

const FACTS = "test/provider/ours/facts.ts";
/** Of `facts.ts`, what the new description does not have. */
const OLD_CHECKS = /(?<=^export const CHECKS.*= \{\n)(.*\n)*?(?=^\};)/m;
/** Tests of the library, of the commands and of the documentation. The others run the same code for longer. */
const TESTS = ["examples", "snippets", "index", "imports", "types", "schemas", "token-request", "token-source"];

const { root: copy, run } = copyRepository();

test.each([["keycloak", "token: checks.AccessTokenResponseSchema"]])(
  "after the steps of the documentation, with the description %s, the checks of `npm test` and `npm start` pass",
  (name, check) => {
    const steps = snippetsIn(readFileSync("docs/spec-changes.md", "utf8"), "sh").find((block) =>
      block.startsWith("rm "),
    );
    const described = run("bash", "-c", steps?.replace("keycloak.json", `test/descriptions/${name}.yaml`) ?? "exit 1");
    expect(described.output).toContain("openapi.overlay.yaml assigns no role. These endpoints were detected");
    const facts = readFileSync(join(copy, FACTS), "utf8");
    expect(facts).toMatch(OLD_CHECKS);
    writeFileSync(join(copy, FACTS), facts.replace(OLD_CHECKS, `  ${check},\n`));

    expect(run("npm", "run", "--silent", "typecheck")).toEqual({ status: 0, output: "" });
    expect(run("npm", "run", "--silent", "lint")).toMatchObject({ status: 0 });
    expect(run("npm", "run", "--silent", "generate").output).toMatch(/^generate: nothing to do\.$/m);
    const tests = run("npx", "vitest", "run", ...TESTS.map((test) => `test/${test}.test.ts`), "test/provider");
    expect(tests.status, tests.output).toBe(0);
    expect(run("npm", "start", "--silent")).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^a crowd .*1000 x 200/m),
    });
  },
  300_000,
);

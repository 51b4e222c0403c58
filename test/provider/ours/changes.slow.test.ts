// In a copy of the repository: an addition to the description requires no hand-written line, and a break is a type error where it matters.

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { copyRepository } from "../../repository-copy.ts";
import { changed, response, type Spec, schemaOf, scopes } from "../../update-spec/specs.ts";

const { root: copy, run } = copyRepository();

function update(change: (spec: Spec) => unknown): { status: number | null; output: string } {
  cpSync("openapi.yaml", join(copy, "openapi.yaml"));
  writeFileSync(join(copy, "new.yaml"), changed(change, parse(readFileSync("openapi.yaml", "utf8"))));
  return run("npm", "run", "--silent", "update-spec", "--", "new.yaml", "--write");
}

test("expected changes require no hand-written line: another field, another scope, the loss of a field that nothing reads", () => {
  const description = "OAuth 2 Refresh Token. Available only for Authorization Code Grant Type.";
  const { output } = update((spec) => {
    response(spec).refresh_token = { type: "string", nullable: true, description };
    scopes(spec)["public.shipment:read"] = "Shipments";
    delete schemaOf(spec, "OAuth2IntrospectResponse").properties.platform;
  });
  expect(output).not.toContain("To fix");
  expect(run("npm", "run", "--silent", "generate").output).toBe("generate: nothing to do.\n");
  expect(readFileSync(join(copy, "src/generated/openapi.ts"), "utf8")).toContain("refresh_token?: string | null;");
  expect(readFileSync(join(copy, "docs/reference/OAuth2TokenResponse.md"), "utf8")).toContain(
    `| \`refresh_token\` | *string* or \`null\` | no | ${description} |`,
  );
  expect(run("npm", "run", "--silent", "typecheck")).toEqual({ status: 0, output: "" });
  // They start from the fixture, run programs, or would start this test again.
  const programs = ["readme", "examples", "runtimes"].map((name) => `test/${name}.test.ts`);
  const excluded = ["**/node_modules/**", "**/*.slow.test.ts", "test/update-spec*", "test/update-spec/**", ...programs];
  const { status, output: failures } = run("npx", "vitest", "run", ...excluded.flatMap((glob) => ["--exclude", glob]));
  expect(status, failures).toBe(0);
}, 300_000);

test("a renamed field is a type error where it is read", () => {
  const { status, output } = update((spec) => {
    response(spec).lifetime = response(spec).expires_in;
    delete response(spec).expires_in;
  });
  expect(status).toBe(1);
  // The wrapper reads responses of any server, so what reads the described one is all that is listed.
  expect(output).toMatch(/^To fix:\n( {2}.*\n)* {2}test\/provider\/ours\/types\.test\.ts:\d+: Property 'expires_in'/m);
}, 120_000);

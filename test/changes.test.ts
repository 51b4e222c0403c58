// What a change of the description costs: an addition no hand-written line, a break a type error at the place that depends on it.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changed, response, type Spec, schemaOf, scopes } from "./update-spec/specs.ts";

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "changes-"));
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" });
  for (const file of tracked.trim().split("\n")) cpSync(file, join(copy, file));
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
});
afterAll(() => rmSync(copy, { recursive: true }));

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

function update(change: (spec: Spec) => unknown): { status: number | null; output: string } {
  cpSync("openapi.yaml", join(copy, "openapi.yaml"));
  writeFileSync(join(copy, "new.yaml"), changed(change));
  return run("npm", "run", "--silent", "update-spec", "--", "new.yaml", "--write");
}

test("what is known to come costs no hand-written line: a field and a scope more, a field that nobody reads less", () => {
  const description = "OAuth 2 Refresh Token. Available only for Authorization Code Grant Type.";
  const { output } = update((spec) => {
    response(spec).refresh_token = { type: "string", nullable: true, description };
    scopes(spec)["public.shipment:read"] = "Shipments";
    delete schemaOf(spec, "OAuth2IntrospectResponse").properties.platform;
  });
  expect(output).not.toContain("To be mended");
  expect(run("npm", "run", "--silent", "generate").output).toBe("generate: nothing to do.\n");
  expect(readFileSync(join(copy, "src/generated/openapi.ts"), "utf8")).toContain("refresh_token?: string | null;");
  expect(readFileSync(join(copy, "docs/reference/OAuth2TokenResponse.md"), "utf8")).toContain(
    `| \`refresh_token\` | *string* or \`null\` | no | ${description} |`,
  );
  expect(run("npm", "run", "--silent", "typecheck")).toEqual({ status: 0, output: "" });
  // All but this one, those that start from the README or change the description, which would start this one again, and those of
  // what a description says nothing of.
  const tests = [
    "description",
    "expiry",
    "access-token",
    "token-request",
    "secrets",
    "types",
    "index",
    "generate",
    "token-source",
    "bearer-fetch",
    "fuzz",
  ];
  const files = [...tests, "schemas", "probe", "docstrings", "provider/provider"].map((name) => `test/${name}.test.ts`);
  expect(run("npx", "vitest", "run", ...files)).toMatchObject({ status: 0 });
}, 120_000);

test("a field that is renamed is a type error where it is read", () => {
  const { status, output } = update((spec) => {
    response(spec).lifetime = response(spec).expires_in;
    delete response(spec).expires_in;
  });
  expect(status).toBe(1);
  expect(output).toMatch(/^To be mended:\n {2}src\/expiry\.ts:\d+: Property 'expires_in'/m);
}, 120_000);

// What a change of the description costs: an addition no hand-written line, a break a type error at the place that depends on it.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let copy: string;
const description = readFileSync("openapi.yaml", "utf8");

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

function regenerate(from: string, to: string): void {
  expect(description).toContain(from);
  writeFileSync(join(copy, "openapi.yaml"), description.replace(from, to));
  expect(run("npm", "run", "--silent", "generate")).toMatchObject({ status: 0 });
}

const TOKEN_RESPONSE = "description: OAuth 2 Token Response\n      additionalProperties: false\n      properties:\n";

test("a field that is added costs no hand-written line", () => {
  const text = "OAuth 2 Refresh Token. Available only for Authorization Code Grant Type.";
  const field = `        refresh_token:\n          type: string\n          nullable: true\n          description: ${text}\n`;
  regenerate(TOKEN_RESPONSE, TOKEN_RESPONSE + field);
  expect(readFileSync(join(copy, "src/generated/openapi.ts"), "utf8")).toContain("refresh_token?: string | null;");
  expect(readFileSync(join(copy, "docs/reference/OAuth2TokenResponse.md"), "utf8")).toContain(
    `| \`refresh_token\` | *string* or \`null\` | no | ${text} |`,
  );
  expect(run("npm", "run", "--silent", "typecheck")).toEqual({ status: 0, output: "" });
  // All but this one, and those that start from the README: they would start this one again.
  const tests = [
    "description",
    "expiry",
    "token",
    "client",
    "secrets",
    "types",
    "index",
    "generate",
    "source",
    "bearer",
    "fuzz",
    "checks",
  ];
  const files = [...tests.map((name) => `test/${name}.test.ts`), "test/provider/provider.test.ts"];
  expect(run("npx", "vitest", "run", ...files)).toMatchObject({ status: 0 });
}, 120_000);

test("a field that is renamed is a type error where it is read", () => {
  const response = description.slice(description.indexOf(TOKEN_RESPONSE));
  regenerate(response, response.replace("expires_in:", "lifetime:"));
  const { status, output } = run("npm", "run", "--silent", "typecheck");
  expect(status).not.toBe(0);
  expect(output).toMatch(/^src\/expiry\.ts\(\d+,\d+\): error TS2339: Property 'expires_in'/m);
}, 120_000);

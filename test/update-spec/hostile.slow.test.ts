// An endless description is rejected once it exceeds a limit.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { createWorkspace } from "./workspace.ts";

const { root, update } = await createWorkspace();
// That of another provider would be rejected first.
beforeEach(() => writeFileSync(join(root, "openapi.overlay.yaml"), "actions: []"));

const bomb = [
  "x0: &x0 [a, a, a, a, a, a, a, a]",
  ...Array.from(
    { length: 20 },
    (_, index) => `x${index + 1}: &x${index + 1} [${Array(8).fill(`*x${index}`).join(", ")}]`,
  ),
].join("\n");
const aliases = `${bomb}\nopenapi: 3.0.3\ninfo: {title: *x20, version: "1"}\npaths: {/oauth2/a: {}}\n`;
const deep = `openapi: 3.0.3\npaths: ${"[".repeat(50_000)}${"]".repeat(50_000)}`;
const long = (lines: string) => `openapi: 3.0.3\npaths: {}\nx-a:\n${lines.repeat(10_000_000 / lines.length)}`;

test.each([
  ["a file of 50 MB", `openapi: 3.0.3\n${"# padding\n".repeat(5_000_000)}`, "longer than 10 MiB"],
  ["aliases of aliases", aliases, "the fragment grows beyond 512 KiB"],
  ["lists in 50,000 lists", deep, "found nesting exceeded maxDepth (100), expected YAML or JSON"],
  ["10 MB of lists of lists", long("- - - 1\n"), "no path begins with /oauth2/"],
])("%s: rejected with one line of output", async (_, text, message) => {
  const result = await update(text, "--write", "--paths", "/oauth2/");
  expect(result).toMatchObject({ code: 2, err: expect.stringContaining(message), out: "" });
  expect(result.touched).toBe("M openapi.overlay.yaml");
  expect(result.err).toMatch(/^update-spec: .*\n$/);
});

test("an endless file is rejected after 10 MiB", async () => {
  const result = await update(undefined, "/dev/zero", "--write");
  expect(result).toMatchObject({ code: 2, err: "update-spec: /dev/zero: longer than 10 MiB\n", out: "" });
});

test("an endless response is rejected after 10 MiB", async () => {
  const server = createServer((_, response) => {
    const more = () => response.write("# ".repeat(2 ** 16), () => setImmediate(more));
    more();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const result = await update(undefined, url, "--write");
  server.closeAllConnections();
  server.close();
  expect(result).toMatchObject({ code: 2, err: `update-spec: ${url}: longer than 10 MiB\n`, out: "" });
});

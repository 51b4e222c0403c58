// A replay works on every Node that is supported. undici 7.18 to 7.24 throws "expected non-null body source" at a 401 to a
// request whose body was turned into a stream (nodejs/undici#4910); Node 24.14 and later have such versions.

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

/** This one, and those from npm, which run TypeScript by themselves. */
const NODES = [
  { version: Number.parseInt(process.versions.node, 10), node: process.execPath, flags: ["--import", "tsx/esm"] },
  ...[22, 24, 25].map((version) => ({
    version,
    node: `node_modules/node${version}/bin/node`,
    flags: ["--no-warnings"],
  })),
];

const EXPECTED = Object.fromEntries(
  Object.entries({ none: 0, string: 7, bytes: 100_000, blob: 100_000, parameters: 3, form: true }).flatMap(
    ([kind, length]) =>
      ["url", "request", "replayable", "middleware"].map((face) => [`${face} ${kind}`, `200 ${length},${length}`]),
  ),
);

// Not in `prepare`, which npm lists among the install scripts of whoever installs the package.
test("the Nodes from npm are not what `npm test` runs on: `postprepare` takes their links away", () => {
  expect(existsSync("node_modules/.bin/node")).toBe(false);
});

test.each(NODES)("Node $version is what it is called", ({ version, node }) => {
  expect(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout).toMatch(`v${version}.`);
});

test.each(NODES)("a request is sent again, whole, on Node $version", async ({ node, flags }) => {
  const child = spawn(node, [...flags, "test/runtimes/replay.ts"]);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(err).toBe("");
  expect(JSON.parse(out)).toEqual(EXPECTED);
});

test("a process with an idle source ends by itself, and at once", async () => {
  const begun = performance.now();
  const child = spawn(process.execPath, ["--import", "tsx/esm", "test/runtimes/idle.ts"]);
  expect(await text(child.stdout)).toMatch(/^Bearer token/);
  // The longest timer of a request is 10 s.
  expect(performance.now() - begun).toBeLessThan(8000);
});

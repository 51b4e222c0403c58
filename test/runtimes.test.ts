// Programs in a process of their own, on the Node that runs the tests. `runtimes.slow.test.ts` runs them on other versions.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { EXPECTED } from "./runtimes/expected.ts";

async function run(program: string) {
  const child = spawn(process.execPath, ["--import", "tsx/esm", program]);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, err };
}

test("bodies of every kind arrive complete in a replay, in a separate process", async () => {
  const { out, err } = await run("test/runtimes/replay.ts");
  expect(err).toBe("");
  expect(JSON.parse(out)).toEqual(EXPECTED);
});

test("a process with an idle source exits: no timer keeps it alive", async () => {
  const { out, err } = await run("test/runtimes/idle.ts");
  expect(err).toBe("");
  expect(out).toMatch(/^Bearer token.*\n\[\]\n$/);
});

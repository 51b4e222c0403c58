// What a token source does for the lifetime of a process, measured in real ones.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

async function run(...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx/esm", "test/runtimes/background.ts", ...args]);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(err).toBe("");
  const [result, figures = ""] = out.split("\n");
  const [requests, livedOnMs] = figures.split(" ").map(Number);
  return { result, requests, livedOnMs: livedOnMs as number };
}

test("a background refresh keeps a finished program alive no longer than the attempt under way", async () => {
  const { result, requests, livedOnMs } = await run("background", "1000", "30000");
  expect(result).toBe("Bearer token");
  expect(requests).toBe(2);
  expect(livedOnMs).toBeLessThan(2500);
});

test("a waiting caller keeps its program alive until its time limit", async () => {
  expect(await run("waiting", "500", "3000")).toMatchObject({ result: "TokenTimeoutError" });
});

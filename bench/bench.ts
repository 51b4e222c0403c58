// `npm run bench`: what it costs, side by side in one run with what a user would pick instead. Ratios count; times are this
// machine's.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isExpired } from "oauth2-token-response";
import { Bench } from "tinybench";

const ROUNDS = 11;

/** Runs the contenders in turns, so that whatever else the machine does meets all of them alike. */
function compareCommands(commands: Record<string, string[]>): void {
  const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args] of Object.entries(commands)) {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
      if (status !== 0) throw new Error(`${name} failed:\n${stderr}`);
      times.get(name)?.push(performance.now() - start);
    }
  }
  report(
    "whole processes, median of interleaved rounds",
    [...times].map(([name, all]) => [name, median(all)]),
  );
}

async function compareHelpers(): Promise<void> {
  const requestedAt = new Date();
  const response = { access_token: "t", expires_in: 7200, created_at: Math.floor(requestedAt.getTime() / 1000) };
  const bench = new Bench({ time: 500, warmupTime: 200 });
  let expired = 0;
  bench.add("by hand: Date.now() >= sentAt + expires_in * 1000", () => {
    expired += Number(Date.now() >= requestedAt.getTime() + response.expires_in * 1000);
  });
  bench.add("isExpired(response, { requestedAt, leeway: 10 })", () => {
    expired += Number(isExpired(response, { requestedAt, leeway: 10 }));
  });
  await bench.run();
  if (expired > 0) throw new Error("a fresh token counted as expired");
  report(
    "helpers, mean",
    bench.tasks.map(({ name, result }) => [name, "latency" in result ? result.latency.mean : NaN]),
  );
}

/** A table whose first row is the measure of the others. */
function report(title: string, rows: readonly (readonly [string, number])[]): void {
  console.log(`\n${title}`);
  for (const [name, ms] of rows) {
    const time = ms < 0.1 ? `${(ms * 1e6).toFixed(0)} ns` : `${ms.toFixed(0)} ms`;
    console.log(`  ${(ms / (rows[0]?.[1] ?? NaN)).toFixed(2).padStart(6)} x  ${time.padStart(8)}  ${name}`);
  }
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

const folder = mkdtempSync(join(tmpdir(), "bench-"));
try {
  compareCommands({
    "openapi-typescript openapi.yaml": [
      "node_modules/openapi-typescript/bin/cli.js",
      "openapi.yaml",
      "-o",
      join(folder, "out.ts"),
    ],
    "npm run generate (lint, types, names, pages)": ["--import", "tsx/esm", "scripts/generate.ts"],
  });
  await compareHelpers();
} finally {
  rmSync(folder, { recursive: true });
}

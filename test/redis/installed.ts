import { spawnSync } from "node:child_process";

export const HAS_REDIS: boolean = spawnSync("redis-server", ["--version"]).status === 0;

/** Warns once, before all tests, if tests are skipped because Redis is missing. In CI that is an error. */
export default function report(): void {
  if (HAS_REDIS) return;
  const hint = "redis-server is not installed: the tests that need it are skipped. `apt-get install redis-server`";
  if (process.env["CI"]) throw new Error(hint);
  console.warn(hint);
}

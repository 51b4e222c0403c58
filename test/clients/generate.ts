// Before the tests: generates clients from our own description, for the rows of generators.

import { type ExecFileSyncOptions, execFileSync } from "node:child_process";

export default function generate(): void {
  const options: ExecFileSyncOptions = { cwd: import.meta.dirname, stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("node_modules/.bin/openapi-ts", ["-i", "../fixture/openapi.yaml", "-o", "generated/hey-api"], options);
  execFileSync("node_modules/.bin/orval", [], options);
  execFileSync("node_modules/.bin/kubb", ["generate"], options);
}

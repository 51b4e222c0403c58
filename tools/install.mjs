// `node tools/install.mjs bench` installs the dependencies of the package in `bench`, unless they match its lock file already.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

for (const folder of process.argv.slice(2)) {
  const lock = join(folder, "package-lock.json");
  const installed = join(folder, "node_modules/.installed-lock.json");
  if (existsSync(installed) && readFileSync(installed, "utf8") === readFileSync(lock, "utf8")) continue;
  // A shell finds npm on Windows too.
  const { status } = spawnSync("npm ci --no-audit --no-fund", { cwd: folder, shell: true, stdio: "inherit" });
  if (status !== 0) process.exit(1);
  copyFileSync(lock, installed);
}

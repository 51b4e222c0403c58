// Preloaded by a program: before each write to its working directory, it copies that folder to SNAPSHOTS (the state that a kill at this
// moment would leave), and sends itself the signals of Ctrl-C and the like.

import fs, { cpSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";

const root = process.cwd();
let writes = 0;

for (const name of ["writeFileSync", "renameSync", "rmSync"]) {
  const write = fs[name];
  fs[name] = (path, ...rest) => {
    if (path.startsWith(root)) {
      for (const part of ["openapi.yaml", "redocly.yaml", "src/generated", "docs/reference"]) {
        cpSync(join(root, part), join(process.env.SNAPSHOTS, String(writes), part), { recursive: true });
      }
      writes += 1;
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.kill(process.pid, signal);
    }
    return write(path, ...rest);
  };
}
syncBuiltinESMExports();

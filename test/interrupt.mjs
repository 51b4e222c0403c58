// Preloaded by a program: before each of its writes to the folder that it runs in, it copies that folder to SNAPSHOTS, which is what
// a kill at this moment would leave, and sends itself what Ctrl-C and its like send.

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

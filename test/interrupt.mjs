// Preloaded by a program that is interrupted, as by Ctrl-C, while it writes INTERRUPT_AT: before that file is written, or
// before it is renamed into place.

import fs, { renameSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [what, path] = process.env.INTERRUPT_AT.split(" ");

const interrupted =
  (name, write) =>
  (file, ...rest) => {
    if (name === what && file === path) {
      process.stderr.write("interrupted");
      process.kill(process.pid, "SIGINT");
    }
    return write(file, ...rest);
  };
fs.writeFileSync = interrupted("write", writeFileSync);
fs.renameSync = interrupted("rename", renameSync);
syncBuiltinESMExports();

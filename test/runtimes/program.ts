// The table as a program for Node, Bun and Deno: `program.mjs <name> <origin> <second> <other>`.

import { report } from "../like-fetch/entry.ts";

process.on("unhandledRejection", (error) => {
  console.error(error);
  process.exit(1);
});
const [name = "", origin = "", second = "", other = ""] = process.argv.slice(2);
const { bun, deno, node } = process.versions;
await report({ origin, second, other }, name, String(bun ?? deno ?? node));
process.exit();

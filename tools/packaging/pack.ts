// The package as its users get it: packed, and installed into an empty folder.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { run } from "./rows.ts";

/** Builds and packs the package; returns the path of the tarball, and the files in it. */
export async function pack(folder: string): Promise<{ tarball: string; files: string[] }> {
  const [packed] = JSON.parse(
    await run(resolve("."), "npm", "pack", "--json", "--silent", "--pack-destination", folder),
  );
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }: { path: string }) => path) };
}

/** Installs the tarball, and nothing else, into a new folder; returns what is installed there then. */
export async function installAlone(folder: string, tarball: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
  await run(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", tarball);
  return readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
}

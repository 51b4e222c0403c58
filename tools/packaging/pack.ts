// Packs the package and installs it into an empty folder, as users do.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { run } from "./rows.ts";

/** Builds and packs the package. Returns the path of the tarball and its files. */
export async function pack(folder: string): Promise<{ tarball: string; files: string[] }> {
  const [packed] = JSON.parse(
    await run(resolve("."), "npm", "pack", "--json", "--silent", "--pack-destination", folder),
  );
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }: { path: string }) => path) };
}

/** Installs only the tarball into a new folder, and returns the names of the installed packages. */
export async function installAlone(folder: string, tarball: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
  await run(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", tarball);
  return readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
}

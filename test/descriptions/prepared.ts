// What `npm run update-spec` makes of a description of this folder, with an overlay that says nothing.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Prepared, prepare } from "../../scripts/update-spec/prepare.ts";

export const NAMES: readonly string[] = readdirSync("test/descriptions")
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(".yaml", ""));

/** In place of `openapi.yaml`, before the first run. */
export const EMPTY = `{"openapi": "3.1.0", "info": {"title": "None", "version": "0"}, "paths": {}}`;

const known = new Map<string, Promise<Prepared>>();

/** Prepares it once, in a folder of its own. */
export function prepared(name: string): Promise<Prepared> {
  const before = known.get(name);
  if (before) return before;
  const root = mkdtempSync(join(tmpdir(), "descriptions-"));
  writeFileSync(join(root, "openapi.yaml"), EMPTY);
  writeFileSync(join(root, "redocly.yaml"), "extends: [recommended]\n");
  const now = prepare(resolve("test/descriptions", `${name}.yaml`), undefined, root);
  known.set(name, now);
  return now.finally(() => rmSync(root, { recursive: true }));
}

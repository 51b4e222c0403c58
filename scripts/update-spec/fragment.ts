// Makes the text of a new `openapi.yaml`: what is cut out of a description, and what we add to it.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import { isMapping, type Mapping } from "../generate/read.ts";
import { cut } from "./cut.ts";
import { parseDescription, parsed } from "./load.ts";
import { applyOverlay } from "./overlay.ts";

export const SPEC = "openapi.yaml";
export const OVERLAY = "openapi.overlay.yaml";

/** What other readers take for a number, as `0b101`, is quoted. */
const STYLE = { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;

/**
 * Cuts the paths that begin with `prefix` out of the description called `name`.
 *
 * In `info.x-cut-from` it says what they were cut from; where only other parts of that have changed, the text stays as it is. The
 * comments at the top of the file stay too.
 */
export function fragmentOf(text: string, name: string, prefix: string, root: string): string {
  const currentText = readFileSync(join(root, SPEC), "utf8");
  const current = parseDescription(currentText, SPEC);
  const fragment = cut(parseDescription(text, name), prefix);
  applyOverlay(parsed(readFileSync(join(root, OVERLAY), "utf8"), OVERLAY), fragment);

  const info = infoIn(fragment);
  const before = infoIn(current)["x-cut-from"];
  const asBefore = before === undefined ? fragment : { ...fragment, info: { ...info, "x-cut-from": before } };
  // Whatever the order of its keys.
  if (isDeepStrictEqual(asBefore, current)) return currentText;
  const { title, version } = info;
  const cutFrom = { title, version, sha256: createHash("sha256").update(text).digest("hex") };
  const comments = /^(#.*\n)*/.exec(currentText)?.[0] ?? "";
  const whole = { ...fragment, info: { ...info, "x-cut-from": cutFrom } };
  // As it is read back: half a character is none in UTF-8.
  return Buffer.from(comments + stringify(whole, STYLE)).toString();
}

function infoIn({ info }: Mapping): Mapping {
  return isMapping(info) ? info : {};
}

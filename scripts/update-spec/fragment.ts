// Makes the text of a new `openapi.yaml`: what is cut out of a description, and what we add to it.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import { isMapping, type Mapping } from "../generate/read.ts";
import { readIfPresent } from "../generate/write.ts";
import { cut } from "./cut.ts";
import { loadDescription, parsed } from "./load.ts";
import { applyOverlay } from "./overlay.ts";

export const SPEC = "openapi.yaml";
export const OVERLAY = "openapi.overlay.yaml";

/**
 * Cuts the paths that begin with `prefix` out of the description at `source`, a URL or a file relative to `root`.
 *
 * In `info.x-cut-from` it says what they were cut from; where only other parts of that have changed, the text stays as it is. The
 * comments at the top of the file stay too.
 */
export async function fragmentOf(source: string, prefix: string, root: string): Promise<string> {
  const current = await loadDescription(SPEC, root);
  const { text, document } = await loadDescription(source, root);
  const fragment = cut(document, prefix);
  const overlay = readIfPresent(join(root, OVERLAY));
  if (overlay !== undefined) applyOverlay(parsed(overlay, OVERLAY), fragment);

  const info = infoIn(fragment);
  const before = infoIn(current.document)["x-cut-from"];
  const asBefore = before === undefined ? fragment : { ...fragment, info: { ...info, "x-cut-from": before } };
  // Whatever the order of its keys.
  if (isDeepStrictEqual(asBefore, current.document)) return current.text;
  const { title, version } = info;
  const cutFrom = { title, version, sha256: createHash("sha256").update(text).digest("hex") };
  const comments = /^(#.*\n)*/.exec(current.text)?.[0] ?? "";
  const whole = { ...fragment, info: { ...info, "x-cut-from": cutFrom } };
  // As it is read back: half a character is none in UTF-8.
  return Buffer.from(comments + stringify(whole, { lineWidth: 0, aliasDuplicateObjects: false })).toString();
}

function infoIn({ info }: Mapping): Mapping {
  return isMapping(info) ? info : {};
}

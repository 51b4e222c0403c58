// Makes the text of a new `openapi.yaml`: what is cut out of a description, and what we add to it.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { isMapping, type Mapping } from "../generate/read.ts";
import { cut } from "./cut.ts";
import { loadDescription } from "./load.ts";
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
  const overlay = join(root, OVERLAY);
  if (existsSync(overlay)) applyOverlay(parse(readFileSync(overlay, "utf8")), fragment);

  const comments = /^(#.*\n)*/.exec(current.text)?.[0] ?? "";
  const info = infoIn(fragment);
  const textWith = (cutFrom: unknown) => {
    const whole = { ...fragment, info: { ...info, "x-cut-from": cutFrom } };
    return comments + stringify(whole, { lineWidth: 0, aliasDuplicateObjects: false });
  };
  if (textWith(infoIn(current.document)["x-cut-from"]) === current.text) return current.text;
  const { title, version } = info;
  return textWith({ title, version, sha256: createHash("sha256").update(text).digest("hex") });
}

function infoIn({ info }: Mapping): Mapping {
  return isMapping(info) ? info : {};
}

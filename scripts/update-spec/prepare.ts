// Prepares a new `openapi.yaml`, extracted from the provider's description and completed by our overlay, and what is generated from it.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import { checkDescription, DescriptionError, isMapping, type Mapping } from "../generate/read.ts";
import { emit } from "../generate.ts";
import { UpdateError } from "./errors.ts";
import { extract } from "./extract.ts";
import { parseDescription, parsed, readSource } from "./load.ts";
import { applyOverlay } from "./overlay.ts";

export const SPEC = "openapi.yaml";
export const OVERLAY = "openapi.overlay.yaml";

/** What other readers take for a number, such as `0b101`, is quoted. */
const STYLE = { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;

export interface Prepared {
  /** The text of `openapi.yaml`. */
  readonly fragment: string;
  /** What is generated from it, by path. */
  readonly outputs: ReadonlyMap<string, string>;
  /** What of it is carried in another way than it is written. */
  readonly warnings: readonly string[];
}

/**
 * Extracts the paths that begin with `prefix` from the description at `source`, a URL or a file relative to `root`, and
 * generates from them.
 *
 * @throws {UpdateError} if the description cannot be used
 */
export async function prepare(source: string, prefix: string, root: string): Promise<Prepared> {
  const { name, text } = await readSource(source, root);
  const fragment = fragmentOf(text, name, prefix, root);
  try {
    // The fragment is not on the disk, so problems are located by pointers instead of lines.
    const description = await checkDescription(fragment, root, ({ pointer }) => pointer ?? "#/");
    return { fragment, outputs: await emit(description), warnings: description.warnings };
  } catch (error) {
    if (!(error instanceof DescriptionError)) throw error;
    throw new UpdateError(`the extracted description is rejected:\n${error.message}`);
  }
}

/**
 * In `info.x-cut-from` the text says what it was extracted from. If only other parts of that have changed, the current
 * text is returned. The comments at its top stay.
 */
function fragmentOf(text: string, name: string, prefix: string, root: string): string {
  const currentText = readFileSync(join(root, SPEC), "utf8");
  const current = parseDescription(currentText, SPEC);
  const fragment = extract(parseDescription(text, name), prefix);
  applyOverlay(parsed(readFileSync(join(root, OVERLAY), "utf8"), OVERLAY), fragment);

  const info = infoIn(fragment);
  const before = infoIn(current)["x-cut-from"];
  const asBefore = before === undefined ? fragment : { ...fragment, info: { ...info, "x-cut-from": before } };
  // The order of its keys does not matter.
  if (isDeepStrictEqual(asBefore, current)) return currentText;
  const { title, version } = info;
  const cutFrom = { title, version, sha256: createHash("sha256").update(text).digest("hex") };
  const comments = /^(#.*\n)*/.exec(currentText)?.[0] ?? "";
  const whole = { ...fragment, info: { ...info, "x-cut-from": cutFrom } };
  // As it is read back: a lone surrogate does not exist in UTF-8.
  return Buffer.from(comments + stringify(whole, STYLE)).toString();
}

function infoIn({ info }: Mapping): Mapping {
  return isMapping(info) ? info : {};
}

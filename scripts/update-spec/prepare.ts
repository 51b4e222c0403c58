// Prepares a new `openapi.yaml` from the provider's description and our overlay, and the files generated from it. It writes nothing.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Document, visit } from "yaml";
import { describe } from "../generate/description.ts";
import { type Mapping, mappingAt, parse, parseDescription } from "../generate/read.ts";
import { endpointsIn } from "../generate/roles.ts";
import { readIfPresent } from "../generate/write.ts";
import { CONTROLS, emit } from "../generate.ts";
import { detectRoles } from "./detect.ts";
import { extract } from "./extract.ts";
import { readSource } from "./load.ts";
import { applyOverlay } from "./overlay.ts";

export const SPEC = "openapi.yaml";
export const OVERLAY = "openapi.overlay.yaml";

/** The contents to assume for a file that does not exist yet. */
const EMPTY: { readonly [path: string]: string } = {
  [SPEC]: '{openapi: 3.1.0, info: {title: None, version: "0"}, paths: {}}',
  [OVERLAY]: "actions: []",
};

/** Quotes texts that YAML 1.1 parsers read as numbers, such as `0b101`. */
const STYLE = { aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;

export interface Prepared {
  /** The text of `openapi.yaml`. */
  readonly fragment: string;
  /** The generated files, by path. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Warnings about bad style, and about parts that the generated code represents differently. */
  readonly warnings: readonly string[];
  /** Lines for the overlay that assign the detected roles. Empty if the overlay assigns roles. */
  readonly detected: string;
}

/**
 * Extracts the operations with a role from the description at `source`, a URL or a file relative to `root`, and those whose path
 * begins with `prefix`, and generates from them.
 *
 * @throws {InputError} if the description cannot be used
 */
export async function prepare(source: string, prefix: string | undefined, root: string): Promise<Prepared> {
  const { name, text } = await readSource(source, root);
  const parsed = parseDescription(text, name);
  applyOverlay(parse(currentText(OVERLAY, root), OVERLAY), parsed.value);
  const detected = detectRoles(parsed.value);
  const sha256 = createHash("sha256").update(text).digest("hex");
  const fragment = textOf(extract(parsed, prefix), sha256, root);
  // Parsed again, so that `npm run generate` has the same result. Problems are located in the provider's file.
  const { value } = parseDescription(fragment, SPEC);
  const description = await describe({ value, locate: parsed.locate }, root);
  const outputs = await emit(description);
  if (endpointsIn(description).size === 0) {
    description.warnings.push(
      `${name}: no operation looks like an endpoint of an authorization server; ${OVERLAY} may name some`,
    );
  }
  return { fragment, outputs, warnings: [...new Set(description.warnings)], detected };
}

/** Returns the text of `openapi.yaml` or of its overlay. If there is no such file, the text of an empty one. */
export function currentText(path: string, root: string): string {
  return readIfPresent(join(root, path)) ?? EMPTY[path] ?? "";
}

/**
 * Returns the text of the new `openapi.yaml`, with its source in `info.x-cut-from` and the comments at the top of the current
 * file. If only other parts of the source have changed, it is the current text.
 */
function textOf(fragment: Mapping, sha256: string, root: string): string {
  const text = currentText(SPEC, root);
  const { value: current } = parse(text, SPEC);
  const info = mappingAt(fragment, "info");
  const before = mappingAt(current, "info")["x-cut-from"];
  const asBefore = before === undefined ? fragment : { ...fragment, info: { ...info, "x-cut-from": before } };
  if (isDeepStrictEqual(asBefore, current)) return text;
  const cutFrom = { title: info["title"], version: info["version"], sha256 };
  const yaml = new Document({ ...fragment, info: { ...info, "x-cut-from": cutFrom } }, STYLE);
  visit(yaml, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && node.value.search(CONTROLS) >= 0) node.type = "QUOTE_DOUBLE";
    },
  });
  const comments = /^(#.*\n)*/.exec(text)?.[0] ?? "";
  const escaped = yaml.toString({ lineWidth: 0 }).replace(CONTROLS, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  // Replaces lone surrogates, which UTF-8 cannot represent.
  return Buffer.from(comments + escaped).toString();
}

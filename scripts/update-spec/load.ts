// Reads a description from wherever it is: a file or a URL, YAML or JSON, and nothing that is too long, too deep or too slow.

import { readFileSync, statSync } from "node:fs";
import { parseYaml } from "@redocly/openapi-core";
import { readUpTo } from "../../src/body.ts";
import { isMapping, type Mapping } from "../generate/read.ts";

const MAX_BYTES = 20 * 2 ** 20;
const TIMEOUT_MS = 10_000;

/** Why it could not be done, for whoever asked for it. */
export class UpdateError extends Error {}

export function isUrl(source: string): boolean {
  return /^https?:/.test(source);
}

/** Gives the text of a file or of a URL. */
export async function loadText(source: string): Promise<string> {
  return isUrl(source) ? loadUrl(source) : loadFile(source);
}

/** Parses a description, OpenAPI 3.0 or 3.1. */
export function parseDescription(source: string, text: string): Mapping {
  if (/^\s*</.test(text)) throw new UpdateError(`${source}: found HTML, expected an OpenAPI description`);
  const document = parsed(source, text);
  const version = isMapping(document) ? document["openapi"] : undefined;
  if (!isMapping(document) || !/^3\.[01]\.\d+$/.test(String(version))) {
    throw new UpdateError(`${source}: found openapi: ${version}, expected an OpenAPI description, 3.0 or 3.1`);
  }
  return document;
}

function parsed(source: string, text: string): unknown {
  try {
    // YAML of which JSON is a part; what is nested too deeply is refused, and an alias is no copy.
    return parseYaml(text);
  } catch (error) {
    const [message = ""] = (error as Error).message.split("\n");
    throw new UpdateError(`${source}: ${message}`);
  }
}

function loadFile(file: string): string {
  try {
    if (statSync(file).size > MAX_BYTES) throw new UpdateError(`${file}: longer than 20 MiB`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    throw new UpdateError(`${file}: found no readable file (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function loadUrl(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new UpdateError(`${url}: answered ${response.status}`);
    const body = await readUpTo(MAX_BYTES, response.body);
    if (!body) throw new UpdateError(`${url}: longer than 20 MiB`);
    return await body.text();
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    const { name, cause } = error as Error & { cause?: { code?: string } };
    throw new UpdateError(`${url}: no complete answer (${cause?.code ?? name})`);
  }
}

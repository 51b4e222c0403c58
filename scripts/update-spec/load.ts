// Reads a description from a file or a URL, YAML or JSON, unless it is too long, too deep or too slow.

import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { parseYaml } from "@redocly/openapi-core";
import { readUpTo } from "../../src/token-request/response-body.ts";
import { isMapping, type Mapping } from "../generate/read.ts";
import { shown, UpdateError } from "./errors.ts";

/** Five times the length of 3,200 paths. */
const MAX_BYTES = 10 * 2 ** 20;
const TIMEOUT_MS = 10_000;

/** Reads a file, relative to `root`, or a URL. Returns its text and a name for messages. */
export async function readSource(source: string, root: string): Promise<{ name: string; text: string }> {
  const isUrl = /^[a-z][\w+.-]*:\/\//i.test(source);
  if (isUrl && !(/^https?:/i.test(source) && URL.canParse(source))) {
    throw new UpdateError("name a file, or a URL that begins with https:// or http://");
  }
  const url = isUrl ? new URL(source) : undefined;
  // The rest of a URL may be secret.
  const name = url ? url.origin + url.pathname : source;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const read = await readUpTo(MAX_BYTES, url ? await download(url, signal) : open(resolve(root, source), signal));
    if (!read) throw new UpdateError("longer than 10 MiB");
    return { name, text: await read.text() };
  } catch (error) {
    throw new UpdateError(`${name}: ${readFailure(error)}`);
  }
}

function open(file: string, signal: AbortSignal): ReadableStream {
  return Readable.toWeb(createReadStream(file, { signal })) as ReadableStream;
}

async function download(url: URL, signal: AbortSignal): Promise<ReadableStream | null> {
  if (url.username || url.password) throw new UpdateError("a URL must not contain a user or password");
  const response = await fetch(url, { signal });
  if (!response.ok) throw new UpdateError(`answered ${response.status}`);
  return response.body;
}

/** Parses a description, OpenAPI 3.0 or 3.1; `name` is for messages. */
export function parseDescription(text: string, name: string): Mapping {
  if (/^\s*</.test(text)) throw new UpdateError(`${name}: found HTML, expected an OpenAPI description`);
  const document = parsed(text, name);
  const version = isMapping(document) ? document["openapi"] : undefined;
  if (!isMapping(document) || typeof version !== "string" || !/^3\.[01]\.\d+$/.test(version)) {
    const found = version === undefined ? "no `openapi`" : `openapi: ${shown(String(JSON.stringify(version)))}`;
    throw new UpdateError(`${name}: found ${found}, expected an OpenAPI description, 3.0 or 3.1`);
  }
  return document;
}

/** Parses YAML, of which JSON is a part. */
export function parsed(text: string, name: string): unknown {
  try {
    // Rejects what is nested too deeply, and does not copy aliases.
    return parseYaml(text);
  } catch (error) {
    const [reason = ""] = (error as Error).message.split("\n");
    throw new UpdateError(`${name}: ${shown(reason)}`);
  }
}

const REASONS: { [code: string]: string } = { ENOENT: "no such file", EISDIR: "is a folder" };

function readFailure(error: unknown): string {
  const { name, message, code, cause } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  if (error instanceof UpdateError) return message;
  if (name === "TimeoutError" || name === "AbortError") return `cannot be read within ${TIMEOUT_MS / 1000} s`;
  const reason = cause?.code ?? cause?.message ?? code ?? name;
  return REASONS[reason] ?? `cannot be read to its end (${reason})`;
}

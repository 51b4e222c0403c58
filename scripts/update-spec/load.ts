// Reads a description from a file or a URL, with limits for its length and for the time. It does not parse the description.

import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { readUpTo } from "../../src/token-request/response-body.ts";
import { InputError } from "../command.ts";

/** A description of 3,200 paths has a fifth of this length. */
const MAX_BYTES = 10 * 2 ** 20;
const TIMEOUT_MS = 10_000;

/** Reads a URL or a file relative to `root`. Returns its text and a name for messages. */
export async function readSource(source: string, root: string): Promise<{ name: string; text: string }> {
  const isUrl = /^[a-z][\w+.-]*:\/\//i.test(source);
  if (isUrl && !(/^https?:/i.test(source) && URL.canParse(source))) {
    throw new InputError("name a file, or a URL that begins with https:// or http://");
  }
  const url = isUrl ? new URL(source) : undefined;
  // The query of a URL may contain a secret.
  const name = url ? url.origin + url.pathname : source;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const read = await readUpTo(MAX_BYTES, url ? await download(url, signal) : open(resolve(root, source), signal));
    if (!read) throw new InputError("longer than 10 MiB");
    return { name, text: await read.text() };
  } catch (error) {
    throw new InputError(`${name}: ${readFailure(error)}`);
  }
}

function open(file: string, signal: AbortSignal): ReadableStream {
  return Readable.toWeb(createReadStream(file, { signal })) as ReadableStream;
}

async function download(url: URL, signal: AbortSignal): Promise<ReadableStream | null> {
  if (url.username || url.password) throw new InputError("a URL must not contain a user or password");
  const response = await fetch(url, { signal });
  if (!response.ok) throw new InputError(`answered ${response.status}`);
  return response.body;
}

const REASONS: { [code: string]: string } = { ENOENT: "no such file", EISDIR: "is a folder" };

function readFailure(error: unknown): string {
  const { name, message, code, cause } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  if (error instanceof InputError) return message;
  if (name === "TimeoutError" || name === "AbortError") return `cannot be read within ${TIMEOUT_MS / 1000} s`;
  const reason = cause?.code ?? cause?.message ?? code ?? name;
  return REASONS[reason] ?? `cannot be read to its end (${reason})`;
}

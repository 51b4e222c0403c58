// Runs in a process of its own what the text of a description could stall or fill without an end.

import { type ExecFileException, type ExecFileOptions, execFile } from "node:child_process";
import { promisify } from "node:util";
import { UpdateError } from "./errors.ts";

/** For what takes a second or two: all told, a hostile description is then refused within 10 s. */
const TIMEOUT_MS = 7_000;
/** Of old objects; all told, the process then stays below 1 GB. */
const MAX_HEAP_MB = 700;

/**
 * Runs Node with these arguments; gives what it prints.
 *
 * @throws {UpdateError} where it takes more than is allowed or fails, with what it said last
 */
export async function outputOf(args: readonly string[], options: ExecFileOptions): Promise<string> {
  const limited = [`--max-old-space-size=${MAX_HEAP_MB}`, ...args];
  const limits = { timeout: TIMEOUT_MS, killSignal: "SIGKILL", maxBuffer: 2 ** 26 } as const;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, limited, {
      ...options,
      ...limits,
      encoding: "utf8",
    });
    return stdout;
  } catch (error) {
    throw new UpdateError(endOf(error as ExecFileException));
  }
}

function endOf({ killed, signal, stderr = "", message }: ExecFileException): string {
  if (killed) return `the description takes longer than ${TIMEOUT_MS / 1000} s to go through`;
  // So ends Node when its heap is full.
  if (signal === "SIGABRT") return `the description takes more than ${MAX_HEAP_MB} MB to go through`;
  return stderr.trim() || message;
}

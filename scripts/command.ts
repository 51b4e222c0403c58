// What the commands share: the error for bad input, where they print, and how a process runs them.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where a command writes its text. */
export interface Print {
  out(text: string): unknown;
  err(text: string): unknown;
}

/** The input of a command is invalid. Has a line for each problem, with its place if there is one. */
export class InputError extends Error {
  constructor(problems: string | readonly string[]) {
    super([problems].flat().join("\n"));
  }
}

/** Returns the lines that explain a failure. Anything but bad input or a missing file is our bug, so its stack is included. */
export function failureOf(command: string, error: Error): string {
  const isDeep = error instanceof RangeError && /call stack/.test(error.message);
  const isExpected = error instanceof InputError || "code" in error;
  const reason = isDeep ? "nested too deeply" : isExpected ? error.message : String(error.stack);
  return reason.replace(/^.*$/gm, (line) => `${command}: ${printable(line)}`).concat("\n");
}

/** Escapes a provider's text, so that it stays on its line and contains no terminal commands. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Shortens a text to fit on a line. */
export function shown(text: string): string {
  return printable(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Runs a command in the working directory if the module at `url` is the program that was started. */
export async function runIfStarted(
  url: string,
  main: (args: readonly string[], root: string, print: Print) => Promise<number>,
): Promise<void> {
  if (realpathSync(process.argv[1] ?? "") !== fileURLToPath(url)) return;
  // A reader of the first lines only (`| head`) closes the pipe early.
  process.stdout.on("error", () => {});
  process.exitCode = await main(process.argv.slice(2), process.cwd(), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}

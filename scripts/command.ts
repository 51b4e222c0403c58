// Defines what all commands share: the error for invalid input, how text is printed, and how a process runs a command.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where a command writes its text. */
export interface Print {
  out(text: string): unknown;
  err(text: string): unknown;
}

/** Reports that the input of a command is invalid. The message has one line for each problem. */
export class InputError extends Error {
  constructor(problems: string | readonly string[]) {
    super([problems].flat().join("\n"));
  }
}

/** Formats an error for the terminal. An error that is not an `InputError` and has no code is a bug, so its stack is included. */
export function failureOf(command: string, error: Error): string {
  const isDeep = error instanceof RangeError && /call stack/.test(error.message);
  const isExpected = error instanceof InputError || "code" in error;
  const reason = isDeep ? "nested too deeply" : isExpected ? error.message : String(error.stack);
  return reason.replace(/^.*$/gm, (line) => `${command}: ${printable(line)}`).concat("\n");
}

/** Escapes a provider's text so that it stays on one line and cannot control the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Shortens a text so that it fits on a line. */
export function shown(text: string): string {
  return printable(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Runs a command in the working directory if the process was started with the module at `url`. */
export async function runIfStarted(
  url: string,
  main: (args: readonly string[], root: string, print: Print) => Promise<number>,
): Promise<void> {
  if (realpathSync(process.argv[1] ?? "") !== fileURLToPath(url)) return;
  // `| head` closes the pipe early. That is not an error.
  process.stdout.on("error", () => {});
  process.exitCode = await main(process.argv.slice(2), process.cwd(), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}

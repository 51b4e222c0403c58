// What the commands have in common: what is wrong with their input, where they print it, and how a process runs them.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where a command writes its text. */
export interface Print {
  out(text: string): unknown;
  err(text: string): unknown;
}

/** What is wrong with the input of a command: a line for each problem, with its place if there is one. */
export class InputError extends Error {
  constructor(problems: string | readonly string[]) {
    super([problems].flat().join("\n"));
  }
}

/** Why a command fails, in lines. Anything else than wrong input and missing files is a bug of ours: its stack is among them. */
export function failureOf(command: string, error: Error): string {
  const isDeep = error instanceof RangeError && /call stack/.test(error.message);
  const isExpected = error instanceof InputError || "code" in error;
  const reason = isDeep ? "nested too deeply" : isExpected ? error.message : String(error.stack);
  return reason.replace(/^.*$/gm, (line) => `${command}: ${printable(line)}`).concat("\n");
}

/** Any text of a provider stays on its line, and contains no commands for a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** A text, short enough for a line. */
export function shown(text: string): string {
  return printable(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Runs a command in the working directory, if the process was started with the module at `url`. */
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

// Why it could not be done, in words that contain no commands for a terminal.

/** An error of which the message is enough for users. */
export class UpdateError extends Error {}

/** What is wrong with the input, in words. Anything else is a bug of ours, so its stack is returned. */
export function reasonOf(error: Error): string {
  if (error instanceof RangeError && /call stack/.test(error.message)) return "nested too deeply";
  return error instanceof UpdateError || "code" in error ? error.message : String(error.stack);
}

/** Any text of a provider stays on its line, and contains no commands for a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** The same, short enough for a line. */
export function shown(text: string): string {
  return printable(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

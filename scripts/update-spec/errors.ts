// Why it could not be done, in words that tell nothing to a terminal.

/** Why it could not be done, for whoever asked for it. */
export class UpdateError extends Error {}

/** What is wrong with what was given, in words; of anything else, which is a fault of ours, the stack. */
export function reasonOf(error: Error): string {
  if (error instanceof RangeError && /call stack/.test(error.message)) return "nested too deeply";
  return error instanceof UpdateError || "code" in error ? error.message : String(error.stack);
}

/** Whatever a provider writes stays on its line, and tells a terminal nothing. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** The same, short enough for a line. */
export function shown(text: string): string {
  return printable(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

// Why it could not be done, in words that contain no commands for a terminal.

import { DescriptionError, printable } from "../generate/read.ts";

/** An error of which the message is enough for users. */
export { DescriptionError as UpdateError, printable } from "../generate/read.ts";

/** What is wrong with the input, in words. Anything else is a bug of ours, so its stack is returned. */
export function reasonOf(error: Error): string {
  if (error instanceof RangeError && /call stack/.test(error.message)) return "nested too deeply";
  return error instanceof DescriptionError || "code" in error ? error.message : String(error.stack);
}

/** A text, short enough for a line. */
export function shown(text: string): string {
  return printable(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

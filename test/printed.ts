// Everything that printing an object could show of it: for tests that look for secrets in it.

import { inspect } from "node:util";

export function printed(value: unknown): string {
  const cause = value instanceof Error && value.cause !== undefined ? printed(value.cause) : "";
  const stack = value instanceof Error ? value.stack : "";
  const shown = inspect(value, { showHidden: true, depth: 10 });
  return [shown, inspect(value), JSON.stringify(value), String(value), stack, cause].join("\n");
}

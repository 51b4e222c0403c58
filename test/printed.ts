// All texts in which a printed object may appear, for tests that search them for secrets.

import { inspect } from "node:util";

export function printed(value: unknown): string {
  const cause = value instanceof Error && value.cause !== undefined ? printed(value.cause) : "";
  const stack = value instanceof Error ? value.stack : "";
  const shown = inspect(value, { showHidden: true, depth: 10 });
  return [shown, inspect(value), JSON.stringify(value), String(value), stack, cause].join("\n");
}

// Finds the places in which two JSON values differ.

export interface Difference {
  readonly at: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export function differencesOf(at: string, expected: unknown, found: unknown): Difference[] {
  if (JSON.stringify(expected) === JSON.stringify(found)) return [];
  if (!isTree(expected) || !isTree(found) || Array.isArray(expected) !== Array.isArray(found)) {
    return [{ at, expected, found }];
  }
  // A response instead of a rejection is one difference.
  if (!Object.keys(expected).some((name) => name in found)) return [{ at, expected, found }];
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...names].flatMap((name) => differencesOf(`${at}.${name}`, expected[name], found[name]));
}

export function shown({ at, expected, found }: Difference): string {
  return `  ${at}\n    plain fetch: ${JSON.stringify(expected)}\n    found:       ${JSON.stringify(found)}`;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

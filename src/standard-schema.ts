// The types and helpers of the runtime checks. They follow https://standardschema.dev (1.1), whose types are copied
// here so that the package has no dependency. The checks themselves are in `generated/schemas.ts`.

/** One error in a value, and where it is. The message never shows the value, which may be a token. */
export interface Issue {
  readonly message: string;
  readonly path: Path;
}

export type Path = readonly PropertyKey[];

/** The value itself, with all its members, or the errors in it. */
export type Result<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

export interface JsonSchemaOptions {
  /** The version of JSON Schema. Other versions than `draft-2020-12` and `draft-07` throw an error. */
  readonly target: "draft-2020-12" | "draft-07" | (string & {});
}

/** A Standard Schema with its JSON Schema (https://standardschema.dev, 1.1). */
export interface Checked<T> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: T; readonly output: T } | undefined;
    readonly validate: (value: unknown) => Result<T>;
    readonly jsonSchema: {
      readonly input: (options: JsonSchemaOptions) => Record<string, unknown>;
      readonly output: (options: JsonSchemaOptions) => Record<string, unknown>;
    };
  };
}

const ROOT: Path = [];

/**
 * Creates a Standard Schema.
 *
 * @param check returns an issue for each error in a value, or `undefined`
 * @param describe returns the JSON Schema
 */
export function checked<T>(
  check: (value: unknown, path: Path) => Issue[] | undefined,
  describe: () => Record<string, unknown>,
): Checked<T> {
  const jsonSchema = ({ target }: JsonSchemaOptions) => {
    if (target !== "draft-2020-12" && target !== "draft-07") throw new Error(`No JSON Schema for ${target}`);
    return describe();
  };
  return {
    "~standard": {
      version: 1,
      vendor: "oauth2-token-response",
      validate(value) {
        const issues = check(value, ROOT);
        return issues ? { issues } : { value: value as T };
      },
      jsonSchema: { input: jsonSchema, output: jsonSchema },
    },
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reports whether a number is a multiple of another. The tolerance is for decimals, which have no exact binary form: 19.99 / 0.01. */
export function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) <= 2 * Number.EPSILON * Math.abs(quotient);
}

/** Reports whether no two items of a list are equal. The order of an object's keys does not matter. */
export function isUnique(list: readonly unknown[]): boolean {
  // Compared by key only: a member may have its own `toString`.
  const byKey = ([one]: [string, unknown], [other]: [string, unknown]) => (one < other ? -1 : 1);
  const sorted = (_: string, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(byKey)) : value;
  return new Set(list.map((item) => JSON.stringify(item, sorted))).size === list.length;
}

/** Adds an issue if a value matches none of the alternatives. */
export function anyOf(
  issues: Issue[] | undefined,
  path: Path,
  found: unknown,
  parts: readonly ((issues?: Issue[]) => Issue[] | undefined)[],
): Issue[] | undefined {
  return parts.some((part) => !part()) ? issues : fail(issues, path, `one of ${parts.length} alternatives`, found);
}

/** Adds an issue. */
export function fail(issues: Issue[] = [], path: Path, expected: string, found: unknown): Issue[] {
  const kind = Object.prototype.toString.call(found).slice(8, -1);
  issues.push({ message: `expected ${expected}, found ${kind}`, path });
  return issues;
}

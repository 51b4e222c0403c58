// What every runtime check is made of, after https://standardschema.dev (1.1), written out so that nobody needs a dependency for it.
// The checks themselves are generated.

/** What is wrong with a value, and where. It tells the kind that was found and never the value, which may be a token. */
export interface Issue {
  readonly message: string;
  readonly path: Path;
}

export type Path = readonly PropertyKey[];

/** The value itself, fields that are not described included; or what is wrong with it. */
export type Result<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

/** What the JSON Schema is wanted for: `draft-2020-12` and `draft-07` are known, anything else throws. */
export interface JsonSchemaOptions {
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

/** Makes a check of a function that adds an issue for each thing that is wrong, and of one that returns the JSON Schema. */
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

/** Whether no two items of a list are equal: of objects, in any order of their keys. */
export function isUnique(list: readonly unknown[]): boolean {
  const sorted = (_: string, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort()) : value;
  return new Set(list.map((item) => JSON.stringify(item, sorted))).size === list.length;
}

/** Adds an issue, unless a value matches one of the parts. */
export function anyOf(
  issues: Issue[] | undefined,
  path: Path,
  found: unknown,
  parts: readonly ((issues?: Issue[]) => Issue[] | undefined)[],
): Issue[] | undefined {
  return parts.some((part) => !part()) ? issues : fail(issues, path, `one of ${parts.length} alternatives`, found);
}

export function fail(issues: Issue[] = [], path: Path, expected: string, found: unknown): Issue[] {
  const kind = Object.prototype.toString.call(found).slice(8, -1);
  issues.push({ message: `expected ${expected}, found ${kind}`, path });
  return issues;
}

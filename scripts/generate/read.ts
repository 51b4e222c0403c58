// Reads the description, refuses what is invalid by its own lint rules, and knows where each part of it stands.
// Everything after this room works on a document whose keys are sorted, so that their order can change no output.

import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import {
  BaseResolver,
  createConfig,
  type Document,
  getLineColLocation,
  type LocationObject,
  lintDocument,
  loadConfig,
  makeDocumentFromString,
  YamlParseError,
} from "@redocly/openapi-core";

const FILE = "openapi.yaml";

/** A mapping of the description, of any kind. */
export type Mapping = { [key: string]: unknown };

/** A valid description. */
export interface Description {
  readonly document: Mapping;
  readonly title: string;
  readonly version: string;
  /** Names the place of a JSON pointer such as `#/components/schemas`: `openapi.yaml:12:5`. */
  locate(pointer: string): string;
  /** What is carried in another way than it is written: whoever generates from it adds to them. */
  readonly warnings: string[];
}

/** What is wrong with a description: a line for each problem, with file, line and column. */
export class DescriptionError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/** Reads and lints `<directory>/openapi.yaml`. */
export async function readDescription(directory: string): Promise<Description> {
  return checkDescription(readText(join(directory, FILE)), directory, (location) => {
    const { start } = getLineColLocation(location);
    return `${relative(directory, location.source.absoluteRef)}:${start.line}:${start.col}`;
  });
}

/**
 * Lints a text as if it were `<directory>/openapi.yaml`, by the rules of `redocly.yaml` there.
 *
 * @param place - Names the places of problems
 * @throws {DescriptionError} if the text is not a valid description
 */
export async function checkDescription(
  text: string,
  directory: string,
  place: (location: LocationObject) => string,
): Promise<Description> {
  const read = parse(join(directory, FILE), text);
  const { source, parsed } = read;
  const locate = (pointer: string) => place({ source, pointer, reportOnKey: true });

  // Lint rules cannot say this: without a version they do not know which of them apply.
  if (!isMapping(parsed) || !/^3\.[01]\.\d+$/.test(String(parsed["openapi"]))) {
    const found = isMapping(parsed) ? `openapi: ${JSON.stringify(parsed["openapi"])}` : `no mapping`;
    const pointer = isMapping(parsed) && "openapi" in parsed ? "#/openapi" : "#/";
    throw new DescriptionError([`${locate(pointer)} found ${found}, expected an OpenAPI description, 3.0 or 3.1`]);
  }

  const problems = await lint(read, join(directory, "redocly.yaml"));
  if (problems.length > 0) {
    throw new DescriptionError(
      problems.map(({ location: [at], message, suggest, ruleId }) => {
        const hint = suggest.length > 0 ? ` Did you mean: ${suggest.join(", ")}?` : "";
        return `${at ? place(at) : "openapi.yaml:1:1"} ${message.trim()}${hint} (${ruleId})`;
      }),
    );
  }

  const document = sortKeys(parsed) as Mapping;
  const { title, version } = document["info"] as { title: string; version: string };
  return { document, title, version, locate, warnings: [] };
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The mapping that these keys lead to, or one without entries. */
export function mappingAt<T = unknown>(value: unknown, ...keys: string[]): { [key: string]: T } {
  const inner = keys.reduce<unknown>((parent, key) => (isMapping(parent) ? parent[key] : undefined), value);
  return (isMapping(inner) ? inner : {}) as { [key: string]: T };
}

/** What a value refers to, with what stands beside the reference, or the value itself; one without entries if it is no mapping. */
export function resolved(document: Mapping, value: unknown): Mapping {
  if (!isMapping(value)) return {};
  const { $ref, ...siblings } = value;
  if (typeof $ref !== "string") return value;
  return { ...resolved(document, mappingAt(document, ...keysTo($ref))), ...siblings };
}

/** Escapes a key for use in a JSON pointer (RFC 6901 §3). */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The keys of a JSON pointer, unescaped. */
export function keysTo(pointer: string): string[] {
  return pointer.split("/").slice(1).map(unescaped);
}

/** The key, or the keys with their slashes, of a part of a JSON pointer (RFC 6901 §4). */
export function unescaped(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** By code unit, as every locale must. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isMapping(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}

async function lint(document: Document, rules: string) {
  try {
    const config = existsSync(rules)
      ? await loadConfig({ configPath: rules })
      : await createConfig({ extends: ["recommended"] });
    return await lintDocument({ document, config: config.styleguide, externalRefResolver: new BaseResolver() });
  } catch (error) {
    // A reference that leads back to itself, or rules that are none.
    const found = error instanceof RangeError ? "nested too deeply" : String((error as Error).message).split("\n")[0];
    throw new DescriptionError([`openapi.yaml: cannot be linted by redocly.yaml: ${found}`]);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DescriptionError([`openapi.yaml: found no readable file (${code}), expected an OpenAPI description`]);
  }
}

function parse(file: string, text: string): Document {
  try {
    return makeDocumentFromString(text, file);
  } catch (error) {
    if (!(error instanceof YamlParseError)) throw error;
    const found = error.message.replace(/ in ".*$/, "");
    throw new DescriptionError([`openapi.yaml:${error.line}:${error.col} found ${found}, expected YAML`]);
  }
}

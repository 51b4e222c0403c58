// Reads and lints the description. Bad style is only a warning; an unreadable description is an error. Keys are sorted, so that
// their order does not change any output.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BaseResolver, createConfig, lintDocument, loadConfig, Source } from "@redocly/openapi-core";
import { InputError } from "../command.ts";
import { withoutDataReferences } from "./keys.ts";
import { asText, type Mapping, mappingAt, type Parsed, parseDescription, sortKeys } from "./read.ts";
import { danglingIn } from "./references.ts";

const FILE = "openapi.yaml";

export interface Description {
  readonly document: Mapping;
  readonly title: string;
  readonly version: string;
  /** Returns the place of a JSON pointer: `openapi.yaml:12:5 #/components/schemas`. */
  locate(pointer: string): string;
  /** Bad style, and deviations of the output from the description. The generators add to this list. */
  readonly warnings: string[];
}

/**
 * Reads `<directory>/openapi.yaml`.
 *
 * @throws {InputError} if it cannot be read
 */
export async function readDescription(directory: string): Promise<Description> {
  return describe(parseDescription(readText(join(directory, FILE)), FILE), directory);
}

/**
 * Lints a document by the rules of `<directory>/redocly.yaml`.
 *
 * @throws {InputError} if a reference in it leads nowhere
 */
export async function describe({ value, locate }: Parsed<Mapping>, directory: string): Promise<Description> {
  const problems = [...danglingIn(value)].map(([pointer, reference, reason]) => {
    return `${locate(pointer)} found ${reference}, which ${reason}`;
  });
  if (problems.length > 0) throw new InputError(problems);
  return descriptionOf(value, locate, await lint(value, join(directory, "redocly.yaml"), locate));
}

export function descriptionOf(value: Mapping, locate: Description["locate"], warnings: string[] = []): Description {
  const { title = "API", version = "0" } = mappingAt(value, "info");
  return { document: sortKeys(value) as Mapping, title: asText(title), version: asText(version), locate, warnings };
}

/** Returns a warning for each rule that the document breaks, with the first place and the number of others. */
async function lint(document: Mapping, rules: string, locate: (pointer: string) => string): Promise<string[]> {
  const config = await (existsSync(rules) ? loadConfig({ configPath: rules }) : createConfig("extends: [recommended]"));
  const source = new Source(FILE, "");
  const parsed = withoutDataReferences(document);
  const externalRefResolver = new BaseResolver();
  const options = { document: { source, parsed }, config: config.styleguide, externalRefResolver };
  const found = new Map<string, string[]>();
  try {
    for (const { ruleId, message, location } of await lintDocument(options)) {
      const place = locate(location[0]?.pointer ?? "#/");
      found.set(ruleId, [...(found.get(ruleId) ?? []), `${place} ${message.trim().replace(/\s+/g, " ")}`]);
    }
  } catch (error) {
    return [`cannot be linted: ${String((error as Error).message).split("\n")[0]}`];
  }
  return [...found].map(([rule, [first, ...others]]) => {
    return `${first} (${rule}${others.length > 0 ? `, and ${others.length} more` : ""})`;
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`${FILE}: found no readable file (${code}), expected an OpenAPI description`);
  }
}

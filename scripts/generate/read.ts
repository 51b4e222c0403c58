// Parses descriptions, and finds the parts of one.

import { getLineColLocation, makeDocumentFromString, Source, YamlParseError } from "@redocly/openapi-core";
import { InputError } from "../command.ts";

/** A mapping of the description, of any kind. */
export type Mapping = { [key: string]: unknown };

/** What a text says, and where. */
export interface Parsed<Value> {
  readonly value: Value;
  /** Names the place of a JSON pointer: `openapi.yaml:12:5 #/components/schemas`. */
  locate(pointer: string): string;
}

/**
 * Parses a description.
 *
 * @param name - The file, in messages
 * @throws {InputError} if it is not OpenAPI 3.0 or 3.1; for Swagger, the message names the command that converts it
 */
export function parseDescription(text: string, name: string): Parsed<Mapping> {
  if (/^\s*</.test(text)) throw new InputError(`${name}: found HTML, expected an OpenAPI description`);
  const { value, locate } = parse(text, name);
  const { openapi, swagger } = isMapping(value) ? value : {};
  if (isMapping(value) && /^3\.[01]\.\d+/.test(asText(openapi))) return { value, locate };
  const [key, version] = swagger === undefined ? ["openapi", openapi] : ["swagger", swagger];
  const found = isMapping(value) ? `${key}: ${String(JSON.stringify(version)).slice(0, 80)}` : "no mapping";
  const place = locate(version === undefined ? "#/" : `#/${key}`);
  const convert = key === "swagger" ? `; convert it: npx -y swagger2openapi --patch ${name} -o openapi3.yaml` : "";
  throw new InputError(`${place} found ${found}, expected an OpenAPI description, 3.0 or 3.1${convert}`);
}

/**
 * Parses YAML or JSON.
 *
 * @throws {InputError} if it is neither, or nested too deeply
 */
export function parse(text: string, name: string): Parsed<unknown> {
  const json = jsonIn(text);
  const { parsed: value, source } = json ? { parsed: json.value, source: new Source(name, text) } : yamlIn(text, name);
  const locate = (pointer: string) => {
    const { start } = getLineColLocation({ source, pointer, reportOnKey: true });
    return `${name}:${start.line}:${start.col} ${pointer}`;
  };
  return { value, locate };
}

/** JSON is YAML too, and read ten times as fast. */
function jsonIn(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function yamlIn(text: string, name: string) {
  try {
    return makeDocumentFromString(text, name);
  } catch (error) {
    if (!(error instanceof YamlParseError)) throw error;
    const [found = ""] = error.message.replace(/ in ".*$/s, "").split("\n");
    throw new InputError(`${name}:${error.line}:${error.col} found ${found}, expected YAML or JSON`);
  }
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The mapping that these keys lead to, or one without entries. */
export function mappingAt<T = unknown>(value: unknown, ...keys: string[]): { [key: string]: T } {
  const inner = keys.reduce<unknown>((parent, key) => (parent as Mapping | null | undefined)?.[key], value);
  return (isMapping(inner) ? inner : {}) as { [key: string]: T };
}

/** What should be a text, as one. An object is JSON, as it may have a `toString` of its own. */
export function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A list that a mapping holds, or an empty one. */
export function listAt(parent: Mapping, key: string): unknown[] {
  const value = parent[key];
  return Array.isArray(value) ? value : [];
}

/** What a value refers to, with what stands beside the reference, or the value itself; one without entries if it is no mapping. */
export function resolved(document: Mapping, value: unknown, depth = 0): Mapping {
  if (!isMapping(value) || depth > 100) return {};
  const { $ref, ...siblings } = value;
  if (typeof $ref !== "string") return value;
  return { ...resolved(document, mappingAt(document, ...keysTo($ref)), depth + 1), ...siblings };
}

/** A JSON pointer in a URI, as a reference is (RFC 6901 §3 and §6). What is no percent sign needs no more escaping here. */
export function pointerTo(parent: string, ...keys: (string | number)[]): string {
  return [
    parent,
    ...keys.map((key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("%", "%25")),
  ].join("/");
}

/** The keys of a JSON pointer, unescaped, also of one in a URI (RFC 6901 §6). */
export function keysTo(pointer: string): string[] {
  return decoded(pointer).split("/").slice(1).map(unescaped);
}

/** The key, or the keys with their slashes, of a part of a JSON pointer (RFC 6901 §4). */
export function unescaped(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

function decoded(pointer: string): string {
  try {
    return decodeURIComponent(pointer);
  } catch {
    return pointer;
  }
}

/** By code unit, as every locale must. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isMapping(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}

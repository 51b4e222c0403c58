// Parses descriptions, and reads values and JSON pointers in them. What a value means in OpenAPI is not decided here.

import { getLineColLocation, makeDocumentFromString, Source, YamlParseError } from "@redocly/openapi-core";
import { InputError } from "../command.ts";

/** Any mapping in a description. */
export type Mapping = { [key: string]: unknown };

/** A parsed text, and the lines and columns of its values. */
export interface Parsed<Value> {
  readonly value: Value;
  /** Returns the place of a JSON pointer: `openapi.yaml:12:5 #/components/schemas`. */
  locate(pointer: string): string;
}

/**
 * Parses a description.
 *
 * @param name - The name of the file in messages
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

/** Parses JSON, if it is JSON. YAML includes JSON, but this is ten times as fast. */
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

/** Returns the mapping that these keys lead to, or an empty one. */
export function mappingAt<T = unknown>(value: unknown, ...keys: string[]): { [key: string]: T } {
  const inner = keys.reduce<unknown>((parent, key) => (parent as Mapping | null | undefined)?.[key], value);
  return (isMapping(inner) ? inner : {}) as { [key: string]: T };
}

/** Converts a value to a string. An object becomes JSON, since it may have its own `toString`. */
export function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Returns the list under a key of a mapping, or an empty one. */
export function listAt(parent: Mapping, key: string): unknown[] {
  const value = parent[key];
  return Array.isArray(value) ? value : [];
}

/** Follows a reference and adds the keywords beside it. Returns other mappings as they are; anything else as an empty one. */
export function resolved(document: Mapping, value: unknown, depth = 0): Mapping {
  if (!isMapping(value) || depth > 100) return {};
  const { $ref, ...siblings } = value;
  if (typeof $ref !== "string") return value;
  return { ...resolved(document, mappingAt(document, ...keysTo($ref)), depth + 1), ...siblings };
}

/** Returns a JSON pointer as a URI fragment (RFC 6901 §3 and §6). Of the characters of a URI, only `%` is escaped. */
export function pointerTo(parent: string, ...keys: (string | number)[]): string {
  return [
    parent,
    ...keys.map((key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("%", "%25")),
  ].join("/");
}

/** Returns the unescaped keys of a JSON pointer or of one in a URI (RFC 6901 §6). */
export function keysTo(pointer: string): string[] {
  return decoded(pointer).split("/").slice(1).map(unescaped);
}

/** Unescapes a part of a JSON pointer (RFC 6901 §4). */
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

/** Sorts keys by code unit, so that the order does not depend on the locale. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isMapping(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}

// Extracts a fragment from a description: some of its operations, all that they reach, and nothing else.

import { InputError, shown } from "../command.ts";
import { type Keys, keysIn } from "../generate/keys.ts";
import { METHODS } from "../generate/operations.ts";
import { isMapping, keysTo, listAt, type Mapping, mappingAt, type Parsed, pointerTo } from "../generate/read.ts";
import { targetOf } from "../generate/references.ts";
import { ROLE_KEYWORD } from "../generate/roles.ts";

/** In characters, roughly: more than any fragment has, less than what a few references to references can grow to. */
const MAX_SIZE = 2 ** 19;

const SCHEMES = "#/components/securitySchemes";

interface Extraction extends Parsed<Mapping> {
  /** Pointers to the components that what was copied so far refers to. */
  readonly components: Set<string>;
  /** The names of the tags of what was copied so far. */
  readonly tags: Set<unknown>;
  readonly problems: string[];
  /** How long the fragment is so far, as text. */
  size: number;
}

/**
 * Extracts the operations that have a role, and those whose path begins with a prefix.
 *
 * A reference into another component, such as to a property of its schema, is replaced by what it leads to: every generator
 * loses its description or whether it is required.
 *
 * @throws {InputError} if no path begins so, references lead to nothing, elsewhere or back to themselves, or the fragment grows too long
 */
export function extract({ value: document, locate }: Parsed<Mapping>, prefix?: string): Mapping {
  const extraction: Extraction = {
    ...{ value: document, locate, size: 0 },
    ...{ components: new Set<string>(), tags: new Set<unknown>(), problems: [] },
  };
  const all = Object.entries(mappingAt(document, "paths"));
  if (prefix !== undefined && !all.some(([path]) => path.startsWith(prefix))) {
    throw new InputError(`no path begins with ${prefix}`);
  }
  const { openapi, jsonSchemaDialect, info, externalDocs, servers, security } = document;
  const whole = copied({ openapi, jsonSchemaDialect, info, externalDocs, servers, security }, "#", extraction);
  const taken = all.map(([path, item]) => [path, path.startsWith(prefix ?? "?") ? item : withRoles(item, document)]);
  const paths = taken
    .filter(([, item]) => item !== undefined)
    .map(([path, item]) => [String(path), copied(item, pointerTo("#/paths", String(path)), extraction)] as const);
  const components = reachedComponents(extraction);
  const tags = listAt(document, "tags").filter((tag) => isMapping(tag) && extraction.tags.has(tag["name"]));
  const { problems } = extraction;
  if (problems.length > 0) throw new InputError(problems);
  const fragment = { ...(whole as Mapping), ...(tags.length > 0 && { tags }), paths: sorted(paths), components };
  return Object.fromEntries(Object.entries(fragment).filter(([, value]) => value !== undefined));
}

/** A path item with those of its operations that have a role; undefined if none has. One that is a reference is taken whole. */
function withRoles(item: unknown, document: Mapping): unknown {
  if (!isMapping(item)) return undefined;
  const target = typeof item["$ref"] === "string" ? targetOf(item["$ref"], document).value : item;
  const others = METHODS.filter((method) => !(ROLE_KEYWORD in mappingAt(target, method)));
  if (others.length === METHODS.length) return undefined;
  return Object.fromEntries(Object.entries(item).filter(([key]) => !others.includes(key)));
}

/** The components that are referred to, by kind and name, and those that they refer to. */
function reachedComponents(extraction: Extraction): Mapping | undefined {
  // So that scopes have a type, even if a fragment requires none.
  const schemes = Object.entries(mappingAt(extraction.value, "components", "securitySchemes"));
  const isReached = schemes.some(([name]) => extraction.components.has(pointerTo(SCHEMES, name)));
  const scoped = schemes.filter(([, scheme]) => isMapping(scheme) && scheme["type"] === "oauth2");
  if (!isReached) for (const [name] of scoped) extraction.components.add(pointerTo(SCHEMES, name));
  const kinds = new Map<string, [string, unknown][]>();
  // Copying one may add others, which this loop visits as well.
  for (const pointer of extraction.components) {
    const [kind = "", name = ""] = keysTo(pointer).slice(1);
    const { value } = targetOf(pointer, extraction.value);
    if (value !== undefined) kinds.set(kind, [...(kinds.get(kind) ?? []), [name, copied(value, pointer, extraction)]]);
  }
  const all = [...kinds].map(([kind, components]) => [kind, sorted(components)] as const);
  return all.length > 0 ? sorted(all) : undefined;
}

/**
 * Copies a part of the description and notes which components it refers to: by reference, as a security scheme or in the mapping
 * of a discriminator. A reference that leads deeper than to a component is replaced by what it leads to.
 */
function copied(
  value: unknown,
  pointer: string,
  extraction: Extraction,
  on: readonly string[] = [],
  keys: Keys = "keywords",
): unknown {
  grow(extraction, value);
  if (Array.isArray(value)) {
    return value.map((item, index) => copied(item, `${pointer}/${index}`, extraction, on, keys));
  }
  if (!isMapping(value)) return value;
  // Links lead to operations, which may not be here.
  const entries = Object.entries(value).filter(([key]) => keys !== "keywords" || (key !== "links" && key !== "$ref"));
  const inside = Object.fromEntries(
    entries.map(([key, inner]) => {
      return [key, copied(inner, pointerTo(pointer, key), extraction, on, keysIn(key, inner, keys))];
    }),
  );
  if (keys !== "keywords") return inside;
  note(value, extraction);
  const { discriminator } = value;
  if (isMapping(discriminator)) inside["discriminator"] = { ...discriminator, ...namedBy(discriminator, extraction) };
  const { $ref } = value;
  if (typeof $ref !== "string") return $ref === undefined ? inside : { $ref, ...inside };
  const target = targetOf($ref, extraction.value, on, (reference) => grow(extraction, reference));
  if (target.reason !== undefined) {
    extraction.problems.push(`${extraction.locate(`${pointer}/$ref`)} found ${shown($ref)}, which ${target.reason}`);
    return inside;
  }
  const component = componentIn($ref);
  if (component !== undefined) {
    extraction.components.add(component);
    return { $ref: component, ...inside };
  }
  const copy = copied(target.value, pointer, extraction, [...on, $ref]);
  return isMapping(copy) ? { ...copy, ...inside } : copy;
}

/** Notes the tags of an operation, and the schemes of its security. */
function note({ tags, security }: Mapping, extraction: Extraction): void {
  const requirements = Array.isArray(security) ? security.filter(isMapping) : [];
  for (const name of requirements.flatMap(Object.keys)) extraction.components.add(pointerTo(SCHEMES, name));
  if (Array.isArray(tags)) for (const tag of tags) extraction.tags.add(tag);
}

/** The mapping of a discriminator by pointers, without the schemas that are not there. Notes those that are. */
function namedBy({ mapping }: Mapping, extraction: Extraction): Mapping {
  const entries = Object.entries(mappingAt(mapping)).flatMap(([value, name]): [string, string][] => {
    if (typeof name !== "string") return [];
    const component = componentIn(name) ?? pointerTo("#/components/schemas", name);
    if (targetOf(component, extraction.value).reason !== undefined) return [];
    extraction.components.add(component);
    return [[value, component]];
  });
  return mapping === undefined ? {} : { mapping: Object.fromEntries(entries) };
}

/** Counts what is copied or visited: its text, its keys, and some characters for everything else. */
function grow(extraction: Extraction, value: unknown): void {
  const keys = isMapping(value) ? Object.keys(value).join("").length : 0;
  extraction.size += 10 + (typeof value === "string" ? value.length : keys);
  if (extraction.size > MAX_SIZE) {
    throw new InputError("the fragment grows beyond 512 KiB; extract fewer paths, or fix what refers to itself");
  }
}

/** The pointer to a component, as it is written everywhere in a fragment. */
function componentIn(reference: string): string | undefined {
  if (!reference.startsWith("#/components/")) return undefined;
  const [, kind = "", name, ...deeper] = keysTo(reference);
  return name === undefined || deeper.length > 0 ? undefined : pointerTo("#/components", kind, name);
}

/** By code unit, as every locale must. */
function sorted(entries: readonly (readonly [string, unknown])[]): Mapping {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

// Extracts a fragment from a description: some of its operations and the components that they use. It does not read or write files.

import { InputError, shown } from "../command.ts";
import { type Keys, keysIn } from "../generate/keys.ts";
import { METHODS } from "../generate/operations.ts";
import { isMapping, keysTo, listAt, type Mapping, mappingAt, type Parsed, pointerTo } from "../generate/read.ts";
import { targetOf } from "../generate/references.ts";
import { ROLE_KEYWORD } from "../generate/roles.ts";

/** Limits the fragment's length in characters, approximately. Nested references can make a small description very long. */
const MAX_SIZE = 2 ** 19;

const SCHEMES = "#/components/securitySchemes";

interface Extraction extends Parsed<Mapping> {
  /** Pointers to the components that the copied parts use. */
  readonly components: Set<string>;
  /** The tags of the copied operations. */
  readonly tags: Set<unknown>;
  readonly problems: string[];
  /** The length of the fragment so far, as text. */
  size: number;
}

/**
 * Extracts the operations that have a role, and those whose path begins with a prefix.
 *
 * A reference into a component, such as to a property of its schema, is replaced by its target, because generators lose the
 * description of such a property, or whether it is required.
 *
 * @throws {InputError} if no path has the prefix, a reference has no target or refers to another file or to itself, or the
 *   fragment is too long
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
  const head = copied({ openapi, jsonSchemaDialect, info, externalDocs, servers, security }, "#", extraction);
  const selected = all.map(([path, item]) => [path, path.startsWith(prefix ?? "?") ? item : withRoles(item, document)]);
  const paths = selected
    .filter(([, item]) => item !== undefined)
    .map(([path, item]) => [String(path), copied(item, pointerTo("#/paths", String(path)), extraction)] as const);
  const components = reachedComponents(extraction);
  const tags = listAt(document, "tags").filter((tag) => isMapping(tag) && extraction.tags.has(tag["name"]));
  const { problems } = extraction;
  if (problems.length > 0) throw new InputError(problems);
  const fragment = { ...(head as Mapping), ...(tags.length > 0 && { tags }), paths: sorted(paths), components };
  return Object.fromEntries(Object.entries(fragment).filter(([, value]) => value !== undefined));
}

/** Returns a path item with the operations that have a role, or `undefined` if none has one. A reference stays a reference. */
function withRoles(item: unknown, document: Mapping): unknown {
  if (!isMapping(item)) return undefined;
  const target = typeof item["$ref"] === "string" ? targetOf(item["$ref"], document).value : item;
  const others = METHODS.filter((method) => !(ROLE_KEYWORD in mappingAt(target, method)));
  if (others.length === METHODS.length) return undefined;
  return Object.fromEntries(Object.entries(item).filter(([key]) => !others.includes(key)));
}

/** Returns the components that are used, directly or by other components, grouped by kind. */
function reachedComponents(extraction: Extraction): Mapping | undefined {
  // Types of scopes are generated even if no operation of the fragment requires a scope.
  const schemes = Object.entries(mappingAt(extraction.value, "components", "securitySchemes"));
  const isReached = schemes.some(([name]) => extraction.components.has(pointerTo(SCHEMES, name)));
  const scoped = schemes.filter(([, scheme]) => isMapping(scheme) && scheme["type"] === "oauth2");
  if (!isReached) for (const [name] of scoped) extraction.components.add(pointerTo(SCHEMES, name));
  const kinds = new Map<string, [string, unknown][]>();
  // Copying a component may add others to the set. The loop visits them, too.
  for (const pointer of extraction.components) {
    const [kind = "", name = ""] = keysTo(pointer).slice(1);
    const { value } = targetOf(pointer, extraction.value);
    if (value !== undefined) kinds.set(kind, [...(kinds.get(kind) ?? []), [name, copied(value, pointer, extraction)]]);
  }
  const all = [...kinds].map(([kind, components]) => [kind, sorted(components)] as const);
  return all.length > 0 ? sorted(all) : undefined;
}

/**
 * Copies a part of the description and collects the components that it uses: by reference, as a security scheme, or in the
 * mapping of a discriminator. A reference into a component is replaced by its target.
 */
function copied(
  value: unknown,
  pointer: string,
  extraction: Extraction,
  on: readonly string[] = [],
  keys: Keys = "keywords",
): unknown {
  addLength(extraction, value);
  if (Array.isArray(value)) {
    return value.map((item, index) => copied(item, `${pointer}/${index}`, extraction, on, keys));
  }
  if (!isMapping(value)) return value;
  // Links are not copied: they refer to operations that may not be in the fragment.
  const entries = Object.entries(value).filter(([key]) => keys !== "keywords" || (key !== "links" && key !== "$ref"));
  const inside = Object.fromEntries(
    entries.map(([key, inner]) => {
      return [key, copied(inner, pointerTo(pointer, key), extraction, on, keysIn(key, inner, keys))];
    }),
  );
  if (keys !== "keywords") return inside;
  collectTagsAndSchemes(value, extraction);
  const { discriminator } = value;
  if (isMapping(discriminator)) inside["discriminator"] = { ...discriminator, ...mappingOf(discriminator, extraction) };
  const { $ref } = value;
  if (typeof $ref !== "string") return $ref === undefined ? inside : { $ref, ...inside };
  const target = targetOf($ref, extraction.value, on, (reference) => addLength(extraction, reference));
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

/** Collects the tags and the security schemes of an operation. */
function collectTagsAndSchemes({ tags, security }: Mapping, extraction: Extraction): void {
  const requirements = Array.isArray(security) ? security.filter(isMapping) : [];
  for (const name of requirements.flatMap(Object.keys)) extraction.components.add(pointerTo(SCHEMES, name));
  if (Array.isArray(tags)) for (const tag of tags) extraction.tags.add(tag);
}

/** Returns a discriminator's mapping with names replaced by pointers. Collects the schemas; omits those that do not exist. */
function mappingOf({ mapping }: Mapping, extraction: Extraction): Mapping {
  const entries = Object.entries(mappingAt(mapping)).flatMap(([value, name]): [string, string][] => {
    if (typeof name !== "string") return [];
    const component = componentIn(name) ?? pointerTo("#/components/schemas", name);
    if (targetOf(component, extraction.value).reason !== undefined) return [];
    extraction.components.add(component);
    return [[value, component]];
  });
  return mapping === undefined ? {} : { mapping: Object.fromEntries(entries) };
}

/** Adds a value to the fragment's length: texts and keys in full, all else as a few characters. */
function addLength(extraction: Extraction, value: unknown): void {
  const keys = isMapping(value) ? Object.keys(value).join("").length : 0;
  extraction.size += 10 + (typeof value === "string" ? value.length : keys);
  if (extraction.size > MAX_SIZE) {
    throw new InputError("the fragment grows beyond 512 KiB; extract fewer paths, or fix circular references");
  }
}

/** Returns a normalized pointer if a reference is to a component, and `undefined` if it is to a part of one. */
function componentIn(reference: string): string | undefined {
  if (!reference.startsWith("#/components/")) return undefined;
  const [, kind = "", name, ...deeper] = keysTo(reference);
  return name === undefined || deeper.length > 0 ? undefined : pointerTo("#/components", kind, name);
}

/** Sorts by code unit, so that the order does not depend on the locale. */
function sorted(entries: readonly (readonly [string, unknown])[]): Mapping {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

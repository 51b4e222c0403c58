// Extracts a fragment from a description: some of its paths, all that they reach, and nothing else.

import { isMapping, type Mapping, mappingAt, pointerTo } from "../generate/read.ts";
import { shown, UpdateError } from "./errors.ts";
import { NAMING } from "./keys.ts";
import { keysOf } from "./pointers.ts";

/** In characters, roughly: more than any fragment has, less than what a few references to references can grow to. */
const MAX_SIZE = 2 ** 19;

/** The keywords that hold data, in which nothing is a reference. */
const DATA = new Set(["example", "default", "enum", "const", "value"]);

/** What the keys of a mapping are. */
type Keys = "keywords" | "names" | "data";

interface Extraction {
  readonly document: Mapping;
  /** Pointers to the components that what was copied so far refers to. */
  readonly components: Set<string>;
  /** The names of the tags of what was copied so far. */
  readonly tags: Set<unknown>;
  /** How long the fragment is so far, as text. */
  size: number;
}

/**
 * Extracts the paths that begin with a prefix.
 *
 * A reference into another component, such as to a property of its schema, is replaced by what it leads to: every generator
 * loses its description or whether it is required.
 *
 * @throws {UpdateError} if no path begins so, a reference leads to nothing, elsewhere or back to itself, or the fragment grows too long
 */
export function extract(document: Mapping, prefix: string): Mapping {
  const taken = Object.entries(mappingAt(document, "paths")).filter(([path]) => path.startsWith(prefix));
  if (taken.length === 0) throw new UpdateError(`no path begins with ${prefix}; --paths takes others`);
  const extraction: Extraction = { document, components: new Set(), tags: new Set(), size: 0 };
  const { openapi, jsonSchemaDialect, info, externalDocs, servers, security } = document;
  const whole = copied({ openapi, jsonSchemaDialect, info, externalDocs, servers, security }, extraction) as Mapping;
  const paths = sorted(taken.map(([path, item]) => [path, copied(item, extraction)]));
  const components = reachedComponents(extraction);
  const tags = listAt(document, "tags").filter((tag) => isMapping(tag) && extraction.tags.has(tag["name"]));
  return withoutUndefined({
    ...whole,
    tags: tags.length > 0 ? copied(tags, extraction) : undefined,
    paths,
    components,
  });
}

/** The components that are referred to, by kind and name, and those that they refer to. */
function reachedComponents(extraction: Extraction): Mapping | undefined {
  const kinds = new Map<string, [string, unknown][]>();
  // Copying one may add others, which this loop visits as well.
  for (const pointer of extraction.components) {
    const [kind = "", name = ""] = keysOf(pointer).slice(1);
    const component = copied(resolve(pointer, extraction), extraction);
    kinds.set(kind, [...(kinds.get(kind) ?? []), [name, component]]);
  }
  const all = [...kinds].map(([kind, components]) => [kind, sorted(components)] as const);
  return all.length > 0 ? sorted(all) : undefined;
}

/**
 * Copies a part of the description and notes which components it refers to: by reference, as a security scheme or in the mapping
 * of a discriminator. A reference that leads deeper than to a component is replaced by what it leads to.
 */
function copied(value: unknown, extraction: Extraction, on: readonly string[] = [], keys: Keys = "keywords"): unknown {
  grow(extraction, value);
  if (Array.isArray(value)) return value.map((item) => copied(item, extraction, on, keys));
  if (!isMapping(value)) return value;
  const { $ref, ...siblings } = value;
  if (keys === "keywords" && typeof $ref === "string" && !isComponent($ref)) {
    const target = copied(resolve($ref, extraction, on), extraction, [...on, $ref]);
    return isMapping(target) ? { ...target, ...(copied(siblings, extraction, on) as Mapping) } : target;
  }
  if (keys === "data" && typeof $ref === "string" && !$ref.startsWith("#")) throw leadsOut($ref);
  if (keys === "keywords") {
    for (const pointer of referencesIn(value)) extraction.components.add(pointer);
    for (const tag of listAt(value, "tags")) extraction.tags.add(tag);
  }
  // Links lead to operations, which may not be here.
  const entries = Object.entries(value).filter(([key]) => keys !== "keywords" || key !== "links");
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, copied(inner, extraction, on, keysIn(key, inner, keys))]),
  );
}

/** What the keys of `inner` are, which is at `key` of a mapping with such keys. */
function keysIn(key: string, inner: unknown, keys: Keys): Keys {
  if (keys === "names") return "keywords";
  if (keys === "data" || DATA.has(key) || key.startsWith("x-")) return "data";
  // Its keys are the names of schemes, their values lists of scopes.
  if (key === "security") return "data";
  // A schema lists its examples, everything else names them.
  if (key === "examples" && Array.isArray(inner)) return "data";
  return NAMING.has(key) && isMapping(inner) ? "names" : "keywords";
}

/** The components that these keywords refer to: by reference, as the schemes of a security requirement, as the schemas of a discriminator. */
function referencesIn({ $ref, security, discriminator }: Mapping): string[] {
  const requirements = Array.isArray(security) ? security.filter(isMapping) : [];
  const schemes = requirements.flatMap(Object.keys).map((name) => pointerTo("#/components/securitySchemes", name));
  const mapping = isMapping(discriminator) ? mappingAt(discriminator, "mapping") : {};
  const targets = Object.values(mapping).filter((target) => typeof target === "string");
  const reference = typeof $ref === "string" ? [$ref] : [];
  return [
    ...reference,
    ...schemes,
    ...targets.map((name) => (isComponent(name) ? name : pointerTo("#/components/schemas", name))),
  ];
}

/** What a pointer leads to; on the way there may be other references. */
function resolve(pointer: string, extraction: Extraction, on: readonly string[] = []): unknown {
  grow(extraction, pointer);
  if (on.includes(pointer)) throw new UpdateError(`${shown(pointer)}: refers to itself`);
  if (!pointer.startsWith("#")) throw leadsOut(pointer);
  let value: unknown = extraction.document;
  for (const key of keysOf(pointer)) {
    value = followed(value, extraction, [...on, pointer]);
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) {
      throw new UpdateError(`${shown(pointer)}: leads to nothing`);
    }
    value = (value as Mapping)[key];
  }
  return value;
}

function followed(value: unknown, extraction: Extraction, on: readonly string[]): unknown {
  if (!isMapping(value) || typeof value["$ref"] !== "string") return value;
  return followed(resolve(value["$ref"], extraction, on), extraction, [...on, value["$ref"]]);
}

/** Tools that read the fragment would follow it, to any host or file. */
function leadsOut(reference: string): UpdateError {
  return new UpdateError(`${shown(reference)}: leads out of the description; bundle it first`);
}

/** Counts what is copied or visited: its text, its keys, and some characters for everything else. */
function grow(extraction: Extraction, value: unknown): void {
  const keys = isMapping(value) ? Object.keys(value).join("").length : 0;
  extraction.size += 10 + (typeof value === "string" ? value.length : keys);
  if (extraction.size > MAX_SIZE) {
    throw new UpdateError("the fragment grows beyond 512 KiB; extract fewer paths, or fix what refers to itself");
  }
}

function isComponent(pointer: string): boolean {
  if (!pointer.startsWith("#")) return false;
  const keys = keysOf(pointer);
  return keys.length === 3 && keys[0] === "components";
}

function listAt(parent: Mapping, key: string): unknown[] {
  const value = parent[key];
  return Array.isArray(value) ? value : [];
}

/** By code unit, as every locale must. */
function sorted(entries: readonly (readonly [string, unknown])[]): Mapping {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withoutUndefined(value: Mapping): Mapping {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}

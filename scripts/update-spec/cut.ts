// Cuts a fragment out of a description: some of its paths, all that they reach, and nothing else.

import { isMapping, type Mapping, pointerTo } from "../generate/read.ts";
import { NAMING } from "./keys.ts";
import { UpdateError } from "./load.ts";

/** More than any fragment holds; less than what a few references to references can be made to grow to. */
const MAX_VALUES = 50_000;

/** What holds data, and no reference, whatever it looks like. */
const DATA = new Set(["example", "default", "enum", "const", "value"]);

/** What the keys of a mapping are. */
type Keys = "keywords" | "names" | "data";

interface Cutting {
  readonly document: Mapping;
  /** Pointers to the components that what was copied so far refers to. */
  readonly components: Set<string>;
  /** How many values were copied so far. */
  values: number;
}

/**
 * Cuts out the paths that begin with a prefix.
 *
 * A reference into another component, such as to a property of its schema, is replaced by what it leads to: every generator
 * loses its description or whether it is required.
 *
 * @throws {UpdateError} where no path begins so, a reference leads to nothing, elsewhere or back to itself, or the fragment has no end
 */
export function cut(document: Mapping, prefix: string): Mapping {
  const kept = Object.entries(mappingAt(document, "paths")).filter(([path]) => path.startsWith(prefix));
  if (kept.length === 0) throw new UpdateError(`no path begins with ${prefix}`);
  const cutting: Cutting = { document, components: new Set(), values: 0 };
  const paths = sorted(kept.map(([path, item]) => [path, copied(item, cutting)]));
  const operations = Object.values(paths).flatMap((item) =>
    (isMapping(item) ? Object.values(item) : []).filter(isMapping),
  );
  const isSecured = operations.every((operation) => "security" in operation);
  const { openapi, info, externalDocs, servers } = document;
  const security = isSecured ? undefined : document["security"];
  const whole = copied({ openapi, info, externalDocs, servers, security }, cutting) as Mapping;
  const tags = operations.flatMap((operation) => listAt(operation, "tags"));
  const described = listAt(document, "tags").filter((tag) => isMapping(tag) && tags.includes(tag["name"]));
  return withoutUndefined({
    ...whole,
    tags: described.length > 0 ? described : undefined,
    paths,
    components: reachedComponents(cutting),
  });
}

/** The components that are referred to, by kind and name, and those that they refer to. */
function reachedComponents(cutting: Cutting): Mapping | undefined {
  const kinds = new Map<string, [string, unknown][]>();
  // Copying one may add others, which this loop comes to as well.
  for (const pointer of cutting.components) {
    const [kind = "", name = ""] = keysOf(pointer).slice(1);
    const component = copied(resolve(pointer, cutting), cutting);
    kinds.set(kind, [...(kinds.get(kind) ?? []), [name, component]]);
  }
  const all = [...kinds].map(([kind, components]) => [kind, sorted(components)] as const);
  return all.length > 0 ? sorted(all) : undefined;
}

/**
 * Copies a part of the description. What it refers to, as a schema, a security scheme or in the mapping of a discriminator, is
 * noted; a reference that leads deeper than to a component is replaced by what it leads to.
 */
function copied(value: unknown, cutting: Cutting, on: readonly string[] = [], keys: Keys = "keywords"): unknown {
  grow(cutting);
  if (Array.isArray(value)) return value.map((item) => copied(item, cutting, on, keys));
  if (!isMapping(value)) return value;
  const { $ref, ...siblings } = value;
  if (keys === "keywords" && typeof $ref === "string" && !isComponent($ref)) {
    const target = copied(resolve($ref, cutting, on), cutting, [...on, $ref]);
    return isMapping(target) ? { ...target, ...(copied(siblings, cutting, on) as Mapping) } : target;
  }
  if (keys === "keywords") for (const pointer of referencesIn(value)) cutting.components.add(pointer);
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, inner]) => [key, copied(inner, cutting, on, keysIn(key, inner, keys))]));
}

/** What the keys of `inner` are, which is at `key` of a mapping with such keys. */
function keysIn(key: string, inner: unknown, keys: Keys): Keys {
  if (keys === "names") return "keywords";
  if (keys === "data" || DATA.has(key) || key.startsWith("x-")) return "data";
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
function resolve(pointer: string, cutting: Cutting, on: readonly string[] = []): unknown {
  grow(cutting);
  if (on.includes(pointer)) throw new UpdateError(`${pointer}: refers to itself`);
  if (!pointer.startsWith("#/")) throw new UpdateError(`${pointer}: leads out of the description; bundle it first`);
  let value: unknown = cutting.document;
  for (const key of keysOf(pointer)) {
    value = followed(value, cutting, [...on, pointer]);
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) {
      throw new UpdateError(`${pointer}: leads to nothing`);
    }
    value = (value as Mapping)[key];
  }
  return value;
}

function followed(value: unknown, cutting: Cutting, on: readonly string[]): unknown {
  if (!isMapping(value) || typeof value["$ref"] !== "string") return value;
  return followed(resolve(value["$ref"], cutting, on), cutting, [...on, value["$ref"]]);
}

function grow(cutting: Cutting): void {
  cutting.values += 1;
  if (cutting.values > MAX_VALUES) {
    throw new UpdateError(
      `the fragment grows beyond ${MAX_VALUES} values; cut out fewer paths, or mend what refers to itself`,
    );
  }
}

function isComponent(pointer: string): boolean {
  const keys = keysOf(pointer);
  return pointer.startsWith("#/") && keys.length === 3 && keys[0] === "components";
}

/** The keys of a pointer in a URI fragment (RFC 6901 §6). */
function keysOf(pointer: string): string[] {
  try {
    return decodeURIComponent(pointer)
      .slice(2)
      .split("/")
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  } catch {
    throw new UpdateError(`${pointer}: is no pointer`);
  }
}

function mappingAt(parent: Mapping, key: string): Mapping {
  const value = parent[key];
  return isMapping(value) ? value : {};
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

// Cuts a fragment out of a description: some of its paths, all that they reach, and nothing else.

import { isMapping, type Mapping } from "../generate/read.ts";
import { UpdateError } from "./load.ts";

/**
 * Cuts out the paths that begin with a prefix.
 *
 * A reference into another component, such as to a property of its schema, is replaced by what it leads to: every generator
 * loses its description or whether it is required.
 *
 * @throws {UpdateError} where no path begins so, or a reference leads to nothing, elsewhere or back to itself
 */
export function cut(document: Mapping, prefix: string): Mapping {
  const kept = Object.entries(mappingIn(document, "paths")).filter(([path]) => path.startsWith(prefix));
  if (kept.length === 0) throw new UpdateError(`no path begins with ${prefix}`);
  const paths = sorted(kept.map(([path, item]) => [path, inlined(item, document, [])]));
  const operations = Object.values(paths).flatMap((item) => Object.values(item as Mapping).filter(isMapping));
  const isSecured = operations.every((operation) => "security" in operation);
  const security = isSecured ? undefined : document["security"];
  const tags = new Set(operations.flatMap(({ tags }) => (tags as string[] | undefined) ?? []));
  const described = ((document["tags"] ?? []) as Mapping[]).filter(({ name }) => tags.has(name as string));
  return withoutUndefined({
    openapi: document["openapi"],
    info: document["info"],
    externalDocs: document["externalDocs"],
    servers: document["servers"],
    security,
    tags: described.length > 0 ? described : undefined,
    paths,
    components: componentsFor([paths, { security }], document),
  });
}

/** The components that something reaches, by kind and name. */
function componentsFor(roots: readonly unknown[], document: Mapping): Mapping | undefined {
  const found = new Map<string, unknown>();
  const kinds: { [kind: string]: Mapping } = {};
  for (const queue = [...roots]; queue.length > 0; ) {
    for (const pointer of referencesIn(queue.pop(), document)) {
      if (found.has(pointer)) continue;
      const component = inlined(resolve(pointer, document), document, [pointer]);
      found.set(pointer, component);
      queue.push(component);
      const [, , kind = "", name = ""] = pointer.split("/");
      kinds[kind] ??= {};
      kinds[kind][unescaped(name)] = component;
    }
  }
  return found.size > 0
    ? sorted(Object.entries(kinds).map(([kind, components]) => [kind, sorted(Object.entries(components))]))
    : undefined;
}

/** The components that a value names: by reference, as a security scheme, or in the mapping of a discriminator. */
function* referencesIn(value: unknown, document: Mapping): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* referencesIn(item, document);
  if (!isMapping(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "$ref" && typeof inner === "string") yield inner;
    else if (key === "security" && Array.isArray(inner)) {
      for (const scheme of inner.flatMap(Object.keys)) yield `#/components/securitySchemes/${escaped(scheme)}`;
    } else if (key === "discriminator" && isMapping(inner)) {
      for (const target of Object.values(mappingIn(inner, "mapping")).map(String)) {
        yield target.startsWith("#") ? target : `#/components/schemas/${escaped(target)}`;
      }
    } else if (key !== "example") yield* referencesIn(inner, document);
  }
}

/** A copy in which each reference that leads deeper than to a component is replaced by what it leads to. */
function inlined(value: unknown, document: Mapping, on: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => inlined(item, document, on));
  if (!isMapping(value)) return value;
  const { $ref, ...siblings } = value;
  if (typeof $ref === "string" && $ref.split("/").length !== 4) {
    if (on.includes($ref)) throw new UpdateError(`${$ref}: refers to itself`);
    const target = inlined(resolve($ref, document), document, [...on, $ref]);
    return isMapping(target) ? { ...target, ...siblings } : target;
  }
  // What an example holds is a value, whatever it looks like.
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, key === "example" ? inner : inlined(inner, document, on)]),
  );
}

function resolve(pointer: string, document: Mapping): unknown {
  if (!pointer.startsWith("#/")) throw new UpdateError(`${pointer}: leads out of the description; bundle it first`);
  let value: unknown = document;
  for (const key of pointer.slice(2).split("/").map(unescaped)) {
    // On the way to a property there may be a reference.
    if (isMapping(value) && typeof value["$ref"] === "string") value = resolve(value["$ref"], document);
    value = typeof value === "object" && value !== null ? (value as Mapping)[key] : undefined;
    if (value === undefined) throw new UpdateError(`${pointer}: leads to nothing`);
  }
  return value;
}

function mappingIn(parent: Mapping, key: string): Mapping {
  const value = parent[key];
  return isMapping(value) ? value : {};
}

function sorted(entries: readonly (readonly [string, unknown])[]): Mapping {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withoutUndefined(value: Mapping): Mapping {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function unescaped(key: string): string {
  return decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~");
}

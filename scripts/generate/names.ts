// Gives every schema, inline enum and set of scopes a unique name, and emits a TypeScript type for each name.

import { pascalCase } from "./bodies.ts";
import type { Description } from "./description.ts";
import { asText, isMapping, keysTo, listAt, type Mapping, mappingAt, pointerTo } from "./read.ts";
import { isEnum, isOpen, schemasOf, typesOf } from "./schemas.ts";
import { TAKEN } from "./taken.ts";

/** A name that the generated code exports and that a reference page documents. */
export interface Named {
  readonly name: string;
  readonly kind: "object" | "enum" | "other" | "scopes";
  /** Its JSON pointer in the description: `#/components/schemas/OAuth2TokenResponse`. */
  readonly pointer: string;
  readonly description: string;
  /** The schema or, for scopes, the mapping from scope to description. */
  readonly schema: Mapping;
  /** Whether it is a component or a body. Only these have a check; inline enums and scopes do not. */
  readonly isRoot: boolean;
  /** The construct that checks do not support, if the schema has no check because of it. */
  readonly unchecked?: string;
}

/** Accepts any string. Editors still complete the literals beside it. */
const ANY_STRING = "(string & {})";
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Collects everything that gets a name, sorted by name.
 *
 * If a name is a duplicate, reserved or not an identifier, another is chosen and a warning is added.
 */
export function collectNames(description: Description): Named[] {
  const all = [...namedSchemas(description), ...namedScopes(description)];
  // Components come first, so that they keep their names.
  const ranked = [...all.filter(isComponent), ...all.filter((named) => !isComponent(named))];
  // Each name becomes a file, and some file systems ignore case. README.md is the index of the pages.
  const used = new Set(["readme"]);
  const isFree = (name: string) => IDENTIFIER.test(name) && !TAKEN.has(name) && !used.has(name.toLowerCase());
  const named: Named[] = [];
  const take = (one: Named, name: string) => {
    used.add(name.toLowerCase());
    named.push({ ...one, name });
  };
  const rest: Named[] = [];
  for (const one of ranked) {
    if (isFree(one.name)) take(one, one.name);
    else rest.push(one);
  }
  for (const one of rest) {
    const isDuplicate = IDENTIFIER.test(one.name) && used.has(one.name.toLowerCase());
    const base = isDuplicate ? one.name : providerIn(description) + one.name;
    let name = base;
    for (let number = 2; !isFree(name); number += 1) name = `${base}${number}`;
    take(one, name);
    description.warnings.push(
      `${description.locate(one.pointer)} cannot have the name ${one.name}: it is called ${name}`,
    );
  }
  return named.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns the provider's name: the first word of the title. */
function providerIn({ title }: Description): string {
  return pascalCase(/[A-Za-z][A-Za-z0-9]*/.exec(title)?.[0] ?? "Api");
}

/** Emits a documented type for every name, and also a constant object for every enum. */
export function emitNames(names: readonly Named[]): string {
  // Unused imports do not compile under strict settings; without any export the file would not be a module.
  const typed = names.filter(({ kind }) => kind === "object" || kind === "other");
  const imported = [...new Set(typed.map(({ pointer }) => keysTo(pointer)[0]))].sort();
  const preamble =
    imported.length > 0 ? [`import type { ${imported.join(", ")} } from "./openapi.ts";\n`] : ["export {};\n"];
  if (typed.some(isComponent)) {
    preamble.push(`type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];\n`);
  }
  return [...preamble, ...names.map(emitName)].join("\n");
}

/** Returns the values of an enum without `null`, which only repeats that the field is nullable. */
export function enumValues(schema: Mapping): string[] {
  return (schema["enum"] as (string | null)[]).filter((value) => value !== null);
}

/** Returns the members of an enum's constant object. The key is the value itself if it does not make a unique identifier. */
export function enumMembers(schema: Mapping): [key: string, value: string][] {
  const values = enumValues(schema);
  // A sign at the beginning has a meaning, as in `-asc`, so it must not be dropped.
  const names = values.map((value) => (/^[A-Za-z0-9]/.test(value) ? pascalCase(value) : ""));
  return values.map((value, index) => {
    const name = names[index] ?? "";
    const isName = IDENTIFIER.test(name) && names.indexOf(name) === names.lastIndexOf(name);
    return [isName ? name : JSON.stringify(value), value];
  });
}

function emitName({ name, kind, pointer, schema, description, isRoot }: Named): string {
  const type = isComponent({ pointer }) ? `Schema<${keyOf(keysTo(pointer).at(-1) ?? "")}>` : typeAt(pointer);
  switch (kind) {
    case "object":
      // An interface cannot extend a type without a name, nor one with fields beside an index signature of another type.
      if (isComponent({ pointer }) && !isMapping(schema["additionalProperties"]))
        return `${jsdoc(description)}export interface ${name} extends ${type} {}\n`;
      return `${jsdoc(description)}export type ${name} = ${type};\n`;
    case "other":
      return `${jsdoc(description)}export type ${name} = ${type};\n`;
    case "enum": {
      const members = enumMembers(schema)
        .map(([member, value]) => `  ${member}: ${JSON.stringify(value)},\n`)
        .join("");
      const types = typesOf(schema);
      const isNullable = types.includes("null") || (types.length === 0 && listAt(schema, "enum").includes(null));
      const orNull = isNullable && isRoot ? " | null" : "";
      const union =
        enumValues(schema)
          .map((value) => JSON.stringify(value))
          .join(" | ") +
        (isOpen(schema) ? ` | ${ANY_STRING}` : "") +
        orNull;
      const docs = jsdoc(isOpen(schema) ? `${description}\n\nAny other string is accepted too.` : description);
      return `${docs}export const ${name} = {\n${members}} as const;\n${docs}export type ${name} = ${union};\n`;
    }
    case "scopes": {
      const list = Object.entries(schema).map(([scope, text]) => `- \`${scope}\`: ${asText(text)}`);
      const docs = jsdoc([`${description}, and any other string:`, "", ...list].join("\n"));
      const union = Object.keys(schema).map((scope) => `  | ${JSON.stringify(scope)}\n`);
      return `${docs}export type ${name} =\n${union.join("")}  | ${ANY_STRING};\n`;
    }
  }
}

function* namedSchemas(description: Description): Generator<Named> {
  for (const { schema, pointer, name, isRoot } of schemasOf(description)) {
    if (name === undefined) continue;
    const isComposed = "allOf" in schema || "oneOf" in schema || "anyOf" in schema;
    const isObject = typesOf(schema).join() === "object" && !isComposed;
    const kind = isEnum(schema) ? "enum" : isObject ? "object" : "other";
    if (kind !== "enum" && !isRoot) continue;
    const text = schema["description"] ?? schema["title"] ?? `\`${name}\` of ${description.title}`;
    yield { name, kind, pointer, schema, isRoot, description: asText(text) };
  }
}

function* namedScopes({ document }: Description): Generator<Named> {
  const schemes = mappingAt(document, "components", "securitySchemes");
  for (const key of Object.keys(schemes)) {
    const flows = mappingAt(schemes, key, "flows");
    const scopes: Mapping = Object.assign({}, ...Object.keys(flows).map((flow) => mappingAt(flows, flow, "scopes")));
    if (Object.keys(scopes).length === 0) continue;
    const pointer = pointerTo("#/components/securitySchemes", key);
    yield {
      name: `${pascalCase(key)}Scope`,
      kind: "scopes",
      pointer,
      schema: scopes,
      isRoot: false,
      description: `Scopes of the security scheme ${key}`,
    };
  }
}

/** Returns the type of a body, as an expression in the types of openapi-typescript. */
function typeAt(pointer: string): string {
  const [root = "", ...keys] = keysTo(pointer).slice(0, -1);
  return keys.reduce((type, key) => {
    const member = `${type}[${keyOf(key)}]`;
    return key === "requestBody" ? `NonNullable<${member}>` : member;
  }, root);
}

/** Returns a key as openapi-typescript writes it. */
function keyOf(key: string): string {
  return /^(0|[1-9]\d*)$/.test(key) ? key : JSON.stringify(key);
}

/** Reports whether it stands under `#/components/schemas`. */
function isComponent({ pointer }: Pick<Named, "pointer">): boolean {
  return /^#\/components\/schemas\/[^/]+$/.test(pointer);
}

/** Returns a doc comment. The text cannot end it early. */
export function jsdoc(text: string): string {
  const lines = text.trim().replaceAll("*/", "*\\/").split("\n");
  return lines.length === 1
    ? `/** ${lines[0]} */\n`
    : `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
}

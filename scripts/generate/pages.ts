// Emits the reference: a Markdown page for every name, linked to each other, and an index of them.

import { enumValues, memberKey, type Named } from "./names.ts";
import { isMapping, type Mapping, pointerTo } from "./read.ts";

/** Emits `<name>.md` for every name, and `README.md`. */
export function emitPages(names: readonly Named[]): Map<string, string> {
  const pages = names.map((named): [string, string] => [`${named.name}.md`, emitPage(named, names)]);
  return new Map([["README.md", emitIndex(names)], ...pages]);
}

const HEADINGS = { object: "Schemas", other: "Schemas", enum: "Enums", scopes: "Scopes" } as const;

function emitIndex(names: readonly Named[]): string {
  const sections = ["Schemas", "Enums", "Scopes"].map((heading) => {
    const rows = names.filter(({ kind }) => HEADINGS[kind] === heading);
    return table(
      ["Name", "Description"],
      rows.map(({ name, description }) => [link(name), description]),
      heading,
    );
  });
  return ["# Reference\n", ...sections].join("\n");
}

function emitPage({ name, kind, pointer, schema, description }: Named, names: readonly Named[]): string {
  const title = `# ${name}\n\n${description.trim()}\n`;
  switch (kind) {
    case "scopes": {
      const rows = Object.entries(schema).map(([scope, text]): string[] => [`\`${scope}\``, String(text)]);
      return [title, "Any other string is accepted too.\n", table(["Scope", "Description"], rows, "Values")].join("\n");
    }
    case "enum": {
      const rows = enumValues(schema).map((value) => [`\`${memberKey(value)}\``, `\`${value}\``]);
      return [title, example(enumValues(schema)[0]), table(["Name", "Value"], rows, "Values")].join("\n");
    }
    case "other":
      return [
        title,
        example(exampleOf(schema, names, [pointer])),
        `## Type\n\n${typeOf(schema, pointer, names)}\n`,
      ].join("\n");
    case "object": {
      const rows = [...fieldsOf(schema, pointer, "", names)];
      const fields =
        rows.length > 0 ? table(["Field", "Type", "Required", "Description"], rows, "Fields") : "It has no fields.\n";
      return [title, example(exampleOf(schema, names, [pointer])), fields].join("\n");
    }
  }
}

/** A row for each field, and below an inline object the rows of its own: `application.uid`. */
function* fieldsOf(schema: Mapping, pointer: string, prefix: string, names: readonly Named[]): Generator<string[]> {
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  for (const [key, property] of Object.entries(isMapping(schema["properties"]) ? schema["properties"] : {})) {
    if (!isMapping(property)) continue;
    const place = pointerTo(`${pointer}/properties`, key);
    const type = typeOf(property, place, names);
    yield [`\`${prefix}${key}\``, type, required.includes(key) ? "yes" : "no", descriptionOf(property)];
    yield* fieldsOf(property, place, `${prefix}${key}.`, names);
  }
}

function typeOf(schema: Mapping, pointer: string, names: readonly Named[]): string {
  const enumName = names.find((named) => named.kind === "enum" && named.pointer === pointer)?.name;
  const { type, format, items, nullable, $ref } = schema;
  const types = Array.isArray(type) ? type : [type ?? "any"];
  const main = types
    .filter((name) => name !== "null")
    .map((name) => `*${name}*${format ? ` (${format})` : ""}`)
    .join(" or ");
  const orNull = nullable === true || types.includes("null") ? " or `null`" : "";
  if (typeof $ref === "string") return linkTo($ref, names);
  if (enumName) return link(enumName) + orNull;
  if (isMapping(items)) return `array of ${typeOf(items, `${pointer}/items`, names)}${orNull}`;
  return main + orNull;
}

const CONSTRAINTS = [
  ...["default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"],
  ...["pattern", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "readOnly", "writeOnly"],
];

function descriptionOf(schema: Mapping): string {
  const constraints = CONSTRAINTS.filter((keyword) => schema[keyword] !== undefined).map(
    (keyword) => `\`${keyword}: ${JSON.stringify(schema[keyword])}\``,
  );
  const deprecated = schema["deprecated"] === true ? ["**Deprecated.**"] : [];
  return [...deprecated, schema["description"] ?? schema["title"] ?? "", ...constraints].join(" ").trim();
}

/** The example of the description, or else one of the right shape. */
function exampleOf(schema: unknown, names: readonly Named[], seen: readonly string[]): unknown {
  if (!isMapping(schema)) return {};
  const { example, default: byDefault, enum: values, $ref, type, items, properties } = schema;
  if (example !== undefined || byDefault !== undefined) return example ?? byDefault;
  if (Array.isArray(values)) return values[0];
  if (typeof $ref === "string") {
    const target = names.find(({ pointer }) => pointer === $ref);
    return seen.includes($ref) ? {} : exampleOf(target?.schema, names, [...seen, $ref]);
  }
  switch (Array.isArray(type) ? type[0] : type) {
    case "string":
      return "string";
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return true;
    case "array":
      return [exampleOf(items, names, seen)];
    default: {
      const fields = Object.entries(isMapping(properties) ? properties : {});
      return Object.fromEntries(fields.map(([key, property]) => [key, exampleOf(property, names, seen)]));
    }
  }
}

function example(value: unknown): string {
  return `## Example\n\n\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\`\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[], heading: string): string {
  if (rows.length === 0) return "";
  const cell = (text: string) =>
    text
      .trim()
      .replaceAll("|", "\\|")
      .replace(/\s*\n\s*/g, " ");
  const lines = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |\n`);
  return `## ${heading}\n\n${lines.join("")}`;
}

function linkTo(ref: string, names: readonly Named[]): string {
  const target = names.find(({ pointer }) => pointer === ref);
  return target ? link(target.name) : `\`${ref}\``;
}

function link(name: string): string {
  return `[${name}](${name}.md)`;
}

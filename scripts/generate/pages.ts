// Emits the reference: a Markdown page for every name, with links between the pages, and an index. Operations: `operation-pages.ts`.

import { enumMembers, enumValues, type Named } from "./names.ts";
import { asText, isMapping, keysTo, listAt, type Mapping, mappingAt } from "./read.ts";
import { isEnum, isOpen, subschemasOf, typesOf } from "./schemas.ts";

/** The package that exports the checks. */
const PACKAGE = "oauth2-token-response";

const OTHERS_TOO = "Any other string is accepted too.\n";

/** Emits `<name>.md` for every name, and `README.md`, which also lists the operations. */
export function emitPages(names: readonly Named[], operations: readonly string[][]): Map<string, string> {
  const pages = names.map((named): [string, string] => [`${named.name}.md`, emitPage(named, names)]);
  return new Map([["README.md", emitIndex(names, operations)], ...pages]);
}

const HEADINGS = { object: "Schemas", other: "Schemas", enum: "Enums", scopes: "Scopes" } as const;

function emitIndex(names: readonly Named[], operations: readonly string[][]): string {
  const sections = ["Schemas", "Enums", "Scopes"].map((heading) => {
    const rows = names.filter(({ kind }) => HEADINGS[kind] === heading);
    return table(
      ["Name", "Description"],
      rows.map(({ name, description }) => [link(name), description]),
      heading,
    );
  });
  return ["# Reference\n", table(["Operation", "Description"], operations, "Operations"), ...sections].join("\n");
}

function emitPage(named: Named, names: readonly Named[]): string {
  const { name, kind, pointer, schema, description, isRoot, unchecked } = named;
  const note = unchecked
    ? `Not checked at run time: checks do not support ${unchecked}.`
    : `Checked at run time by \`${name}Schema\` of \`${PACKAGE}/schemas\`.`;
  const check = isRoot ? `\n${note}\n` : "";
  const title = `# ${name}\n\n${description.trim()}\n${check}`;
  switch (kind) {
    case "scopes": {
      const rows = Object.entries(schema).map(([scope, text]): string[] => [`\`${scope}\``, asText(text)]);
      return [title, OTHERS_TOO, table(["Scope", "Description"], rows, "Values")].join("\n");
    }
    case "enum": {
      const rows = enumMembers(schema).map(([member, value]) => [`\`${member}\``, `\`${value}\``]);
      const others = isOpen(schema) ? [OTHERS_TOO] : [];
      const values = table(["Name", "Value"], rows, "Values");
      return [title, ...others, example(enumValues(schema)[0]), values].join("\n");
    }
    case "other":
    case "object": {
      const rows = [...fieldsOf(schema, pointer, "", names)];
      const fields = table(["Field", "Type", "Required", "Description"], rows, "Fields");
      const type = "$ref" in schema ? typeOf(schema, pointer, names) : shapeOf(schema, pointer, names);
      const facts = [type, ...constraintsOf(schema)];
      // A table of fields already shows that the type is an object.
      const section = fields && facts.join() === "*object*" ? [] : [`## Type\n\n${facts.join(", ")}\n`];
      return [title, example(exampleOf(schema, names, [pointer])), ...section, ...(fields ? [fields] : [])].join("\n");
    }
  }
}

/** Yields a row for each field (`*`: other fields), followed by those of an inline object: `application.uid`, `pets[].name`. */
function* fieldsOf(schema: Mapping, pointer: string, prefix: string, names: readonly Named[]): Generator<string[]> {
  for (const [place, inner] of subschemasOf(schema)) {
    if (!isMapping(inner)) continue;
    const [keyword, key = "*"] = keysTo(place);
    if (keyword === "properties" || keyword === "additionalProperties") {
      const isRequired = keyword === "properties" && listAt(schema, "required").includes(key);
      const type = typeOf(inner, pointer + place, names);
      yield [`\`${prefix}${key}\``, type, isRequired ? "yes" : "no", descriptionOf(inner)];
      yield* fieldsOf(inner, pointer + place, `${prefix}${key}.`, names);
    } else if (keyword === "items" || keyword === "allOf") {
      const inside = keyword === "items" ? `${prefix.slice(0, -1)}[].` : prefix;
      yield* fieldsOf(inner, pointer + place, inside, names);
    }
  }
}

/** Returns the type of a schema: a link to its page or, if it has none, its shape. */
export function typeOf(schema: Mapping, pointer: string, names: readonly Named[]): string {
  const { $ref: place = pointer } = schema;
  const named = names.find((one) => one.pointer === place);
  if (named) return link(named.name) + (typesOf(schema).includes("null") ? " or `null`" : "");
  return "$ref" in schema ? `\`${place}\`` : shapeOf(schema, pointer, names);
}

function shapeOf(schema: Mapping, pointer: string, names: readonly Named[]): string {
  const { format, items } = schema;
  const types = typesOf(schema);
  const orNull = types.includes("null") ? " or `null`" : "";
  if (isMapping(items)) {
    const each = constraintsOf(items).map((constraint) => ` ${constraint}`);
    return `array of ${typeOf(items, `${pointer}/items`, names)}${each.join("")}${orNull}`;
  }
  const parts = (keyword: string) =>
    listAt(schema, keyword).map((part, index) =>
      typeOf(isMapping(part) ? part : {}, `${pointer}/${keyword}/${index}`, names),
    );
  const alternatives = [...parts("oneOf"), ...parts("anyOf")].join(" or ");
  const all = [...parts("allOf"), ...(alternatives ? [alternatives] : [])];
  if (all.length > 0) return all.join(" and ") + (schema["nullable"] === true ? " or `null`" : "");
  const others = types
    .filter((type) => type !== "null")
    .map((type) => `*${type}*${format ? ` (${asText(format)})` : ""}`);
  return (others.join(" or ") || "*any*") + orNull;
}

const CONSTRAINTS = [
  ...["default", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"],
  ...["multipleOf", "pattern", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"],
  ...["readOnly", "writeOnly"],
];

function constraintsOf(schema: Mapping): string[] {
  // Enums of strings have their own pages.
  const stated = [...CONSTRAINTS, ...(isEnum(schema) ? [] : ["enum"])].filter(
    (keyword) => schema[keyword] !== undefined,
  );
  const constraints = stated.map((keyword) => `\`${keyword}: ${JSON.stringify(schema[keyword])}\``);
  return schema["deprecated"] === true ? [...constraints, "**deprecated**"] : constraints;
}

export function descriptionOf(schema: Mapping): string {
  return [asText(schema["description"] ?? schema["title"] ?? ""), ...constraintsOf(schema)].join(" ").trim();
}

/** Returns the description's example or one of the right shape. `room` limits its size: references can multiply endlessly. */
function exampleOf(schema: unknown, names: readonly Named[], seen: readonly string[], room = { left: 500 }): unknown {
  room.left -= 1;
  if (!isMapping(schema) || room.left < 0) return {};
  const { example = schema["default"], enum: values, $ref, items } = schema;
  if (example !== undefined) return example;
  if (Array.isArray(values)) return values[0];
  if (typeof $ref === "string") {
    const target = names.find(({ pointer }) => pointer === $ref);
    return seen.includes($ref) ? {} : exampleOf(target?.schema, names, [...seen, $ref], room);
  }
  switch (typesOf(schema)[0]) {
    case "string":
      return "string";
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return true;
    case "array":
      return [exampleOf(items, names, seen, room)];
    default: {
      const [first] = [...listAt(schema, "oneOf"), ...listAt(schema, "anyOf")];
      const parts = [...listAt(schema, "allOf"), ...(first === undefined ? [] : [first])];
      const examples = parts.map((part) => exampleOf(part, names, seen, room));
      if (examples.length === 1 && !("properties" in schema)) return examples[0];
      const { additionalProperties } = schema;
      const others = isMapping(additionalProperties) ? { "*": additionalProperties } : {};
      const fields = Object.entries({ ...mappingAt(schema, "properties"), ...others });
      const own = fields.map(([key, property]) => [key, exampleOf(property, names, seen, room)]);
      return Object.assign({}, ...examples, Object.fromEntries(own));
    }
  }
}

function example(value: unknown): string {
  return `## Example\n\n\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\`\n`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[], heading: string): string {
  if (rows.length === 0) return "";
  const cell = (text: string) =>
    text
      .trim()
      .replaceAll("|", "\\|")
      .replace(/\s*\n\s*/g, " ");
  const lines = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |\n`);
  return `## ${heading}\n\n${lines.join("")}`;
}

function link(name: string): string {
  return `[${name}](${name}.md)`;
}

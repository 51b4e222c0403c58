// Emits a reference page for every operation: method, path, authentication, parameters, body and responses.

import type { Description } from "./description.ts";
import { callOf } from "./endpoints.ts";
import type { Named } from "./names.ts";
import { type Operation, operationsIn } from "./operations.ts";
import { descriptionOf, table, typeOf } from "./pages.ts";
import { asText, isMapping, listAt, type Mapping, mappingAt, pointerTo, resolved } from "./read.ts";
import type { Endpoint, Role } from "./roles.ts";

/** The page of an operation and its row in the index. */
export interface OperationPage {
  readonly file: string;
  readonly row: string[];
  readonly page: string;
}

/** Emits a page for every operation, ordered by path. */
export function emitOperations(
  description: Description,
  names: readonly Named[],
  endpoints: ReadonlyMap<Role, Endpoint>,
): OperationPage[] {
  const { document } = description;
  const files = new Set<string>();
  const pages: OperationPage[] = [];
  for (const one of operationsIn(document)) {
    const title = `${one.method.toUpperCase()} ${one.path}`;
    const file = fileOf(title, files);
    const endpoint = [...endpoints.values()].find(({ pointer }) => pointer === one.pointer);
    const text = asText(one.operation["summary"] ?? one.operation["description"] ?? "");
    pages.push({ file, row: [`[${title}](${file})`, text], page: emitPage(title, one, endpoint, document, names) });
  }
  return pages;
}

/** Returns a unique file name: `post-oauth2-token.md`. Names of schemas contain no hyphens, so they never collide. */
function fileOf(title: string, files: Set<string>): string {
  const words = title.toLowerCase().split(/[^a-z0-9]+/);
  const base = [...words.filter(Boolean), ...(words.length < 3 ? ["root"] : [])].join("-").slice(0, 100);
  let file = `${base}.md`;
  for (let number = 2; files.has(file); number += 1) file = `${base}-${number}.md`;
  files.add(file);
  return file;
}

function emitPage(
  title: string,
  { operation, item, itemPointer, pointer }: Operation,
  endpoint: Endpoint | undefined,
  document: Mapping,
  names: readonly Named[],
): string {
  const { summary, description, deprecated } = operation;
  const texts = [...new Set([summary, deprecated === true ? "**Deprecated**" : undefined, description])];
  const role = endpoint && `The ${endpoint.role.title}: \`${endpoint.role.constant}\` of the endpoint table.`;
  const paragraphs = [...texts, role].filter(Boolean).map((text) => `${asText(text).trim()}\n`);
  const parameters = [
    ...parameterRows(item, itemPointer, document, names),
    ...parameterRows(operation, pointer, document, names),
  ];
  const requestBody = resolved(document, operation["requestBody"]);
  const bodyPlace = placeOf(operation["requestBody"], `${pointer}/requestBody`);
  const body = contentRows(requestBody, bodyPlace, names).map((row) => [...row, descriptionOf(requestBody)]);
  const responses = Object.entries(mappingAt(operation, "responses")).flatMap(([status, response]) => {
    const value = resolved(document, response);
    const rows = contentRows(value, placeOf(response, pointerTo(`${pointer}/responses`, status)), names);
    return (rows.length > 0 ? rows : [["", ""]]).map((row) => [`\`${status}\``, ...row, descriptionOf(value)]);
  });
  return [
    `# ${title}\n`,
    ...paragraphs,
    `## Authentication\n\n${authentication(operation, endpoint, document)}\n`,
    table(["Parameter", "In", "Type", "Required", "Description"], parameters, "Parameters"),
    table(["Media type", "Schema", "Description"], body, requestBody["required"] === true ? "Body" : "Optional body"),
    table(["Status", "Media type", "Schema", "Description"], responses, "Responses"),
  ]
    .filter(Boolean)
    .join("\n");
}

function placeOf(value: unknown, pointer: string): string {
  return isMapping(value) && typeof value["$ref"] === "string" ? value["$ref"] : pointer;
}

function parameterRows(of: Mapping, pointer: string, document: Mapping, names: readonly Named[]): string[][] {
  return listAt(of, "parameters").map((parameter, index) => {
    const value = resolved(document, parameter);
    const place = placeOf(parameter, `${pointer}/parameters/${index}`);
    const schema = mappingAt(value, "schema");
    const [[, type = "*any*"] = []] = contentRows(value, place, names);
    const kind = "schema" in value ? typeOf(schema, `${place}/schema`, names) : type;
    const description = descriptionOf({ ...schema, ...value });
    return [
      `\`${asText(value["name"])}\``,
      asText(value["in"]),
      kind,
      value["required"] === true ? "yes" : "no",
      description,
    ];
  });
}

/** Returns a row for each media type of a body, with a link to its schema. */
function contentRows(body: Mapping, pointer: string, names: readonly Named[]): string[][] {
  return Object.entries(mappingAt(body, "content")).map(([mediaType, media]) => {
    const schema = mappingAt(media, "schema");
    const place = `${pointerTo(`${pointer}/content`, mediaType)}/schema`;
    return [`\`${mediaType}\``, typeOf(schema, place, names)];
  });
}

/** Describes the authentication of the endpoint table and of the description, of which any one line is sufficient. */
function authentication(operation: Mapping, endpoint: Endpoint | undefined, document: Mapping): string {
  const schemes = mappingAt(document, "components", "securitySchemes");
  const lines = listAt("security" in operation ? operation : document, "security").map((requirement) => {
    const parts = Object.entries(mappingAt(requirement)).map(([name, scopes]) => {
      const { type, scheme, in: place, name: key } = resolved(document, schemes[name]);
      const detail = [type, scheme, place, key]
        .filter((word) => word !== undefined)
        .map(asText)
        .join(" ");
      const list = (Array.isArray(scopes) ? scopes : []).map((scope) => `\`${asText(scope)}\``);
      return `${name}${detail && ` (${detail})`}${list.length > 0 ? `: ${list.join(", ")}` : ""}`;
    });
    return `- ${parts.join(" and ") || "none"}`;
  });
  const called = endpoint && `The client sends \`${callOf(endpoint, document).clientAuthentication}\`.`;
  const described = lines.length > 0 ? lines.join("\n") : "The description requires none.";
  return [called, described].filter(Boolean).join("\n\n");
}

// Emits the endpoint table: how to call the endpoints of the authorization server, and the types of their responses.
// Which operation has which role is decided in `roles.ts`.

import { type Fields, fieldsIn } from "./bodies.ts";
import type { Description } from "./description.ts";
import { enumValues, jsdoc, type Named } from "./names.ts";
import { asText, isMapping, type Mapping, mappingAt, pointerTo, resolved } from "./read.ts";
import { type Endpoint, ROLES, type Role } from "./roles.ts";
import { isOpen } from "./schemas.ts";

const MEDIA_TYPES = ["application/json", "application/x-www-form-urlencoded"];
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** How to call the operation of a role. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly mediaType: string | undefined;
  readonly clientAuthentication: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Emits a constant for each role (`undefined` without an operation), the types of the responses, and the type of the scopes.
 * Adds a warning for each operation whose response has no schema.
 */
export function emitEndpoints(
  description: Description,
  names: readonly Named[],
  endpoints: ReadonlyMap<Role, Endpoint>,
): string {
  const schemas = new Map([...endpoints].map(([role, endpoint]) => [role, schemaNameOf(endpoint, description, names)]));
  const scopes = names.filter(({ kind }) => kind === "scopes").map(({ name }) => name);
  const imported = [...new Set([...schemas.values(), ...scopes])].filter((name) => name !== undefined).sort();
  const roles = [...ROLES.values()];
  return [
    ...(imported.length > 0 ? [`import type { ${imported.join(", ")} } from "./types.ts";\n`] : []),
    ...roles.flatMap((role) => emitType(role, schemas.get(role), endpoints.has(role))),
    emitScope(scopes),
    ...roles.map((role) => emitConstant(role, endpoints.get(role), description)),
  ].join("\n");
}

function emitType({ title, response }: Role, schema: string | undefined, hasOperation: boolean): string[] {
  if (!response) return [];
  const { name, generic } = response;
  if (schema) return [`/** What the ${title} returns: \`${schema}\`. */\nexport type ${name} = ${schema};\n`];
  const members = [...generic, "[member: string]: unknown"].join("; ");
  const why = hasOperation ? `no schema for the response of its ${title}` : `no ${title}`;
  return [`/** The description has ${why}: this is the generic type. */\nexport type ${name} = { ${members} };\n`];
}

function emitScope(scopes: readonly string[]): string {
  if (scopes.length === 0) return "/** A scope; the description lists none. */\nexport type Scope = string;\n";
  const list = scopes.map((name) => `\`${name}\``).join(", ");
  return `/** The scopes: ${list}. */\nexport type Scope = ${scopes.join(" | ")};\n`;
}

function emitConstant({ constant, title }: Role, endpoint: Endpoint | undefined, { document }: Description): string {
  if (!endpoint) return `/** The description has no ${title}. */\nexport const ${constant} = undefined;\n`;
  const call = callOf(endpoint, document);
  const lines = Object.entries(call).map(([name, value]) => {
    return `  ${name}: ${name === "fields" ? literal(call.fields) : JSON.stringify(value)},\n`;
  });
  const { summary, description } = endpoint.operation;
  const text = asText(summary ?? description ?? `${call.method} ${call.path}`);
  return `${jsdoc(text)}export const ${constant} = {\n${lines.join("")}} as const;\n`;
}

/** Returns how to call an endpoint. The RFCs decide what the description leaves open. */
export function callOf(endpoint: Endpoint, document: Mapping): Call {
  const { method, path, operation } = endpoint;
  const content = mappingAt(resolved(document, operation["requestBody"]), "content");
  const usual = method === "get" ? undefined : MEDIA_TYPES[1];
  const mediaType = [...MEDIA_TYPES, ...Object.keys(content)].find((type) => type in content) ?? usual;
  const body = fieldsIn(document, mappingAt(content, mediaType ?? "")["schema"]);
  const clientAuthentication = authenticationOf(endpoint, body, document);
  return { method: method.toUpperCase(), path, mediaType, clientAuthentication, fields: fixedFields(body, document) };
}

/** Returns the authentication of the description or else of the RFCs (RFC 6749 §2.3.1, RFC 7009 §2.1, RFC 7662 §2.1). */
function authenticationOf({ role, operation }: Endpoint, body: Fields, document: Mapping): string {
  if ("client_secret" in body.properties) return "client_secret_post";
  const security = operation["security"] ?? document["security"] ?? [];
  const names = [security].flat().filter(isMapping).flatMap(Object.keys);
  const schemes = names.map((name) => resolved(document, mappingAt(document, "components", "securitySchemes")[name]));
  const kinds = schemes.map(({ type, scheme }) => (type === "http" ? asText(scheme).toLowerCase() : type));
  if (kinds.includes("basic")) return "client_secret_basic";
  const isBearer = kinds.some((kind) => kind === "bearer" || kind === "oauth2" || kind === "openIdConnect");
  // A client that requests a token cannot send one: the description's default applies to this endpoint by mistake.
  return isBearer && role !== ROLES.get("token") ? "bearer" : role.authentication;
}

/** Returns the required properties that allow only one value. Optional ones are not sent (`client_assertion_type`). */
function fixedFields({ properties, required }: Fields, document: Mapping): Record<string, string> {
  const fields = Object.entries(properties).flatMap(([name, property]): [string, string][] => {
    if (!required.includes(name)) return [];
    const schema = resolved(document, property);
    const { const: only, enum: values } = isOpen(schema) ? {} : schema;
    const [value, ...others] = Array.isArray(values) ? enumValues({ enum: values }) : [only];
    return typeof value === "string" && others.length === 0 ? [[name, value]] : [];
  });
  return Object.fromEntries(fields);
}

function literal(fields: Readonly<Record<string, string>>): string {
  const members = Object.entries(fields).map(
    ([name, value]) => `${IDENTIFIER.test(name) ? name : JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return members.length > 0 ? `{ ${members.join(", ")} }` : "{}";
}

/** Returns the name of the response's schema; `undefined` if the role has no response type or the description no schema. */
function schemaNameOf(
  { role, operation, pointer }: Endpoint,
  { document, locate, warnings }: Description,
  names: readonly Named[],
): string | undefined {
  if (!role.response) return undefined;
  const [status = "", response] =
    Object.entries(mappingAt(operation, "responses")).find(([status]) => /^2/.test(status)) ?? [];
  const place = isMapping(response) && "$ref" in response ? response["$ref"] : `${pointer}/responses/${status}`;
  const content = mappingAt(resolved(document, response), "content");
  const [mediaType = "", media] = Object.entries(content).find(([type]) => /\bjson\b|^\*\/\*$/.test(type)) ?? [];
  const { $ref = `${pointerTo(`${place}/content`, mediaType)}/schema` } = mappingAt(media, "schema");
  const { properties } = fieldsIn(document, mappingAt(media, "schema"));
  const missing = Object.keys(properties).length > 0 ? role.response.read.filter((name) => !(name in properties)) : [];
  if (missing.length > 0) {
    const at = locate(`${pointer}/responses`);
    warnings.push(`${at} found no ${missing.join(", ")}, which the client reads in the response of the ${role.title}`);
  }
  const named = names.find((named) => named.isRoot && named.pointer === $ref);
  if (!named) {
    warnings.push(
      `${locate(`${pointer}/responses`)} found no JSON with a schema, expected the response of the ${role.title}`,
    );
  }
  return named?.name;
}

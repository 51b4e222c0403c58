// Emits the endpoint table: how the endpoints of the authorization server are called, and what they return.

import { enumValues, jsdoc, type Named } from "./names.ts";
import { type Description, DescriptionError, isMapping, type Mapping, mappingAt, pointerTo, resolved } from "./read.ts";
import { type Endpoint, endpointsIn, type ResponseType, ROLES, type Role } from "./roles.ts";
import { listAt } from "./schemas.ts";

const MEDIA_TYPES = ["application/json", "application/x-www-form-urlencoded"];
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Emits a constant for each role, the types of what they return, and that of the scopes. A role without an operation is `undefined`.
 *
 * @throws {DescriptionError} where a role is unknown or given twice, or nothing says what its operation returns
 */
export function emitEndpoints(description: Description, names: readonly Named[]): string {
  const endpoints = endpointsIn(description);
  const schemas = new Map([...endpoints].map(([role, endpoint]) => [role, schemaNameOf(endpoint, description, names)]));
  const scopes = names.filter(({ kind }) => kind === "scopes").map(({ name }) => name);
  const imported = [...new Set([...schemas.values(), ...scopes])].filter((name) => name !== undefined).sort();
  const roles = [...ROLES.values()];
  return [
    ...(imported.length > 0 ? [`import type { ${imported.join(", ")} } from "./types.ts";\n`] : []),
    ...roles.flatMap((role) => (role.response ? emitType(role.title, role.response, schemas.get(role)) : [])),
    emitScope(scopes),
    ...roles.map((role) => emitConstant(role, endpoints.get(role), description)),
  ].join("\n");
}

function emitType(title: string, { name, generic }: ResponseType, schema: string | undefined): string {
  if (schema) return `/** What the ${title} returns: \`${schema}\`. */\nexport type ${name} = ${schema};\n`;
  const members = [...generic, "[member: string]: unknown"].join("; ");
  return `/** The description has no ${title}: what the one of any server may return. */\nexport type ${name} = { ${members} };\n`;
}

function emitScope(scopes: readonly string[]): string {
  if (scopes.length === 0) return "/** A scope; the description lists none. */\nexport type Scope = string;\n";
  const list = scopes.map((name) => `\`${name}\``).join(", ");
  return `/** The scopes: ${list}. */\nexport type Scope = ${scopes.join(" | ")};\n`;
}

function emitConstant(role: Role, endpoint: Endpoint | undefined, { document }: Description): string {
  const { constant, title } = role;
  if (!endpoint) return `/** The description has no ${title}. */\nexport const ${constant} = undefined;\n`;
  const { method, path, operation } = endpoint;
  const content = mappingAt(resolved(document, operation["requestBody"]), "content");
  const mediaType = [...MEDIA_TYPES, ...Object.keys(content)].find((type) => type in content);
  const body = flattened(document, mappingAt(content, mediaType ?? "")["schema"]);
  const members = {
    method: JSON.stringify(method.toUpperCase()),
    path: JSON.stringify(path),
    mediaType: JSON.stringify(mediaType) ?? "undefined",
    clientAuthentication: JSON.stringify(authenticationOf(endpoint, body, document)),
    fields: literal(fieldsOf(body, document)),
  };
  const lines = Object.entries(members).map(([name, value]) => `  ${name}: ${value},\n`);
  const text = String(operation["summary"] ?? operation["description"] ?? `${method.toUpperCase()} ${path}`);
  return `${jsdoc(text)}export const ${constant} = {\n${lines.join("")}} as const;\n`;
}

/** What the description says of it, or what the RFCs say of such an endpoint (RFC 6749 §2.3.1, RFC 7009 §2.1, RFC 7662 §2.1). */
function authenticationOf({ role, operation }: Endpoint, body: Mapping, document: Mapping): string {
  if ("client_secret" in mappingAt(body, "properties")) return "client_secret_post";
  const security = operation["security"] ?? document["security"] ?? [];
  const names = (security as unknown[]).filter(isMapping).flatMap(Object.keys);
  const schemes = names.map((name) => resolved(document, mappingAt(document, "components", "securitySchemes")[name]));
  const kinds = schemes.map(({ type, scheme }) => (type === "http" ? String(scheme).toLowerCase() : type));
  if (kinds.includes("basic")) return "client_secret_basic";
  const isBearer = kinds.some((kind) => kind === "bearer" || kind === "oauth2" || kind === "openIdConnect");
  // A client that requests a token has none yet, so the description's security applies to that by oversight.
  return isBearer && role !== ROLES.get("token") ? "bearer" : role.authentication;
}

/** The required properties that can have one value only. Others may be left out, and `client_assertion_type` must be. */
function fieldsOf(body: Mapping, document: Mapping): [name: string, value: string][] {
  const required = listAt(body, "required");
  return Object.entries(mappingAt(body, "properties")).flatMap(([name, property]): [string, string][] => {
    if (!required.includes(name)) return [];
    const { const: only, enum: values } = resolved(document, property);
    const [value, ...others] = Array.isArray(values) ? enumValues({ enum: values }) : [only];
    return typeof value === "string" && others.length === 0 ? [[name, value]] : [];
  });
}

/** An object with the properties of all its parts. */
function flattened(document: Mapping, schema: unknown): Mapping {
  const own = resolved(document, schema);
  const parts = [...listAt(own, "allOf").map((part) => flattened(document, part)), own];
  return {
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap((part) => listAt(part, "required")),
  };
}

function literal(fields: readonly [name: string, value: string][]): string {
  const members = fields.map(
    ([name, value]) => `${IDENTIFIER.test(name) ? name : JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return members.length > 0 ? `{ ${members.join(", ")} }` : "{}";
}

/** The name of the schema of what an operation returns, if its role has such a type. */
function schemaNameOf(
  { role, operation, pointer }: Endpoint,
  { document, locate }: Description,
  names: readonly Named[],
): string | undefined {
  if (!role.response) return undefined;
  const { 200: response } = mappingAt(operation, "responses");
  const place = isMapping(response) && "$ref" in response ? response["$ref"] : `${pointer}/responses/200`;
  const content = mappingAt(resolved(document, response), "content");
  const [mediaType = "", media] = Object.entries(content).find(([type]) => /\bjson\b/.test(type)) ?? [];
  const { $ref = `${pointerTo(`${place}/content`, mediaType)}/schema` } = mappingAt(media, "schema");
  const named = names.find((named) => named.isRoot && named.pointer === $ref);
  if (named) return named.name;
  throw new DescriptionError([
    `${locate(`${pointer}/responses`)} found no JSON with a schema in the 200 response, expected what the ${role.title} returns`,
  ]);
}

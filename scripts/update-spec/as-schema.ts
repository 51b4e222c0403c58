// Converts a description to one schema, so that only schemas must be compared. An operation becomes an object with a property
// for each parameter, for its body and for each status. A body becomes an object with a property for each media type.
// The names of these properties begin with a space, which distinguishes them from names in the description.

import { type Operation, operationsIn } from "../generate/operations.ts";
import { asText, isMapping, listAt, type Mapping, mappingAt, pointerTo, resolved } from "../generate/read.ts";
import { ROLE_KEYWORD } from "../generate/roles.ts";
import { DIRECTION, isWord, mappingsIn } from "./normal-form.ts";

/** Converts a description. Security schemes in `known` are reported once, so an operation that requires one is unchanged. */
export function asSchema(document: Mapping, known: Mapping): Mapping {
  const { info, paths, components, servers, security, ...words } = document;
  const { "x-cut-from": _, ...about } = mappingAt(document, "info");
  const properties: Mapping = { " info": about, " description": words };
  for (const one of operationsIn(document)) {
    const name = `${one.method.toUpperCase()} ${one.path}`;
    properties[` ${name}`] = operationOf(one, document, known);
    const role = one.operation[ROLE_KEYWORD];
    if (role !== undefined) properties[` ${ROLE_KEYWORD} ${asText(role)}`] = { operation: name };
  }
  for (const [name, scheme] of Object.entries(scopedSchemes(document))) {
    properties[` security scheme ${name}`] = schemeOf(scheme);
  }
  // Components come last. One that was compared as part of an operation is skipped.
  for (const name of Object.keys(mappingAt(components, "schemas"))) {
    properties[name] = { $ref: pointerTo("#/components/schemas", name) };
  }
  return { properties };
}

function operationOf({ operation, item }: Operation, document: Mapping, known: Mapping): Mapping {
  const { parameters, requestBody, responses, operationId: id, security, servers, ...others } = operation;
  const lists = [servers, item["servers"], document["servers"], [{ url: "/" }]].map(mappingsIn);
  const [first = {}, ...alternatives] = lists.find((list) => list.length > 0) ?? [];
  const required = alternativesOf(security ?? document["security"], document, known);
  // The operation's name is exported as a member of the generated types.
  const members: Mapping = id === undefined ? {} : { [` operationId ${asText(id)}`]: {} };
  members[" security"] = { [DIRECTION]: "request", oneOf: required };
  members[" server"] = serverOf(first);
  for (const server of alternatives) members[` server ${urlOf(server)}`] = serverOf(server);
  for (const parameter of [item["parameters"], parameters].flatMap(mappingsIn)) {
    const { name, in: place, ...described } = resolved(document, parameter);
    const style = described["style"] ?? (place === "query" || place === "cookie" ? "form" : "simple");
    const member = memberOf({ explode: style === "form", ...described, style }, "request", document);
    members[` ${asText(place)} parameter ${place === "header" ? asText(name).toLowerCase() : asText(name)}`] = member;
  }
  const bodyOf = (body: unknown, direction: string) =>
    memberOf({ content: {}, ...resolved(document, body) }, direction, document);
  if (requestBody) members[" body"] = bodyOf(requestBody, "request");
  for (const [status, one] of Object.entries(mappingAt(responses))) members[` ${status}`] = bodyOf(one, "response");
  const { [ROLE_KEYWORD]: _, ...words } = others;
  return { ...words, "first server": urlOf(first), ...objectOf(members) };
}

/** Converts a parameter, header, body, response or media type to a schema. */
function memberOf(value: unknown, direction: string, document: Mapping): Mapping {
  const { schema, content, headers, links, encoding, ...others } = resolved(document, value);
  const parts = Object.entries(mappingAt<Mapping>(encoding)).map(([part, { headers, ...rules }]) => [part, rules]);
  const inside = (members: unknown, nameOf: (key: string) => string) => {
    const entries = Object.entries(mappingAt(members));
    const all = entries.map(([key, member]) => [nameOf(key), memberOf(member, direction, document)]);
    return members && objectOf(Object.fromEntries(all));
  };
  const bodies = inside(content, (mediaType) => ` ${mediaType.toLowerCase().replace(/\s*;\s*charset=[^;]*/, "")}`);
  const allOf = [schema, bodies, inside(headers, (header) => ` header ${header.toLowerCase()}`)];
  return {
    ...others,
    ...(encoding !== undefined && { encoding: Object.fromEntries(parts) }),
    [DIRECTION]: direction,
    allOf,
  };
}

function objectOf(properties: Mapping): Mapping {
  const required = Object.keys(properties).filter((name) => mappingAt(properties, name)["required"] === true);
  return { required, properties };
}

/** Converts each alternative of a `security` list. Schemes are compared by content, not by name. */
function alternativesOf(security: unknown, document: Mapping, known: Mapping): Mapping[] {
  const required = mappingsIn(security).map((alternative) => {
    const requirements = Object.keys(alternative).flatMap((name) => {
      const credential = schemeText(known[name] ?? schemesIn(document)[name]);
      return [credential, ...listAt(alternative, name).map((scope) => `${credential} with ${asText(scope)}`)];
    });
    return Object.fromEntries(requirements.map((requirement) => [requirement, "demanded"]));
  });
  // If the list is empty or one alternative requires nothing, a call needs no authorisation.
  return required.length > 0 && required.every((alternative) => Object.keys(alternative).length > 0) ? required : [{}];
}

/** Returns a security scheme as text in a stable order, without descriptions and scopes. */
function schemeText(scheme: unknown): string {
  if (!isMapping(scheme)) return asText(scheme).toLowerCase();
  const keys = Object.keys(scheme).filter((key) => !isWord(key) && key !== "scopes");
  const texts = keys.map((key) => (isMapping(scheme[key]) ? `${key} ` : "") + schemeText(scheme[key]));
  return texts.sort().join(" ");
}

function schemesIn(document: Mapping): { [name: string]: Mapping } {
  const schemes = Object.entries(mappingAt(document, "components", "securitySchemes"));
  return Object.fromEntries(schemes.map(([name, scheme]) => [name, resolved(document, scheme)]));
}

/** Lists the security schemes with scopes. Types with their names are exported. */
export function scopedSchemes(document: Mapping): { [name: string]: Mapping } {
  const hasScopes = ({ flows }: Mapping) =>
    Object.values(mappingAt(flows)).some((flow) => Object.keys(mappingAt(flow, "scopes")).length > 0);
  return Object.fromEntries(Object.entries(schemesIn(document)).filter(([, scheme]) => hasScopes(scheme)));
}

function schemeOf({ type, flows, ...words }: Mapping): Mapping {
  const properties = Object.entries(mappingAt<Mapping>(flows)).map(([flow, { scopes, ...urls }]) => {
    const all = Object.entries(mappingAt(scopes)).map(([name, description]) => [` scope ${name}`, { description }]);
    return [` ${flow}`, { ...urls, properties: Object.fromEntries(all) }];
  });
  return { ...words, [DIRECTION]: "response", properties: Object.fromEntries(properties) };
}

function serverOf(server: Mapping): Mapping {
  const names = asText(server["url"]).match(/[^{]+(?=\})/g) ?? [];
  const variables = names.map((name, index) => {
    const { description, enum: values } = mappingAt(server, "variables", name);
    return [` variable ${index + 1}`, { description, enum: values }];
  });
  return { [DIRECTION]: "request", description: server["description"], properties: Object.fromEntries(variables) };
}

/** Returns a server's URL with the default values of its variables. */
function urlOf({ url, variables }: Mapping): string {
  const filled = asText(url).replace(/\{([^}]*)\}/g, (_, name) => asText(mappingAt(variables, name)["default"]));
  return (URL.canParse(filled) ? new URL(filled).href : filled).replace(/\/+$/, "");
}

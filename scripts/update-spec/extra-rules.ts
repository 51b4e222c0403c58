// What `redocly diff` does not see, or not enough of: scopes, security requirements, the order of servers, roles of endpoints.

import { isDeepStrictEqual } from "node:util";
import { isMapping, type Mapping, mappingAt } from "../generate/read.ts";
import { ROLE_KEYWORD } from "../generate/roles.ts";
import { pathItemsIn } from "./pointers.ts";
import type { SpecChange } from "./report.ts";

/** The differences that the tool does not see. */
export function* extraChanges(before: unknown, after: unknown): Generator<SpecChange> {
  yield* scopeChanges(before, after);
  yield* demandChanges(before, after);
  yield* serverChange(before, after);
  yield* roleChanges(before, after);
}

/** The tool does not compare the scopes that a security scheme lists. */
function* scopeChanges(before: unknown, after: unknown): Generator<SpecChange> {
  const [old, now] = [scopesIn(before), scopesIn(after)];
  for (const where of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(where), now.get(where)];
    if (was === is) continue;
    const verdict = is === undefined ? "breaking" : was === undefined ? "additive" : "documentation";
    const what = { breaking: "scope removed", additive: "scope added", documentation: "description modified" }[verdict];
    yield { verdict, where, what, before: was, after: is };
  }
}

/** The descriptions of all scopes, by scheme, flow and name. */
function scopesIn(document: unknown): Map<string, unknown> {
  const scopes = new Map<string, unknown>();
  for (const [scheme, { flows = {} }] of Object.entries(
    mappingAt<Mapping>(document, "components", "securitySchemes"),
  )) {
    for (const [flow, described] of Object.entries(flows as Mapping)) {
      const list = Object.entries(mappingAt(described, "scopes"));
      for (const [name, description] of list) scopes.set(`${scheme} ${flow} ${name}`, description);
    }
  }
  return scopes;
}

/** The tool does not know that the description's security requirements apply to calls that have none of their own. */
function* demandChanges(before: unknown, after: unknown): Generator<SpecChange> {
  const [old, now] = [demandsIn(before), demandsIn(after)];
  for (const [where, is] of now) {
    const was = old.get(where);
    if (was === undefined || isDeepStrictEqual(was, is)) continue;
    const suffices = was.every((way) => is.some((demanded) => isWithin(demanded, way)));
    yield { verdict: suffices ? "additive" : "breaking", where, what: "security changed", before: was, after: is };
  }
}

/** The ways to authorise each operation: the scopes of each scheme that a way takes. No scheme at all is a way too. */
function demandsIn(document: unknown): Map<string, Mapping[]> {
  const whole = (document as Mapping)["security"];
  const demands = new Map<string, Mapping[]>();
  for (const [path, item] of pathItemsIn(document)) {
    for (const [method, operation] of Object.entries(item).filter(([, operation]) => isMapping(operation))) {
      const ways = (((operation as Mapping)["security"] ?? whole) as Mapping[] | undefined) ?? [];
      demands.set(`${method.toUpperCase()} ${path}`, ways.length > 0 ? ways : [{}]);
    }
  }
  return demands;
}

/** Whether what `way` takes covers what is demanded. */
function isWithin(demanded: Mapping, way: Mapping): boolean {
  return Object.entries(demanded).every(([scheme, scopes]) => {
    const held = way[scheme] as string[] | undefined;
    return held !== undefined && (scopes as string[]).every((scope) => held.includes(scope));
  });
}

/** The first server is the one that is used, and the tool does not compare the order. */
function* serverChange(before: unknown, after: unknown): Generator<SpecChange> {
  const [old, now] = [serversIn(before), serversIn(after)];
  const [was, is] = [old[0], now[0]];
  // It does report whether one is new or gone.
  const isReordered = was !== is && (old.includes(is) || now.includes(was));
  if (isReordered)
    yield { verdict: "breaking", where: "servers 0", what: "first server changed", before: was, after: is };
}

function serversIn(document: unknown): unknown[] {
  return ((document as { servers?: Mapping[] }).servers ?? []).map(({ url }) => url);
}

/** Another operation is called for a role, or none: to the tool that is an extension, so words. */
function* roleChanges(before: unknown, after: unknown): Generator<SpecChange> {
  const [old, now] = [rolesIn(before), rolesIn(after)];
  for (const role of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(role), now.get(role)];
    if (was === is) continue;
    const verdict = was === undefined ? "additive" : "breaking";
    const what = was === undefined ? "added" : is === undefined ? "removed" : "is another operation";
    yield { verdict, where: `${ROLE_KEYWORD} ${role}`, what, before: was, after: is };
  }
}

/** The operation of each role. */
function rolesIn(document: unknown): Map<unknown, string> {
  const roles = new Map<unknown, string>();
  for (const [path, item] of pathItemsIn(document)) {
    for (const [method, operation] of Object.entries(item)) {
      const role = isMapping(operation) ? operation[ROLE_KEYWORD] : undefined;
      if (role !== undefined) roles.set(role, `${method.toUpperCase()} ${path}`);
    }
  }
  return roles;
}

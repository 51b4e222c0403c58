// The roles that an operation can have (token endpoint, revocation endpoint…), and the operation of each role. The extension
// `x-oauth2-endpoint` names the role; the overlay adds it to the operation. How to call an endpoint is in `endpoints.ts`.

import { InputError } from "../command.ts";
import type { Description } from "./description.ts";
import { type Operation, operationsIn } from "./operations.ts";

/** The extension that names the role of an operation. */
export const ROLE_KEYWORD = "x-oauth2-endpoint";

export interface Role {
  /** The name of the exported constant. */
  readonly constant: string;
  /** The name of the endpoint in docs and messages. */
  readonly title: string;
  /** The client authentication if the description has none. */
  readonly authentication: "client_secret_basic" | "bearer";
  /** The exported type of the response, if it has one. */
  readonly response?: ResponseType;
}

export interface ResponseType {
  readonly name: string;
  /** The members that the client reads, as the RFC names them. */
  readonly read: readonly string[];
  /** The members that the RFC defines. They are the type if the description has no schema for the response. */
  readonly generic: readonly string[];
}

export const ROLES: ReadonlyMap<unknown, Role> = new Map<unknown, Role>([
  [
    "token",
    {
      constant: "tokenEndpoint",
      title: "token endpoint",
      authentication: "client_secret_basic",
      response: {
        name: "TokenResponse",
        read: ["access_token", "expires_in"],
        generic: ["access_token?: string", "token_type?: string", "expires_in?: number", "scope?: string"],
      },
    },
  ],
  [
    "introspection",
    {
      constant: "introspectionEndpoint",
      title: "introspection endpoint",
      authentication: "client_secret_basic",
      response: { name: "IntrospectionResponse", read: ["active"], generic: ["active: boolean"] },
    },
  ],
  [
    "revocation",
    { constant: "revocationEndpoint", title: "revocation endpoint", authentication: "client_secret_basic" },
  ],
  [
    "token-info",
    {
      constant: "tokenInfoEndpoint",
      title: "token info endpoint",
      authentication: "bearer",
      response: { name: "TokenInfo", read: [], generic: [] },
    },
  ],
]);

/** An operation with a role. */
export interface Endpoint extends Operation {
  readonly role: Role;
}

/**
 * Finds the operation of each role. Some roles may have none.
 *
 * @throws {InputError} if a role is unknown, used twice, or stands on a path instead of an operation
 */
export function endpointsIn({ document, locate }: Description): Map<Role, Endpoint> {
  const endpoints = new Map<Role, Endpoint>();
  const problems: string[] = [];
  for (const one of operationsIn(document)) {
    if (ROLE_KEYWORD in one.item) {
      problems.push(`${locate(one.itemPointer)} found ${ROLE_KEYWORD} on a path, expected it on one of its operations`);
    }
    const name = one.operation[ROLE_KEYWORD];
    if (name === undefined) continue;
    const place = locate(`${one.pointer}/${ROLE_KEYWORD}`);
    const role = ROLES.get(name);
    const other = role && endpoints.get(role);
    if (!role) {
      const expected = [...ROLES.keys()].join(", ");
      problems.push(`${place} found the role ${JSON.stringify(name)}, expected one of ${expected}`);
    } else if (other) {
      const first = locate(`${other.pointer}/${ROLE_KEYWORD}`);
      problems.push(`${place} found the role ${name} again, expected it only at ${first}`);
    } else endpoints.set(role, { ...one, role });
  }
  if (problems.length > 0) throw new InputError([...new Set(problems)]);
  return endpoints;
}

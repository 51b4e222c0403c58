// The roles of operations: which operation is which endpoint of an authorization server. The extension `x-oauth2-endpoint` of an
// operation names its role. The overlay adds it.

import { InputError } from "../command.ts";
import type { Description } from "./description.ts";
import { type Operation, operationsIn } from "./operations.ts";

/** The extension that names the role of an operation. */
export const ROLE_KEYWORD = "x-oauth2-endpoint";

export interface Role {
  /** The exported constant. */
  readonly constant: string;
  /** The endpoint, in docs and messages. */
  readonly title: string;
  /** How a client is authenticated if the description does not state it. */
  readonly authentication: "client_secret_basic" | "bearer";
  /** The exported type of the response. */
  readonly response?: ResponseType;
}

export interface ResponseType {
  readonly name: string;
  /** The members that the client reads, by the names that the RFC gives them. */
  readonly read: readonly string[];
  /** The members of the type if no operation has the role: those of the RFC. */
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
 * Returns the operation of each role.
 *
 * @throws {InputError} if a role is unknown, used twice, or not on an operation
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
      problems.push(`${place} found the role ${name} again, expected another than at ${first}`);
    } else endpoints.set(role, { ...one, role });
  }
  if (problems.length > 0) throw new InputError([...new Set(problems)]);
  return endpoints;
}

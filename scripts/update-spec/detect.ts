// Detects the endpoints of an authorization server, for overlays that assign no roles. It does not check the endpoints.

import { stringify } from "yaml";
import { fieldsIn } from "../generate/bodies.ts";
import { type Operation, operationsIn } from "../generate/operations.ts";
import { asText, keysTo, listAt, type Mapping, mappingAt, resolved } from "../generate/read.ts";
import { ROLE_KEYWORD } from "../generate/roles.ts";

interface Candidate extends Operation {
  /** The names of the request's fields and parameters. */
  readonly fields: ReadonlySet<string>;
  readonly isTokenUrl: boolean;
}

/** Scores how well an operation fits each role. It must score at least 3. */
const SCORES: { [role: string]: (operation: Candidate) => number } = {
  token: ({ method, path, fields, isTokenUrl }) => {
    const isNamed = /\/(access[_-]?)?token$/i.test(path);
    const isInPlace = /o?auth|openid|connect/i.test(path);
    // An operation with this name but other fields issues another kind of token.
    const isFit = fields.has("grant_type") || isTokenUrl || fields.size === 0;
    return method === "post" && isFit
      ? score([fields.has("grant_type"), 4], [isTokenUrl, 4], [isNamed, 2], [isInPlace, 1])
      : 0;
  },
  introspection: ({ method, path, fields }) =>
    method === "post" && fields.has("token") ? score([/introspect(ion)?$/i.test(path), 3]) : 0,
  revocation: ({ method, path, fields }) =>
    method === "post" && fields.has("token") ? score([/revo(ke|cation)$/i.test(path), 3]) : 0,
  "token-info": ({ method, path, fields }) =>
    method === "get" && fields.size === 0 ? score([/token[/_-]?info$/i.test(path), 3]) : 0,
};

/**
 * Assigns each role to the operation that fits it best and returns the lines for the overlay. Returns an empty text if an
 * operation already has a role, or if none fits.
 */
export function detectRoles(document: Mapping): string {
  const operations = [...candidatesIn(document)];
  if (operations.some(({ operation }) => ROLE_KEYWORD in operation)) return "";
  const actions = Object.entries(SCORES).flatMap(([role, scoreOf]) => {
    const rated = operations.map((one) => ({ ...one, score: scoreOf(one) })).filter(({ score }) => score >= 3);
    // If several fit equally, the shortest path wins: `/token`, not `/token#refresh`.
    const [best] = rated.sort((a, b) => b.score - a.score || a.path.length - b.path.length);
    if (!best) return [];
    best.operation[ROLE_KEYWORD] = role;
    return [{ target: targetOf(best), update: { [ROLE_KEYWORD]: role } }];
  });
  return actions.length > 0 ? stringify(actions, { lineWidth: 0 }) : "";
}

function* candidatesIn(document: Mapping): Generator<Candidate> {
  const schemes = Object.values(mappingAt(document, "components", "securitySchemes"));
  const flows = schemes.flatMap((scheme) => Object.values(mappingAt<Mapping>(scheme, "flows")));
  const tokenUrls = flows.map((flow) => pathOf(asText(flow?.["tokenUrl"] ?? "")));
  for (const one of operationsIn(document)) {
    const { path, operation, item } = one;
    const bodies = Object.values(mappingAt(resolved(document, operation["requestBody"]), "content"));
    const fields = bodies.flatMap((body) => Object.keys(fieldsIn(document, mappingAt(body)["schema"]).properties));
    const parameters = [...listAt(item, "parameters"), ...listAt(operation, "parameters")];
    const described = parameters.map((parameter) => resolved(document, parameter));
    // Path parameters are part of the endpoint's URL.
    const names = described.filter((parameter) => parameter["in"] !== "path").map(({ name }) => asText(name));
    const isTokenUrl = tokenUrls.some((url) => url.endsWith(path));
    yield { ...one, fields: new Set([...fields, ...names]), isTokenUrl };
  }
}

/** Returns the JSONPath of an operation, as an overlay needs it. */
function targetOf({ pointer }: Operation): string {
  return `$${keysTo(pointer).map(selector).join("")}`;
}

/** Formats a key as a JSONPath selector. */
function selector(key: string): string {
  return /^[a-z]+$/i.test(key) ? `.${key}` : `['${key.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}']`;
}

/** Returns the path of an absolute or relative URL. */
function pathOf(url: string): string {
  return URL.canParse(url, "https://x") ? new URL(url, "https://x").pathname.replace(/\/$/, "") : "";
}

function score(...facts: (readonly [isTrue: boolean, weight: number])[]): number {
  return facts.reduce((sum, [isTrue, weight]) => sum + (isTrue ? weight : 0), 0);
}

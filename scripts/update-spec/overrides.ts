// Where callers would rate a difference otherwise than `redocly diff` does.

import { isDeepStrictEqual } from "node:util";
import { isMapping } from "../generate/read.ts";
import type { Directions } from "./direction.ts";
import { keywordsIn } from "./keys.ts";
import type { Reported } from "./redocly-diff.ts";
import type { Verdict } from "./report.ts";

/** Keywords that no program depends on. */
const WORDS = ["bearerFormat", "contact", "examples", "externalDocs", "license", "tags"];

/** What is demanded of a value, and so promised to its readers. */
const DEMANDS = [
  ...["type", "format", "enum", "nullable", "required", "additionalProperties", "pattern", "multipleOf", "uniqueItems"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"],
  ...["minItems", "maxItems", "minProperties", "maxProperties"],
];

/** The first that fits counts. */
export const OVERRIDES: readonly {
  why: string;
  fits: (change: Reported & Directions) => boolean;
  verdict: Verdict;
}[] = [
  {
    why: "words change no program, though they are new",
    fits: ({ path, property = "" }) =>
      [...keywordsIn(path), property].some((keyword) => WORDS.includes(keyword) || keyword.startsWith("x-")),
    verdict: "documentation",
  },
  {
    why: "no program depends on the order",
    fits: ({ base, revision }) => isDeepStrictEqual(sorted(base?.value), sorted(revision?.value)),
    verdict: "documentation",
  },
  {
    why: "what was always sent may now be missing",
    fits: ({ property, base, inResponse }) => property === "required" && base?.value === true && inResponse,
    verdict: "breaking",
  },
  {
    why: "a server that was used may be gone",
    fits: ({ property, path, base, revision }) =>
      property === "enum" && keywordsIn(path).includes("variables") && !areKept(base?.value, revision?.value),
    verdict: "breaking",
  },
  {
    why: "a part of a body must be sent in another way",
    fits: ({ property, path, inRequest }) =>
      keywordsIn(path).includes("encoding") && property !== "description" && inRequest,
    verdict: "breaking",
  },
  {
    why: "a new promise, or a demand less, is more than words",
    fits: ({ property = "", impact }) => impact === "patch" && DEMANDS.includes(property),
    verdict: "additive",
  },
  {
    why: "it is no longer sent, or must no longer be",
    fits: ({ property, revision, inResponse, inRequest }) =>
      revision?.value === true && ((property === "writeOnly" && inResponse) || (property === "readOnly" && inRequest)),
    verdict: "breaking",
  },
  {
    why: "a response without a schema may be anything",
    fits: ({ path, kind, inResponse }) => path.endsWith("/schema") && kind === "removed" && inResponse,
    verdict: "breaking",
  },
  {
    why: "a request without a schema may stay as it was",
    fits: ({ path, kind }) => path.endsWith("/schema") && kind === "removed",
    verdict: "additive",
  },
  {
    why: "a request that could be anything must now match a schema",
    fits: ({ path, kind, inRequest }) => path.endsWith("/schema") && kind === "added" && inRequest,
    verdict: "breaking",
  },
  {
    why: "clients that still send it are ignored",
    fits: ({ path, kind }) => /\/properties\/[^/]+$/.test(path) && kind === "removed",
    verdict: "breaking",
  },
  {
    why: "a body must be sent to a call that had none",
    fits: ({ path, kind, revision }) =>
      path.endsWith("/requestBody") &&
      kind === "added" &&
      isMapping(revision?.value) &&
      revision.value["required"] === true,
    verdict: "breaking",
  },
  {
    why: "a call goes to another host",
    fits: ({ path, property }) =>
      path.startsWith("#/paths/") && keywordsIn(path).includes("servers") && property !== "description",
    verdict: "breaking",
  },
  {
    why: "a schema with a name is exported",
    fits: ({ path, kind }) => isSchema(path) && kind === "added",
    verdict: "additive",
  },
  {
    why: "programs that import its type break",
    fits: ({ path, kind }) => isSchema(path) && kind === "removed",
    verdict: "breaking",
  },
  {
    why: "readers of a response keep unknown fields",
    fits: ({ property, inResponse, inRequest }) => property === "additionalProperties" && inResponse && !inRequest,
    verdict: "additive",
  },
  {
    why: "an unchanged request means something else",
    fits: ({ property, base, inRequest }) => property === "default" && base?.value !== undefined && inRequest,
    verdict: "breaking",
  },
  {
    why: "a token is requested elsewhere, or sent in another way",
    fits: ({ path, property, base }) =>
      path.startsWith("#/components/securitySchemes/") && base?.value !== undefined && property !== "description",
    verdict: "breaking",
  },
];

function isSchema(path: string): boolean {
  return /^#\/components\/schemas\/[^/]+$/.test(path);
}

/** Whether each value is still one; without a list, every value is. */
function areKept(values: unknown, all: unknown): boolean {
  return !Array.isArray(all) || (Array.isArray(values) && values.every((value) => all.includes(value)));
}

/** A list of texts in one order. Any other value becomes one that equals nothing. */
function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map(String).sort() : Symbol();
}

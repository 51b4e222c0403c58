// Where a reader would rate a difference otherwise than `redocly diff` does.

import { isDeepStrictEqual } from "node:util";
import { isMapping } from "../generate/read.ts";
import type { Directions } from "./directions.ts";
import { keywordsIn } from "./keys.ts";
import type { Verdict } from "./report.ts";

/** What `redocly diff --format json` tells of a difference. */
export interface Reported {
  readonly path: string;
  readonly kind: "added" | "removed" | "modified";
  readonly impact: "major" | "minor" | "patch";
  readonly property?: string;
  readonly verdicts: readonly { readonly ruleId: string; readonly message: string }[];
  readonly base?: { readonly pointer: string; readonly value: unknown };
  readonly revision?: { readonly pointer: string; readonly value: unknown };
}

/** What says nothing that a program could depend on. */
const WORDS = ["bearerFormat", "contact", "examples", "externalDocs", "license", "tags"];

/** What is demanded of a value, and so promised to whoever reads it. */
const DEMANDS = [
  ...["type", "format", "enum", "nullable", "required", "additionalProperties", "pattern", "multipleOf", "uniqueItems"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"],
  ...["minItems", "maxItems", "minProperties", "maxProperties"],
];

/** Where a reader would judge otherwise than the tool: the first that fits counts. */
export const CORRECTIONS: readonly {
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
    why: "nobody depends on an order",
    fits: ({ base, revision }) => isDeepStrictEqual(sorted(base?.value), sorted(revision?.value)),
    verdict: "documentation",
  },
  {
    why: "what was always sent may be missing",
    fits: ({ property, base, inAnswer }) => property === "required" && base?.value === true && inAnswer,
    verdict: "breaking",
  },
  {
    why: "a server that was asked may be gone",
    fits: ({ property, path, base, revision }) =>
      property === "enum" && keywordsIn(path).includes("variables") && !areKept(base?.value, revision?.value),
    verdict: "breaking",
  },
  {
    why: "a part of a body is to be sent in another way",
    fits: ({ property, path, inRequest }) =>
      keywordsIn(path).includes("encoding") && property !== "description" && inRequest,
    verdict: "breaking",
  },
  {
    why: "what is promised besides, or demanded no more, is more than words",
    fits: ({ property = "", impact }) => impact === "patch" && DEMANDS.includes(property),
    verdict: "additive",
  },
  {
    why: "it is not sent any more, or must not be",
    fits: ({ property, revision, inAnswer, inRequest }) =>
      revision?.value === true && ((property === "writeOnly" && inAnswer) || (property === "readOnly" && inRequest)),
    verdict: "breaking",
  },
  {
    why: "what has no schema may be anything",
    fits: ({ path, kind, inAnswer }) => path.endsWith("/schema") && kind === "removed" && inAnswer,
    verdict: "breaking",
  },
  {
    why: "what may be anything is right as it was",
    fits: ({ path, kind }) => path.endsWith("/schema") && kind === "removed",
    verdict: "additive",
  },
  {
    why: "what could be anything is to be as the schema says",
    fits: ({ path, kind, inRequest }) => path.endsWith("/schema") && kind === "added" && inRequest,
    verdict: "breaking",
  },
  {
    why: "whoever sends it still is not heard any more",
    fits: ({ path, kind }) => /\/properties\/[^/]+$/.test(path) && kind === "removed",
    verdict: "breaking",
  },
  {
    why: "a body must be sent where there was none",
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
    why: "a type that has a name is exported",
    fits: ({ path, kind }) => isSchema(path) && kind === "added",
    verdict: "additive",
  },
  {
    why: "and whoever imports it misses it",
    fits: ({ path, kind }) => isSchema(path) && kind === "removed",
    verdict: "breaking",
  },
  {
    why: "whoever reads an answer keeps fields that he does not know",
    fits: ({ property, inAnswer, inRequest }) => property === "additionalProperties" && inAnswer && !inRequest,
    verdict: "additive",
  },
  {
    why: "a request that stays as it is means something else",
    fits: ({ property, base, inRequest }) => property === "default" && base?.value !== undefined && inRequest,
    verdict: "breaking",
  },
  {
    why: "a token is asked for elsewhere, or sent in another way",
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

/** A list of texts, in an order of its own; each other value in a way that equals no other. */
function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map(String).sort() : Symbol();
}

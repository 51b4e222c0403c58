// The effect of a change of a schema, and how bad it is in a request and in a response.

import { asText } from "../generate/read.ts";
import type { Verdict } from "./report.ts";

export type Direction = "response" | "request" | "any";

/** The effect of a change on the set of valid values. */
export type Effect = "wider" | "narrower" | "other" | "more" | "request" | "response" | "words";

/** The verdict in a response, in a request, and in both. */
export const EFFECTS: { readonly [effect in Effect]: { readonly [direction in Direction]: Verdict } } = {
  /** More values are valid: a response may now contain or lack something. */
  wider: { response: "breaking", request: "additive", any: "breaking" },
  /** Fewer values are valid: a request must now contain something, or may no longer contain it. */
  narrower: { response: "additive", request: "breaking", any: "breaking" },
  other: { response: "breaking", request: "breaking", any: "breaking" },
  more: { response: "additive", request: "additive", any: "additive" },
  /** The same request means something else, or must no longer contain this. */
  request: { response: "documentation", request: "breaking", any: "breaking" },
  /** A response no longer contains this. */
  response: { response: "breaking", request: "documentation", any: "breaking" },
  words: { response: "documentation", request: "documentation", any: "documentation" },
};

/** Returns the effect of another value of a keyword. */
export function effectOfLimit(keyword: string, before: unknown, after: unknown): Effect {
  if (keyword === "default") return before === undefined ? "words" : "request";
  if (keyword === "readOnly") return before === undefined ? "request" : "more";
  if (keyword === "writeOnly") return before === undefined ? "response" : "more";
  if (before === undefined) return "narrower";
  if (after === undefined) return "wider";
  const isUpper = keyword.startsWith("max");
  if (!isUpper && !keyword.startsWith("min")) return "other";
  const [old = 0, now = 0] = [before, after].map((limit) => Number(asText(limit).replace(/^(more|less) than /, "")));
  // Of equal limits, the exclusive one is stricter: the limit itself is not valid.
  if (old === now) return typeof after === "string" ? "narrower" : "wider";
  return now > old === isUpper ? "wider" : "narrower";
}

// Defines the effects that a schema change can have and their verdicts for requests and responses. `differences.ts` finds the changes.

import { asText } from "../generate/read.ts";
import type { Verdict } from "./report.ts";

export type Direction = "response" | "request" | "any";

/** The effect of a change on the set of valid values. */
export type Effect = "wider" | "narrower" | "other" | "more" | "request" | "response" | "words";

/** The verdict for a schema of responses, of requests, or of both. */
export const EFFECTS: { readonly [effect in Effect]: { readonly [direction in Direction]: Verdict } } = {
  /** More values are valid, so a response may contain new values or lack old ones. */
  wider: { response: "breaking", request: "additive", any: "breaking" },
  /** Fewer values are valid, so a request that was valid may now be invalid. */
  narrower: { response: "additive", request: "breaking", any: "breaking" },
  other: { response: "breaking", request: "breaking", any: "breaking" },
  more: { response: "additive", request: "additive", any: "additive" },
  /** The same request has another meaning, or may no longer contain this property. */
  request: { response: "documentation", request: "breaking", any: "breaking" },
  /** A response no longer contains this property. */
  response: { response: "breaking", request: "documentation", any: "breaking" },
  words: { response: "documentation", request: "documentation", any: "documentation" },
};

/** Returns the effect of a changed keyword. */
export function effectOfLimit(keyword: string, before: unknown, after: unknown): Effect {
  if (keyword === "default") return before === undefined ? "words" : "request";
  if (keyword === "readOnly") return before === undefined ? "request" : "more";
  if (keyword === "writeOnly") return before === undefined ? "response" : "more";
  if (before === undefined) return "narrower";
  if (after === undefined) return "wider";
  const isUpper = keyword.startsWith("max");
  if (!isUpper && !keyword.startsWith("min")) return "other";
  const [old = 0, now = 0] = [before, after].map((limit) => Number(asText(limit).replace(/^(more|less) than /, "")));
  // An exclusive limit is stricter than an inclusive one of the same value.
  if (old === now) return typeof after === "string" ? "narrower" : "wider";
  return now > old === isUpper ? "wider" : "narrower";
}

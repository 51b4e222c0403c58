// What a change of a schema does, and how bad that is.

import { asText } from "../generate/read.ts";
import type { Verdict } from "./report.ts";

export type Direction = "response" | "request" | "any";

/** What a change does to the values that are valid. */
export type Effect = "wider" | "narrower" | "other" | "more" | "request" | "response" | "words";

/** How bad that is in a response, in a request, and in what may be either. */
export const EFFECTS: { readonly [effect in Effect]: { readonly [direction in Direction]: Verdict } } = {
  /** More are valid: a response may now hold or lack what it did not. */
  wider: { response: "breaking", request: "additive", any: "breaking" },
  /** Fewer are valid: a request must now hold something, or may no longer. */
  narrower: { response: "additive", request: "breaking", any: "breaking" },
  other: { response: "breaking", request: "breaking", any: "breaking" },
  more: { response: "additive", request: "additive", any: "additive" },
  /** The same request means something else, or must no longer hold this. */
  request: { response: "documentation", request: "breaking", any: "breaking" },
  /** A response no longer holds this. */
  response: { response: "breaking", request: "documentation", any: "breaking" },
  words: { response: "documentation", request: "documentation", any: "documentation" },
};

/** What another value of a keyword does. */
export function effectOfLimit(keyword: string, before: unknown, after: unknown): Effect {
  if (keyword === "default") return before === undefined ? "words" : "request";
  if (keyword === "readOnly") return before === undefined ? "request" : "more";
  if (keyword === "writeOnly") return before === undefined ? "response" : "more";
  if (before === undefined) return "narrower";
  if (after === undefined) return "wider";
  const isUpper = keyword.startsWith("max");
  if (!isUpper && !keyword.startsWith("min")) return "other";
  const [old = 0, now = 0] = [before, after].map((limit) => Number(asText(limit).replace(/^(more|less) than /, "")));
  // A limit that is not valid itself is the stricter one.
  if (old === now) return typeof after === "string" ? "narrower" : "wider";
  return now > old === isUpper ? "wider" : "narrower";
}

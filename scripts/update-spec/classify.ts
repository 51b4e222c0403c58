// Classifies what changed from a reader's side: what a response may newly hold or lack, what a request newly demands. The differences
// are found and rated by `redocly diff`; `overrides.ts` changes ratings, `extra-rules.ts` adds what the tool does not see.

import { isMapping, unescaped } from "../generate/read.ts";
import { ROLE_KEYWORD } from "../generate/roles.ts";
import { type Directions, directionsIn } from "./direction.ts";
import { extraChanges } from "./extra-rules.ts";
import { keywordsIn, NAMING } from "./keys.ts";
import { parsed } from "./load.ts";
import { OVERRIDES } from "./overrides.ts";
import { type Diff, type Reported, redoclyDiff } from "./redocly-diff.ts";
import type { SpecChange } from "./report.ts";

/** Security and roles are classified in `extra-rules.ts`; what a fragment was extracted from is our own note. */
const IGNORED = new Set(["security", ROLE_KEYWORD, "x-cut-from"]);
const VERDICTS = { major: "breaking", minor: "additive", patch: "documentation" } as const;

/**
 * Compares two descriptions.
 *
 * @throws {UpdateError} if they cannot be compared
 */
export async function classify(before: string, after: string, diff: Diff = redoclyDiff): Promise<SpecChange[]> {
  const [old, now] = [parsed(before, "before"), parsed(after, "after")];
  const found = await diff(comparable(old), comparable(now));
  const directionsOf = directionsIn([old, now]);
  const classified = found
    .filter(({ path, property = "" }) => ![...keywordsIn(path), property].some((keyword) => IGNORED.has(keyword)))
    .map((change) => {
      const pointer = change.revision?.pointer ?? change.base?.pointer ?? change.path;
      return changeOf({ ...change, ...directionsOf(pointer, change.path) }, pointer);
    });
  return [...classified, ...extraChanges(old, now)];
}

/** As the tool can compare it: it sees no difference in a default that is a list or a mapping, or only one of order. */
function comparable(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item));
  if (!isMapping(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const isText = key === "default" && !isNames && typeof inner === "object";
    return [key, isText ? JSON.stringify(inner) : comparable(inner, !isNames && NAMING.has(key))];
  });
  return Object.fromEntries(entries);
}

function changeOf(change: Reported & Directions, pointer: string): SpecChange {
  const { verdicts, kind, property, impact, base, revision } = change;
  const override = OVERRIDES.find(({ fits }) => fits(change));
  return {
    verdict: override?.verdict ?? VERDICTS[impact],
    where: placeOf(pointer),
    what: verdicts[0]?.message ?? [property, kind].filter(Boolean).join(" "),
    before: base?.value,
    after: revision?.value,
  };
}

/** `#/components/schemas/A/properties/b/items` as `A.b[]`, any other pointer as a path. */
function placeOf(pointer: string): string {
  const inComponent = pointer.replace(/^#\/components\/\w+\//, "");
  const isComponent = inComponent !== pointer;
  const place = isComponent ? inComponent.replaceAll("/properties/", ".").replaceAll("/items", "[]") : pointer.slice(2);
  return unescaped(place.replaceAll("/", " "));
}

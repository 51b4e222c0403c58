// Classifies changes by what they mean for callers: what a response may now contain or lack, what a request must now contain, and
// which exported names are gone. Descriptions are compared by effect, not by spelling.

import { descriptionOf } from "../generate/description.ts";
import { collectNames, type Named } from "../generate/names.ts";
import type { Mapping } from "../generate/read.ts";
import { targetOf } from "../generate/references.ts";
import { asSchema, scopedSchemes } from "./as-schema.ts";
import { differences } from "./differences.ts";
import { type SpecChange, VERDICTS } from "./report.ts";

/** Compares two descriptions, and returns their differences with a verdict each. */
export function classify(before: Mapping, after: Mapping): SpecChange[] {
  const [was, is] = [asSchema(before, {}), asSchema(after, scopedSchemes(before))];
  const on = {
    before,
    after,
    direction: "any",
    visited: new Set<string>(),
    reached: new Set<string>(),
    same: new Map(),
  } as const;
  return merged([...differences([{ schema: was }], [{ schema: is }], "", on), ...lostNames(before, after)]);
}

/** Lists the exported names that are gone although their schema is still there, under another name or inside another one. */
function lostNames(before: Mapping, after: Mapping): SpecChange[] {
  const others = new Set(namesIn(after).map(({ name }) => name));
  // If the schema itself is gone, that is reported already.
  const isLost = ({ name, pointer }: Named) =>
    !others.has(name) &&
    (/^#\/components\/(requestBodies|responses|pathItems)\//.test(pointer) ||
      targetOf(pointer, after).reason === undefined);
  const lost = namesIn(before)
    .filter(isLost)
    .map(({ name }) => name);
  const change = { verdict: "breaking", what: "no longer exported", before: undefined, after: undefined } as const;
  return lost.length > 0 ? [{ ...change, where: listed(lost) }] : [];
}

function namesIn(document: Mapping): Named[] {
  return collectNames(descriptionOf(document, String));
}

/** Merges equal changes of one component or of several operations into one, with the worst of their verdicts. */
function merged(all: Iterable<SpecChange>): SpecChange[] {
  const groups = new Map<string, { change: SpecChange; operations: Set<string> }>();
  for (const change of all) {
    const [operation = ""] = /^ [A-Z]+ \/\S*/.exec(change.where) ?? [];
    const where = change.where.slice(operation.length);
    const key = JSON.stringify([where, change.what, change.before, change.after]);
    const { change: other, operations = new Set<string>() } = groups.get(key) ?? {};
    const verdict = VERDICTS.find((one) => one === change.verdict || one === other?.verdict) ?? change.verdict;
    groups.set(key, { change: { ...change, verdict, where }, operations: operations.add(operation.trim()) });
  }
  return [...groups.values()].map(({ change, operations }) => ({
    ...change,
    where: (listed([...operations]) + change.where).trim(),
  }));
}

function listed(operations: readonly string[]): string {
  const more = operations.length > 3 ? [`${operations.length - 3} more`] : [];
  return [...operations.slice(0, 3), ...more].join(", ");
}

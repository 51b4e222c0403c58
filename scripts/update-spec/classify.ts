// Classifies the changes between two descriptions by their effect on callers: on requests, on responses and on exported names.
// The comparison itself is in `differences.ts`.

import { descriptionOf } from "../generate/description.ts";
import { collectNames, type Named } from "../generate/names.ts";
import type { Mapping } from "../generate/read.ts";
import { targetOf } from "../generate/references.ts";
import { asSchema, scopedSchemes } from "./as-schema.ts";
import { differences } from "./differences.ts";
import { type SpecChange, VERDICTS } from "./report.ts";

/** Lists the differences between two descriptions, each with a verdict. */
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

/** Lists the exported names that were removed although their schema still exists, under another name or inside another schema. */
function lostNames(before: Mapping, after: Mapping): SpecChange[] {
  const others = new Set(namesIn(after).map(({ name }) => name));
  // A removed schema is reported already.
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

/** Merges equal changes of one component or of several operations into one change with the worst verdict. */
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

// Says what changed: as a table for a terminal, as text for a pull request, as JSON for programs.

import type { SpecChange, Verdict } from "./judge.ts";

/** What came of comparing two descriptions. */
export interface Report {
  /** Title and version of what the fragment was cut from. */
  readonly source: string;
  readonly changes: readonly SpecChange[];
  /** What the type check says of hand-written code: `src/expiry.ts:52: …`. */
  readonly dependents: readonly string[];
}

const VERDICTS: readonly Verdict[] = ["breaking", "additive", "documentation"];

export function formatText({ source, changes, dependents }: Report): string {
  if (changes.length === 0) return `${source}: nothing changes.\n`;
  const lines = inOrder(changes).map(({ verdict, where, what, before, after }) => {
    return `${verdict.padEnd(13)} ${where}: ${what}${[valueLine("was", before), valueLine("is", after)].join("")}\n`;
  });
  const mend = dependents.map((line) => `  ${line}\n`);
  return `${source}:\n${lines.join("")}${mend.length > 0 ? `To be mended:\n${mend.join("")}` : ""}`;
}

export function formatMarkdown({ source, changes, dependents }: Report): string {
  const rows = inOrder(changes).map(
    ({ verdict, where, what }) => `| ${verdict} | \`${where}\` | ${what.replaceAll("|", "\\|")} |`,
  );
  const table = ["| | where | what |", "| --- | --- | --- |", ...rows].join("\n");
  const mend = dependents.map((line) => `- [ ] \`${line}\``).join("\n");
  return [`## ${source}`, rows.length > 0 ? table : "Nothing changes.", mend && `### To be mended\n\n${mend}`]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

function inOrder(changes: readonly SpecChange[]): SpecChange[] {
  return [...changes].sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
}

/** Short enough for a line. */
function valueLine(label: string, value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text === undefined) return "";
  return `\n${" ".repeat(14)}${label}: ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`;
}

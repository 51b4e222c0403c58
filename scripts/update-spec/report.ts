// Says what changed: as a table for a terminal, as text for a pull request, as JSON for programs.

import { printable, shown } from "./errors.ts";

export type Verdict = "breaking" | "additive" | "documentation";

/** A difference between two descriptions. */
export interface SpecChange {
  readonly verdict: Verdict;
  /** Where it is: `OAuth2TokenResponse.expires_in`, or the path of the operation. */
  readonly where: string;
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What came of comparing two descriptions. */
export interface Report {
  /** Title and version of what the fragment was cut from. */
  readonly source: string;
  readonly changes: readonly SpecChange[];
  /** What the type check says of hand-written code: `src/expiry.ts:52: …`. */
  readonly dependents: readonly string[];
}

const NOTHING_DEPENDS = "No line that is written by hand fails the type check.";
const VERDICTS: readonly Verdict[] = ["breaking", "additive", "documentation"];

export function formatText({ source, changes, dependents }: Report): string {
  const head = changes.length === 0 ? `${source}: nothing changes.` : `${source}:`;
  const lines = inOrder(changes).flatMap(({ verdict, where, what, before, after }) => [
    `${verdict.padEnd(13)} ${where}: ${what}`,
    ...(before === undefined ? [] : [`${" ".repeat(14)}was: ${valueLine(before)}`]),
    ...(after === undefined ? [] : [`${" ".repeat(14)}is: ${valueLine(after)}`]),
  ]);
  const list = dependents.map((line) => `  ${line}`);
  const mend = list.length > 0 ? ["To be mended:", ...list] : isBreaking(changes) ? [NOTHING_DEPENDS] : [];
  const all = [head, ...lines, ...mend];
  return all.map((line) => `${printable(line)}\n`).join("");
}

export function formatMarkdown({ source, changes, dependents }: Report): string {
  const rows = inOrder(changes).map(({ verdict, where, what, before, after }) => {
    const cells = [verdict, code(where), code(what), code(valueLine(before)), code(valueLine(after))];
    return `| ${cells.join(" | ")} |`;
  });
  const table = ["| | where | what | before | after |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
  const list = dependents.map((line) => `- [ ] ${code(line)}`).join("\n");
  const mend = list ? `### To be mended\n\n${list}` : isBreaking(changes) && NOTHING_DEPENDS;
  return [`## ${code(source)}`, rows.length > 0 ? table : "Nothing changes.", mend]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

/** Whether a reader has to do something. */
export function isBreaking(changes: readonly SpecChange[]): boolean {
  return changes.some(({ verdict }) => verdict === "breaking");
}

function inOrder(changes: readonly SpecChange[]): SpecChange[] {
  return [...changes].sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
}

/** A value, short enough for a line. */
function valueLine(value: unknown): string {
  return shown(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}

/** Whatever a provider writes is no markup, and stays in its cell. */
function code(text: string): string {
  return text === "" ? "" : `\`${printable(text).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

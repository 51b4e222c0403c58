// Formats a report of changes as text for a terminal or as Markdown for a pull request. The changes are found in `classify.ts`.

import { printable, shown } from "../command.ts";

export type Verdict = "breaking" | "additive" | "documentation";

/** A difference between two descriptions. */
export interface SpecChange {
  readonly verdict: Verdict;
  /** The place, such as `OAuth2TokenResponse.expires_in`, or the path of an operation. */
  readonly where: string;
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The result of comparing two descriptions. */
export interface Report {
  /** The title and version of the provider's description. */
  readonly source: string;
  readonly changes: readonly SpecChange[];
  /** The lines that would no longer compile, such as `src/expiry.ts:52: …`. */
  readonly affectedLines: readonly string[];
}

const NOTHING_AFFECTED = "No hand-written line fails the type check.";
export const VERDICTS: readonly Verdict[] = ["breaking", "additive", "documentation"];

export function formatText({ source, changes, affectedLines }: Report): string {
  const head = changes.length === 0 ? `${source}: nothing changes.` : `${source}:`;
  const lines = inOrder(changes).flatMap(({ verdict, where, what, before, after }) => [
    `${verdict.padEnd(13)} ${where}: ${what}`,
    ...(before === undefined ? [] : [`${" ".repeat(14)}was: ${valueLine(before)}`]),
    ...(after === undefined ? [] : [`${" ".repeat(14)}is: ${valueLine(after)}`]),
  ]);
  const list = affectedLines.map((line) => `  ${line}`);
  const fixes = list.length > 0 ? ["To fix:", ...list] : isBreaking(changes) ? [NOTHING_AFFECTED] : [];
  const all = [head, ...lines, ...fixes];
  return all.map((line) => `${printable(line)}\n`).join("");
}

export function formatMarkdown({ source, changes, affectedLines }: Report): string {
  const rows = inOrder(changes).map(({ verdict, where, what, before, after }) => {
    const cells = [verdict, code(where), code(what), code(valueLine(before)), code(valueLine(after))];
    return `| ${cells.join(" | ")} |`;
  });
  const table = ["| | where | what | before | after |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
  const list = affectedLines.map((line) => `- [ ] ${code(line)}`).join("\n");
  const fixes = list ? `### To fix\n\n${list}` : isBreaking(changes) && NOTHING_AFFECTED;
  return [`## ${code(source)}`, rows.length > 0 ? table : "Nothing changes.", fixes]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

/** Reports whether at least one change is breaking. */
export function isBreaking(changes: readonly SpecChange[]): boolean {
  return changes.some(({ verdict }) => verdict === "breaking");
}

function inOrder(changes: readonly SpecChange[]): SpecChange[] {
  return [...changes].sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
}

/** Formats a value so that it fits on a line. */
function valueLine(value: unknown): string {
  return shown(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}

/** Formats a provider's text as code, so that it cannot contain markup or end its table cell. */
function code(text: string): string {
  return text === "" ? "" : `\`${printable(text).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

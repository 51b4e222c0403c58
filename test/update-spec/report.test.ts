// A provider's text reaches a terminal and a pull request as text, never as commands or markup.

import { expect, test } from "vitest";
import { formatMarkdown, formatText, type Report } from "../../scripts/update-spec/report.ts";

const HOSTILE = "\u001b[2J\u009b1m\u202e\n|`![x](https://evil.test) @everyone";
const report: Report = {
  source: "A 1",
  changes: [
    { verdict: "documentation", where: "A.b", what: "added", before: undefined, after: { c: 1 } },
    { verdict: "breaking", where: "A.a", what: "removed", before: "x".repeat(100), after: undefined },
    { verdict: "additive", where: "A.c", what: "added", before: undefined, after: 1 },
  ],
  affectedLines: ["src/a.ts:1: gone"],
};

test("the report for a terminal has breaking changes first, with short values, and the lines to fix", () => {
  expect(formatText(report)).toBe(
    [
      "A 1:",
      "breaking      A.a: removed",
      `              was: ${"x".repeat(80)}…`,
      "additive      A.c: added",
      "              is: 1",
      "documentation A.b: added",
      '              is: {"c":1}',
      "To fix:",
      "  src/a.ts:1: gone",
      "",
    ].join("\n"),
  );
});

test("the report for a pull request has the same as a table and a task list", () => {
  expect(formatMarkdown(report)).toBe(
    [
      "## `A 1`",
      "",
      "| | where | what | before | after |",
      "| --- | --- | --- | --- | --- |",
      `| breaking | \`A.a\` | \`removed\` | \`${"x".repeat(80)}…\` |  |`,
      "| additive | `A.c` | `added` |  | `1` |",
      '| documentation | `A.b` | `added` |  | `{"c":1}` |',
      "",
      "### To fix",
      "",
      "- [ ] `src/a.ts:1: gone`",
      "",
    ].join("\n"),
  );
});

test("a breaking change that affects no line is reported as such", () => {
  const unfelt: Report = { ...report, affectedLines: [] };
  const nothing = "No hand-written line fails the type check.\n";
  expect(formatText(unfelt)).toMatch(new RegExp(`\n${nothing}$`));
  expect(formatMarkdown(unfelt)).toMatch(new RegExp(`\n\n${nothing}$`));
  const additive = { ...unfelt, changes: report.changes.filter(({ verdict }) => verdict === "additive") };
  expect(formatText(additive) + formatMarkdown(additive)).not.toContain(nothing);
});

test("a report without changes states that nothing changes", () => {
  const nothing: Report = { source: "A 1", changes: [], affectedLines: [] };
  expect(formatText(nothing)).toBe("A 1: nothing changes.\n");
  expect(formatMarkdown(nothing)).toBe("## `A 1`\n\nNothing changes.\n");
});

test("a text of the provider cannot start a line, control the terminal or become markup", () => {
  const change = { verdict: "breaking", where: HOSTILE, what: "-", before: HOSTILE, after: undefined } as const;
  const hostile: Report = { source: HOSTILE, changes: [change], affectedLines: [] };
  const text = String.raw`\u{1b}[2J\u{9b}1m\u{202e}\u{a}|`;
  const rest = "![x](https://evil.test) @everyone";
  const was = `${" ".repeat(14)}was: `;
  expect(formatText(hostile).split("\n")).toEqual([
    `${text}\`${rest}:`,
    `breaking      ${text}\`${rest}: -`,
    `${was}${text}\`${rest}`,
    "No hand-written line fails the type check.",
    "",
  ]);
  const cell = `\`${text.replace("|", "\\|")}'${rest}\``;
  expect(formatMarkdown(hostile)).toContain(`## ${cell}\n`);
  expect(formatMarkdown(hostile)).toContain(`\n| breaking | ${cell} | \`-\` | ${cell} |  |\n`);
});

// Replays what `redocly diff` reported, so that tests of what we make of it are fast. The slow tests run the same tests with the
// tool itself and compare. After a change of a test, of `openapi.yaml` or of the tool's version, record anew:
//
//   REDOCLY_DIFF=record npx vitest run test/update-spec

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, expect } from "vitest";
import { type Diff, type Reported, redoclyDiff } from "../../scripts/update-spec/redocly-diff.ts";

const { version } = createRequire(import.meta.url)("@redocly/cli/package.json");

/** Replays `diffs/<name>.jsonl`: on each line a digest of two descriptions and of the tool's version, and what the tool reported. */
export function recordedDiff(name: string): Diff {
  const file = new URL(`./diffs/${name}.jsonl`, import.meta.url);
  const recorded = existsSync(file) ? readFileSync(file, "utf8") : "";
  const lines = recorded.split("\n").filter(Boolean);
  const reports = new Map<string, readonly Reported[]>(lines.map((line) => JSON.parse(line)));
  // Set by the slow tests to "compare".
  const mode = process.env["REDOCLY_DIFF"];
  const used = new Map<string, readonly Reported[]>();

  afterAll(() => {
    const now = [...used].sort(([a], [b]) => (a < b ? -1 : 1)).map((entry) => `${JSON.stringify(entry)}\n`);
    if (mode === "record") writeFileSync(file, now.join(""));
    if (mode === "compare") expect(now.join("")).toBe(recorded);
  });
  return async (before, after) => {
    const key = createHash("sha256")
      .update(JSON.stringify([version, before, after]))
      .digest("base64url")
      .slice(0, 16);
    if (mode) used.set(key, (await redoclyDiff(before, after)).map(essence));
    const report = mode ? used.get(key) : reports.get(key);
    if (!report) throw new Error("redocly diff is not recorded for this: see test/update-spec/recorded-diff.ts");
    return report;
  };
}

/** What we read of a difference. */
function essence({ path, kind, impact, property, verdicts, base, revision }: Reported): Reported {
  const side = (name: "base" | "revision", value: Reported["base"]) =>
    value && { [name]: { pointer: value.pointer, value: value.value } };
  return {
    ...{ path, kind, impact, verdicts: verdicts.map(({ message }) => ({ message })) },
    ...(property === undefined ? {} : { property }),
    ...side("base", base),
    ...side("revision", revision),
  };
}

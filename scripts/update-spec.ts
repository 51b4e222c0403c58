// `npm run update-spec` extracts our fragment from a newer description of the provider and reports which changes break callers.
// With `--write` it writes the fragment and the generated files. The steps are in `update-spec/`.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { failureOf, InputError, type Print, printable, runIfStarted } from "./command.ts";
import { asText, mappingAt, parseDescription } from "./generate/read.ts";
import { type Change, listChanges, readIfPresent, writeChanges } from "./generate/write.ts";
import { GENERATED } from "./generate.ts";
import { affectedLines } from "./update-spec/affected-lines.ts";
import { classify } from "./update-spec/classify.ts";
import { currentText, OVERLAY, type Prepared, prepare, SPEC } from "./update-spec/prepare.ts";
import { formatMarkdown, formatText, isBreaking, type Report } from "./update-spec/report.ts";

const HELP = `Usage: npm run update-spec -- <file or URL> [--write [--force]] [--json | --markdown] [--paths <prefix>]

Applies ${OVERLAY} to a description (YAML or JSON, OpenAPI 3.0 or 3.1). Extracts the operations with a role and the components
that they use. Reports how the result differs from ${SPEC} and which lines would no longer compile. If the overlay assigns no
role, roles are detected. If there is no overlay, --write creates one with the detected roles.

  --write     write ${SPEC} and all generated files, or none of them
  --force     overwrite uncommitted changes
  --json      report as JSON, for programs
  --markdown  report as Markdown, for a pull request
  --paths     also extract the paths that begin with this prefix

Exit code 0: no change, or only documentation and additions; 1: a breaking change; 2: the command failed.
`;

const DETECTED = `${OVERLAY} assigns no role. These endpoints were detected; add these actions to it, or others:`;

/** The first lines of a new overlay. */
const OVERLAY_HEAD = `overlay: 1.0.0
info:
  title: Roles of endpoints
  version: 1.0.0
actions:
`;

const flag = { type: "boolean" } as const;
const OPTIONS = {
  write: flag,
  force: flag,
  json: flag,
  markdown: flag,
  help: flag,
  paths: { type: "string" },
} as const;

/** Runs the command in `root` and returns its exit code. */
export async function main(args: readonly string[], root: string, print: Print): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help) {
      print.out(HELP);
      return 0;
    }
    const [source] = positionals;
    if (source === undefined || positionals.length > 1) {
      throw new InputError("name one file or URL; see --help");
    }
    if (values.json && values.markdown) throw new InputError("use --json or --markdown, not both");
    if (values.force && !values.write) throw new InputError("--force requires --write");
    const prepared = await prepare(source, values.paths, root);
    for (const warning of prepared.warnings) print.err(`update-spec: ${printable(warning)}\n`);
    if (prepared.detected) print.err(`update-spec: ${DETECTED}\n${prepared.detected}`);
    const writes = writesFor(prepared, root);
    if (values.write && !values.force) rejectUncommitted(writes, root);
    const report = await reportOn(prepared.fragment, writes, root);
    if (values.write) writeChanges(root, writes);
    print.out(formatAs(values, report));
    if (writes.length > 0) {
      const done = values.write ? `${writes.length} files written` : "nothing written; use --write";
      print.err(`update-spec: ${done}.\n`);
    }
    return isBreaking(report.changes) || report.affectedLines.length > 0 ? 1 : 0;
  } catch (error) {
    print.err(failureOf("update-spec", error as Error));
    return 2;
  }
}

function formatAs({ json, markdown }: { json?: boolean; markdown?: boolean }, report: Report): string {
  if (json) return `${JSON.stringify(report, null, 2)}\n`;
  return markdown ? formatMarkdown(report) : formatText(report);
}

/** Compares the fragment with the one in `root`. */
async function reportOn(fragment: string, writes: readonly Change[], root: string): Promise<Report> {
  const before = parseDescription(currentText(SPEC, root), SPEC).value;
  const after = parseDescription(fragment, SPEC).value;
  const { title, version } = mappingAt(after, "info");
  const lines = writes.length > 0 ? await affectedLines(writes, root) : [];
  return { source: `${asText(title)} ${asText(version)}`, changes: classify(before, after), affectedLines: lines };
}

/** Lists the files that change. */
function writesFor({ fragment, outputs, detected }: Prepared, root: string): Change[] {
  const before = (path: string) => readIfPresent(join(root, path));
  const own = before(SPEC) === fragment ? [] : [{ path: SPEC, before: before(SPEC), after: fragment }];
  const after = `${OVERLAY_HEAD}${detected}`;
  if (detected && before(OVERLAY) === undefined) own.unshift({ path: OVERLAY, before: undefined, after });
  // The description is written last. If the process is killed earlier, `npm run generate` restores the files of the old one.
  return [...listChanges(root, GENERATED, outputs), ...own];
}

function rejectUncommitted(writes: readonly Change[], root: string): void {
  if (writes.length === 0) return;
  const args = ["status", "--porcelain", "--", ...writes.map(({ path }) => path)];
  const { error, status, stdout, stderr } = spawnSync("git", args, {
    cwd: root,
    encoding: "utf8",
    // Git must report errors in English, because one is compared below.
    env: { ...process.env, LC_ALL: "C" },
  });
  // Outside a repository, no change can be uncommitted.
  if (status !== 0 && /not a git repository/.test(stderr ?? "")) return;
  if (status !== 0) {
    const reason = error?.message ?? stderr.trim();
    throw new InputError(`cannot check for uncommitted changes; use --force to skip the check (${reason})`);
  }
  if (stdout) {
    throw new InputError(`there are uncommitted changes; commit them, or use --force:\n${stdout.trimEnd()}`);
  }
}

await runIfStarted(import.meta.url, main);

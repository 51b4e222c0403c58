// `npm run update-spec`: a newer description of the provider, cut to our fragment; what of it concerns us, how bad it is, and, where that
// is wanted, written and regenerated.

import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import type { Mapping } from "./generate/read.ts";
import { type Change, listChanges, writeChanges } from "./generate/write.ts";
import { GENERATED, type Print } from "./generate.ts";
import { dependentsOf } from "./update-spec/dependents.ts";
import { draft } from "./update-spec/draft.ts";
import { printable, reasonOf, UpdateError } from "./update-spec/errors.ts";
import { OVERLAY, SPEC } from "./update-spec/fragment.ts";
import { judge } from "./update-spec/judge.ts";
import { formatMarkdown, formatText, isBreaking, type Report } from "./update-spec/report.ts";

/** What is cut out, unless `--paths` says otherwise. */
const PATHS = "/oauth2/";

const HELP = `Usage: npm run update-spec -- <file or URL> [--write [--force]] [--json | --markdown] [--paths <prefix>]

Cuts the paths that begin with ${PATHS}, and all that they reach, out of a description (YAML or JSON, OpenAPI 3.0 or 3.1), adds
${OVERLAY} to it, and tells how it differs from ${SPEC}, and which lines would not compile any more.

  --write     write ${SPEC} and all that is generated from it, or nothing
  --force     even over changes that are not committed
  --json      tell it to a program
  --markdown  tell it to a pull request
  --paths     cut out other paths

Exit code 0: nothing changes, or only words and additions; 1: something breaks; 2: it could not be done.
`;

const flag = { type: "boolean" } as const;
const OPTIONS = {
  write: flag,
  force: flag,
  json: flag,
  markdown: flag,
  help: flag,
  paths: { type: "string", default: PATHS },
} as const;

/** Runs the command in `root`; gives its exit code. */
export async function main(args: readonly string[], root: string, print: Print): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help) {
      print.out(HELP);
      return 0;
    }
    const [source] = positionals;
    if (source === undefined || positionals.length > 1) {
      throw new UpdateError("name one file or URL; --help tells more");
    }
    if (values.json && values.markdown) throw new UpdateError("say --json or --markdown, not both");
    if (values.force && !values.write) throw new UpdateError("--force is for --write");
    const { fragment, outputs } = await draft(source, values.paths, root);
    const writes = writesFor(fragment, new Map(outputs), root);
    if (values.write && !values.force) refuseUncommitted(writes, root);
    const report = await reportOn(fragment, writes, root);
    if (values.write) writeChanges(root, writes);
    print.out(formatAs(values, report));
    if (writes.length > 0) {
      const done = values.write ? `${writes.length} files written` : "nothing written, --write does";
      print.err(`update-spec: ${done}.\n`);
    }
    return isBreaking(report.changes) || report.dependents.length > 0 ? 1 : 0;
  } catch (error) {
    print.err(messageOf(error as Error));
    return 2;
  }
}

function messageOf(error: Error): string {
  return reasonOf(error)
    .split("\n")
    .map((line) => `update-spec: ${printable(line)}\n`)
    .join("");
}

function formatAs({ json, markdown }: { json?: boolean; markdown?: boolean }, report: Report): string {
  if (json) return `${JSON.stringify(report, null, 2)}\n`;
  return markdown ? formatMarkdown(report) : formatText(report);
}

/** How the fragment differs from what is in `root`. */
async function reportOn(fragment: string, writes: readonly Change[], root: string): Promise<Report> {
  const { title, version } = (parse(fragment) as { info: Mapping }).info;
  const changes = await judge(readFileSync(join(root, SPEC), "utf8"), fragment);
  return {
    source: `${title} ${version}`,
    changes,
    dependents: writes.length > 0 ? dependentsOf(writes, root) : [],
  };
}

/** What is to be written, all or nothing. */
function writesFor(fragment: string, outputs: ReadonlyMap<string, string>, root: string): Change[] {
  const before = readFileSync(join(root, SPEC), "utf8");
  const own = before === fragment ? [] : [{ path: SPEC, before, after: fragment }];
  // Last: whoever is killed before that has the description that he had, and `npm run generate` puts back what belongs to it.
  return [...listChanges(root, GENERATED, outputs), ...own];
}

function refuseUncommitted(writes: readonly Change[], root: string): void {
  if (writes.length === 0) return;
  const args = ["status", "--porcelain", "--", ...writes.map(({ path }) => path)];
  const { error, status, stdout, stderr } = spawnSync("git", args, {
    cwd: root,
    encoding: "utf8",
    // So that what it says is known below.
    env: { ...process.env, LC_ALL: "C" },
  });
  // Without a repository there is nothing to compare with.
  if (status !== 0 && /not a git repository/.test(stderr ?? "")) return;
  if (status !== 0) {
    const reason = error?.message ?? stderr.trim();
    throw new UpdateError(`cannot tell whether there are changes that are not committed; say --force (${reason})`);
  }
  if (stdout) {
    throw new UpdateError(
      `there are changes that are not committed; commit them, or say --force:\n${stdout.trimEnd()}`,
    );
  }
}

if (realpathSync(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  // Whoever reads the first lines only (`| head`) is content with them.
  process.stdout.on("error", () => {});
  process.exitCode = await main(process.argv.slice(2), process.cwd(), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}

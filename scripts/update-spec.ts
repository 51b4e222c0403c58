// `npm run update-spec`: a newer description of the provider, cut to our fragment; what of it concerns us, how bad it is, and, where that
// is wanted, written and regenerated.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";
import { DescriptionError, type Mapping, readDescription } from "./generate/read.ts";
import { type Change, listChanges, writeChanges } from "./generate/write.ts";
import { emit, GENERATED, type Print } from "./generate.ts";
import { cut } from "./update-spec/cut.ts";
import { judge } from "./update-spec/judge.ts";
import { loadText, parseDescription, UpdateError } from "./update-spec/load.ts";
import { applyOverlay } from "./update-spec/overlay.ts";
import { formatMarkdown, formatText, type Report } from "./update-spec/report.ts";

/** What is cut out, unless `--paths` says otherwise. */
const PATHS = "/oauth2/";
const SPEC = "openapi.yaml";
const OVERLAY = "openapi.overlay.yaml";

const HELP = `Usage: npm run update-spec -- <file or URL> [--write [--force]] [--json | --markdown] [--paths <prefix>]

Cuts the paths that begin with ${PATHS}, and all that they reach, out of a description (YAML or JSON, OpenAPI 3.0 or 3.1), adds
${OVERLAY} to it, and tells how it differs from ${SPEC}.

  --write     write ${SPEC} and all that is generated from it, or nothing; then check the types
  --force     even over changes that are not committed
  --json      tell it to a program
  --markdown  tell it to a pull request
  --paths     cut out other paths

Exit code 0: nothing changes, or only words and additions; 1: something breaks; 2: it could not be done.
`;

/** Runs the command in `root`; gives its exit code. */
export async function main(args: readonly string[], root: string, print: Print): Promise<number> {
  try {
    const flag = { type: "boolean" } as const;
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        write: flag,
        force: flag,
        json: flag,
        markdown: flag,
        help: flag,
        paths: { type: "string", default: PATHS },
      },
    });
    if (values.help) {
      print.out(HELP);
      return 0;
    }
    const [source] = positionals;
    if (source === undefined || positionals.length > 1)
      throw new UpdateError("name one file or URL; --help tells more");
    if (values.write && !values.force) refuseUncommitted(root);
    const next = await fragmentOf(source, values.paths, root);
    const changes = await changesFor(next, root);
    const report: Report = {
      source: sourceOf(next),
      changes: await judge(readFileSync(join(root, SPEC), "utf8"), next),
      dependents: typeErrorsWith(changes, root),
    };
    print.out(
      values.json
        ? `${JSON.stringify(report, null, 2)}\n`
        : values.markdown
          ? formatMarkdown(report)
          : formatText(report),
    );
    if (values.write) write(root, changes);
    return report.changes.some(({ verdict }) => verdict === "breaking") || report.dependents.length > 0 ? 1 : 0;
  } catch (error) {
    if (!isExpected(error)) throw error;
    const message = error instanceof RangeError ? "the description is nested too deeply" : error.message;
    print.err(message.replace(/^/gm, "update-spec: ").concat("\n"));
    return 2;
  }
}

function isExpected(error: unknown): error is Error {
  return (
    error instanceof UpdateError ||
    error instanceof DescriptionError ||
    (error instanceof Error && ("code" in error || error instanceof RangeError))
  );
}

/** The fragment, as the text of `openapi.yaml`. */
async function fragmentOf(source: string, prefix: string, root: string): Promise<string> {
  const text = await loadText(/^https?:/.test(source) ? source : resolve(root, source));
  const fragment = cut(parseDescription(source, text), prefix);
  const overlay = join(root, OVERLAY);
  if (existsSync(overlay)) applyOverlay(parse(readFileSync(overlay, "utf8")), fragment);
  const info = fragment["info"] as Mapping;
  // A fragment that is cut again keeps what it says of where it came from.
  if (text !== readFileSync(join(root, SPEC), "utf8")) {
    const sha256 = createHash("sha256").update(text).digest("hex");
    info["x-cut-from"] = { title: info["title"], version: info["version"], sha256 };
  }
  return commentsOf(join(root, SPEC)) + stringify(fragment, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** The comments at the top of the file. */
function commentsOf(file: string): string {
  return /^(#.*\n)*/.exec(readFileSync(file, "utf8"))?.[0] ?? "";
}

function sourceOf(fragment: string): string {
  const { title, version } = (parse(fragment) as { info: Mapping }).info;
  return `${title} ${version}`;
}

/** What is to be written, all or nothing. */
async function changesFor(fragment: string, root: string): Promise<Change[]> {
  const folder = mkdtempSync(join(tmpdir(), "update-spec-"));
  try {
    writeFileSync(join(folder, SPEC), fragment);
    if (existsSync(join(root, "redocly.yaml"))) cpSync(join(root, "redocly.yaml"), join(folder, "redocly.yaml"));
    const outputs = await emit(await readDescription(folder));
    const before = readFileSync(join(root, SPEC), "utf8");
    const own = before === fragment ? [] : [{ path: SPEC, before, after: fragment }];
    return [...own, ...listChanges(root, GENERATED, outputs)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the type check would say of the hand-written code, once the changes are written. */
function typeErrorsWith(changes: readonly Change[], root: string): string[] {
  if (changes.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), "update-spec-"));
  try {
    for (const name of ["src", "tsconfig.json", "package.json"])
      cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeChanges(
      folder,
      changes
        .map((change) => ({ ...change, before: undefined }))
        .filter(({ after, path }) => after !== undefined || existsSync(join(folder, path))),
    );
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "--project", "src", "--noEmit", "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8",
    });
    return [...stdout.matchAll(/^(src\/.+)\((\d+),\d+\): error TS\d+: (.*)$/gm)]
      .filter(([, file = ""]) => !file.startsWith("src/generated/"))
      .map(([, file, line, text]) => `${file}:${line}: ${text}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function refuseUncommitted(root: string): void {
  const args = ["status", "--porcelain", "--", SPEC, ...GENERATED];
  let changed: string;
  try {
    changed = execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    // No repository, nothing to compare with.
    return;
  }
  if (changed)
    throw new UpdateError(
      `there are changes that are not committed; commit them, or say --force:\n${changed.trimEnd()}`,
    );
}

function write(root: string, changes: readonly Change[]): void {
  // While there is a listener, Ctrl-C waits for the writes to be done.
  const wait = () => {};
  process.on("SIGINT", wait);
  try {
    writeChanges(root, changes);
  } finally {
    process.off("SIGINT", wait);
  }
}

if (realpathSync(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2), process.cwd(), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}

// Judges what changed from a reader's side: what an answer may newly hold or lack, what a request newly demands. The differences are
// found and rated by `redocly diff`; what it rates otherwise than a reader would stands in `corrections.ts`, what it does not see in
// `unseen.ts`.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { CORRECTIONS, type Reported } from "./corrections.ts";
import { UpdateError } from "./errors.ts";
import { keywordsIn } from "./keys.ts";
import { outputOf } from "./limits.ts";
import type { SpecChange } from "./report.ts";
import { unseenChanges } from "./unseen.ts";

const VERDICTS = { major: "breaking", minor: "additive", patch: "documentation" } as const;

/**
 * Compares two descriptions.
 *
 * @throws {UpdateError} where they cannot be compared
 */
export async function judge(before: string, after: string): Promise<SpecChange[]> {
  const folder = mkdtempSync(join(tmpdir(), "update-spec-"));
  try {
    // Without these rules everything is rated as a patch.
    writeFileSync(join(folder, "redocly.yaml"), "extends: [recommended, diff-recommended]\n");
    writeFileSync(join(folder, "before.yaml"), before);
    writeFileSync(join(folder, "after.yaml"), after);
    const found = (await diff(folder)).filter(
      ({ path, property }) => ![...keywordsIn(path), property].includes("security"),
    );
    return [...found.map(judged), ...unseenChanges(parse(before), parse(after))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function diff(cwd: string): Promise<readonly Reported[]> {
  const { resolve } = createRequire(import.meta.url);
  const cli = join(dirname(resolve("@redocly/cli/package.json")), "bin/cli.js");
  const args = [
    cli,
    "diff",
    "before.yaml",
    "after.yaml",
    "--config",
    "redocly.yaml",
    "--format",
    "json",
    "--fail-on",
    "none",
  ];
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  try {
    return JSON.parse(await outputOf(args, { cwd, env })).changes;
  } catch (error) {
    const { message } = error as Error;
    const [reason] = /^Error: .+$/m.exec(message) ?? [message];
    throw new UpdateError(`cannot be compared by redocly diff (${reason})`);
  }
}

function judged(change: Reported): SpecChange {
  const { verdicts, kind, property, impact, base, revision } = change;
  const correction = CORRECTIONS.find(({ fits }) => fits(change));
  return {
    verdict: correction?.verdict ?? VERDICTS[impact],
    where: placeOf(revision?.pointer ?? base?.pointer ?? change.path),
    what: verdicts[0]?.message ?? [property, kind].filter(Boolean).join(" "),
    before: base?.value,
    after: revision?.value,
  };
}

/** `#/components/schemas/A/properties/b/items` as `A.b[]`, any other pointer as a path. */
function placeOf(pointer: string): string {
  const inComponent = pointer.replace(/^#\/components\/\w+\//, "");
  if (inComponent === pointer) return pointer.slice(2).replaceAll("/", " ").replaceAll("~1", "/");
  return inComponent.replaceAll("/properties/", ".").replaceAll("/items", "[]").replaceAll("/", " ");
}

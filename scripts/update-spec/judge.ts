// Judges what changed from a reader's side: what an answer may newly hold or lack, what a request newly demands. The differences are
// found and rated by `redocly diff`; what it rates otherwise than a reader would stands in `corrections.ts`, what it does not see in
// `unseen.ts`.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isMapping, unescaped } from "../generate/read.ts";
import { CORRECTIONS, type Reported } from "./corrections.ts";
import { type Directions, directionsIn } from "./directions.ts";
import { UpdateError } from "./errors.ts";
import { keywordsIn, NAMING } from "./keys.ts";
import { outputOf } from "./limits.ts";
import { parsed } from "./load.ts";
import type { SpecChange } from "./report.ts";
import { unseenChanges } from "./unseen.ts";

/** Security is judged in `unseen.ts`; what a fragment was cut from is our own note. */
const NOT_JUDGED = new Set(["security", "x-cut-from"]);
const VERDICTS = { major: "breaking", minor: "additive", patch: "documentation" } as const;

/**
 * Compares two descriptions.
 *
 * @throws {UpdateError} where they cannot be compared
 */
export async function judge(before: string, after: string): Promise<SpecChange[]> {
  const documents = [parsed(before, "before"), parsed(after, "after")] as const;
  const folder = mkdtempSync(join(tmpdir(), "update-spec-"));
  try {
    // Without these rules everything is rated as a patch.
    writeFileSync(join(folder, "redocly.yaml"), "extends: [recommended, diff-recommended]\n");
    writeFileSync(join(folder, "before.yaml"), JSON.stringify(comparable(documents[0])));
    writeFileSync(join(folder, "after.yaml"), JSON.stringify(comparable(documents[1])));
    const found = (await diff(folder)).filter(
      ({ path, property = "" }) => ![...keywordsIn(path), property].some((keyword) => NOT_JUDGED.has(keyword)),
    );
    const directionsOf = directionsIn(documents);
    const judged = found.map((change) => {
      const pointer = change.revision?.pointer ?? change.base?.pointer ?? change.path;
      return changeOf({ ...change, ...directionsOf(pointer, change.path) }, pointer);
    });
    return [...judged, ...unseenChanges(...documents)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As the tool can compare it: in a default that is a list or a mapping it sees no difference, or only one of order. */
function comparable(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item));
  if (!isMapping(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const isText = key === "default" && !isNames && typeof inner === "object";
    return [key, isText ? JSON.stringify(inner) : comparable(inner, !isNames && NAMING.has(key))];
  });
  return Object.fromEntries(entries);
}

async function diff(cwd: string): Promise<readonly Reported[]> {
  const { resolve } = createRequire(import.meta.url);
  const cli = join(dirname(resolve("@redocly/cli/package.json")), "bin/cli.js");
  const args = "diff before.yaml after.yaml --config redocly.yaml --format json --fail-on none".split(" ");
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  try {
    return JSON.parse(await outputOf([cli, ...args], { cwd, env })).changes;
  } catch (error) {
    const { message } = error as Error;
    const [reason] = /^Error: .+$/m.exec(message) ?? [message];
    throw new UpdateError(`cannot be compared by redocly diff (${reason})`);
  }
}

function changeOf(change: Reported & Directions, pointer: string): SpecChange {
  const { verdicts, kind, property, impact, base, revision } = change;
  const correction = CORRECTIONS.find(({ fits }) => fits(change));
  return {
    verdict: correction?.verdict ?? VERDICTS[impact],
    where: placeOf(pointer),
    what: verdicts[0]?.message ?? [property, kind].filter(Boolean).join(" "),
    before: base?.value,
    after: revision?.value,
  };
}

/** `#/components/schemas/A/properties/b/items` as `A.b[]`, any other pointer as a path. */
function placeOf(pointer: string): string {
  const inComponent = pointer.replace(/^#\/components\/\w+\//, "");
  const isComponent = inComponent !== pointer;
  const place = isComponent ? inComponent.replaceAll("/properties/", ".").replaceAll("/items", "[]") : pointer.slice(2);
  return unescaped(place.replaceAll("/", " "));
}

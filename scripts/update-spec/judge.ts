// Judges what changed from a reader's side: what an answer may newly hold or lack, what a request newly demands. The differences are
// found and rated by `redocly diff`; what it rates otherwise than a reader would stands in one table here.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { isMapping, type Mapping } from "../generate/read.ts";
import { UpdateError } from "./errors.ts";
import { keywordsIn } from "./keys.ts";

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

/** What `redocly diff --format json` tells of a difference. */
interface Reported {
  readonly path: string;
  readonly kind: "added" | "removed" | "modified";
  readonly impact: "major" | "minor" | "patch";
  readonly property?: string;
  readonly verdicts: readonly { readonly ruleId: string; readonly message: string }[];
  readonly base?: { readonly pointer: string; readonly value: unknown };
  readonly revision?: { readonly pointer: string; readonly value: unknown };
}

const VERDICTS = { major: "breaking", minor: "additive", patch: "documentation" } as const;

/** What says nothing that a program could depend on. */
const WORDS = ["contact", "examples", "externalDocs", "license", "tags"];

/** What is demanded of a value, and so promised to whoever reads it. */
const DEMANDS = [
  ...["type", "format", "enum", "nullable", "required", "additionalProperties", "pattern", "multipleOf", "uniqueItems"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"],
  ...["minItems", "maxItems", "minProperties", "maxProperties"],
];

/** Where a reader would judge otherwise than the tool: the first that fits counts. */
const CORRECTIONS: readonly { why: string; fits: (change: Reported) => boolean; verdict: Verdict }[] = [
  {
    why: "words change no program, though they are new",
    fits: ({ path }) => keywordsIn(path).some((keyword) => WORDS.includes(keyword) || keyword.startsWith("x-")),
    verdict: "documentation",
  },
  {
    why: "what is promised besides, or demanded no more, is more than words",
    fits: ({ property = "", path, impact }) =>
      impact === "patch" && (DEMANDS.includes(property) || path.includes("/security/")),
    verdict: "additive",
  },
  {
    why: "a type that has a name is exported",
    fits: ({ path, kind }) => isSchema(path) && kind === "added",
    verdict: "additive",
  },
  {
    why: "and whoever imports it misses it",
    fits: ({ path, kind }) => isSchema(path) && kind === "removed",
    verdict: "breaking",
  },
  {
    why: "whoever reads an answer keeps fields that he does not know",
    fits: ({ property, path }) => property === "additionalProperties" && isInAnswer(path),
    verdict: "additive",
  },
  {
    why: "a request that stays as it is means something else",
    fits: ({ property, path, base }) => property === "default" && base?.value !== undefined && !isInAnswer(path),
    verdict: "breaking",
  },
  {
    why: "a token is asked for elsewhere, or sent in another way",
    fits: ({ path, kind, property }) =>
      path.startsWith("#/components/securitySchemes/") && kind !== "added" && property !== "description",
    verdict: "breaking",
  },
];

function isSchema(path: string): boolean {
  return /^#\/components\/schemas\/[^/]+$/.test(path);
}

function isInAnswer(path: string): boolean {
  return keywordsIn(path).includes("responses");
}

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
    return [...(await diff(folder)).map(judged), ...scopeChanges(parse(before), parse(after))];
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
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, env, maxBuffer: 2 ** 26 });
    return JSON.parse(stdout).changes;
  } catch (error) {
    const [reason] = /^Error: .+$/m.exec((error as { stderr?: string }).stderr ?? "") ?? [(error as Error).message];
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

/** Of the scopes that a security scheme lists the tool says nothing. */
function* scopeChanges(before: unknown, after: unknown): Generator<SpecChange> {
  const [old, now] = [scopesIn(before), scopesIn(after)];
  for (const where of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(where), now.get(where)];
    if (was === is) continue;
    const verdict = is === undefined ? "breaking" : was === undefined ? "additive" : "documentation";
    const what = { breaking: "scope removed", additive: "scope added", documentation: "description modified" }[verdict];
    yield { verdict, where, what, before: was, after: is };
  }
}

/** The descriptions of all scopes, by scheme, flow and name. */
function scopesIn(document: unknown): Map<string, unknown> {
  const scopes = new Map<string, unknown>();
  for (const [scheme, { flows = {} }] of Object.entries<Mapping>(at(document, "components", "securitySchemes"))) {
    for (const [flow, described] of Object.entries(flows as Mapping)) {
      const list = Object.entries(at(described, "scopes"));
      for (const [name, description] of list) scopes.set(`${scheme} ${flow} ${name}`, description);
    }
  }
  return scopes;
}

function at<T>(value: unknown, ...keys: string[]): { [key: string]: T } {
  const inner = keys.reduce<unknown>((parent, key) => (isMapping(parent) ? parent[key] : undefined), value);
  return (isMapping(inner) ? inner : {}) as { [key: string]: T };
}

/** `#/components/schemas/A/properties/b/items` as `A.b[]`, any other pointer as a path. */
function placeOf(pointer: string): string {
  const inComponent = pointer.replace(/^#\/components\/\w+\//, "");
  if (inComponent === pointer) return pointer.slice(2).replaceAll("/", " ").replaceAll("~1", "/");
  return inComponent.replaceAll("/properties/", ".").replaceAll("/items", "[]").replaceAll("/", " ");
}

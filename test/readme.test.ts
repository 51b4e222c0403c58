// The commands, figures and links of the documentation are right. `snippets.test.ts` compiles and runs its code.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { anchored } from "../bench/tables.ts";
import { ROWS } from "./like-fetch/scenarios.ts";
import { WRONG } from "./like-fetch/wrong-wrappers.ts";
import { snippetsIn } from "./snippets.ts";
import { KNOWN_WORLDS } from "./worlds/known.ts";
import { HARM_SCENES } from "./worlds/scenes.ts";

const README = readFileSync("README.md", "utf8");
const PACKAGE = JSON.parse(readFileSync("package.json", "utf8"));

describe("a command of the README", () => {
  // The words with which a test or a script runs a command. All other commands are steps of `.ci/run`.
  const ELSEWHERE: Record<string, string> = {
    "npm run generate": '"npm", "run", "--silent", "generate"',
    "npm run generate -- --check": "npm run --silent generate -- --check",
    "npm pack": '"npm", "pack"',
    [`npm install ./oauth2-token-response-${PACKAGE.version}.tgz`]: '"npm", "install"',
  };
  const files = ["test", "test/provider/ours", "scripts", "tools/packaging", "tools/bundlers"].flatMap((folder) =>
    readdirSync(folder).map((name) => `${folder}/${name}`),
  );
  const programs = files.filter((file) => file.endsWith(".ts") && file !== "test/readme.test.ts");
  const texts = ["package.json", ...programs].map((file) => readFileSync(file, "utf8"));
  const steps = readFileSync(".ci/run", "utf8");
  const commands = snippetsIn(README, "sh").flatMap((block) => block.trim().split("\n"));

  test.each([...new Set(commands)])("is run by a test or by .ci/run: %s", (command) => {
    const words = ELSEWHERE[command];
    if (words) expect(texts.some((text) => text.includes(words))).toBe(true);
    else for (const step of command.split(" && ")) expect(steps).toContain(`\nstep ${step}\n`);
  });

  test("and of CONTRIBUTING is a script of package.json, if it begins with `npm run`", () => {
    const scripts = `${README}${readFileSync("CONTRIBUTING.md", "utf8")}`.matchAll(/npm run ([\w:-]+)/g);
    for (const [, script = ""] of scripts) expect(PACKAGE.scripts).toHaveProperty([script]);
  });
});

test("the figures that can be counted here are right, in the README and in docs/how-it-is-tested.md", () => {
  const tested = readFileSync("docs/how-it-is-tested.md", "utf8").replaceAll("\n", " ");
  const descriptions = readdirSync("test/descriptions").filter((name) => name.endsWith(".yaml"));
  expect(README).toContain(`${ROWS.length} compared behaviours`);
  expect(tested).toContain(`A table of ${ROWS.length} rows`);
  expect(tested).toContain(`${WRONG.length} wrappers, each with one fault`);
  expect(tested).toContain(`${KNOWN_WORLDS.length} [known worlds]`);
  expect(tested).toContain(`${descriptions.length} OpenAPI descriptions`);
});

describe("a link of the documentation", () => {
  const PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...readdirSync("docs").flatMap((name) => (name.endsWith(".md") ? `docs/${name}` : [])),
  ];
  const links = PAGES.flatMap((page) => {
    const targets = readFileSync(page, "utf8").matchAll(/(?:\]\(|href=")(?!https?:)([^)#"]*)(?:#([^)"]+))?/g);
    return [...targets].map(([link, path = "", anchor]) => ({
      link: `${page}: ${link}`,
      file: path ? join(dirname(page), path) : page,
      anchor,
    }));
  });

  test("leads to a file that exists", () => {
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter(({ file }) => !existsSync(file)).map(({ link }) => link)).toEqual([]);
  });

  test("leads to a heading or an anchor that exists", () => {
    const isDead = ({ file, anchor }: (typeof links)[number]) => anchor !== undefined && !anchorsOf(file).has(anchor);
    expect(links.filter(isDead).map(({ link }) => link)).toEqual([]);
  });
});

test("each row of the comparison has a number of its own, and those of the scenes and worlds are in their definitions", () => {
  const page = readFileSync("docs/comparison.md", "utf8");
  const rows = page.split("\n").filter((line) => /^\| (?!---|case )\S/.test(line));
  const ids = rows.map((row) => row.match(/^\| <a id="(\w+-\w+)" href="#\1">/)?.[1] ?? row);
  expect(ids.filter((id) => !/^(scene|world|case)-\d+a?$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
  const defined = Object.entries({ scene: HARM_SCENES, world: KNOWN_WORLDS });
  for (const [kind, entries] of defined) for (const entry of entries) expect(page).toContain(anchored(kind, entry));
});

test("CONTRIBUTING has a line for each hand-written file of src and scripts, and for no other", () => {
  const files = ["src", "scripts"].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }));
  const own = files.filter((file) => file.endsWith(".ts") && !file.startsWith("generated"));
  const guide = readFileSync("CONTRIBUTING.md", "utf8").split(/^## /m)[1] ?? "";
  const named = [...guide.matchAll(/`([\w/-]+\.ts)`/g)].map(([, file = ""]) => basename(file));
  expect(own.map((file) => basename(file)).filter((file) => !named.includes(file))).toEqual([]);
  const existing = files.map((file) => basename(file));
  expect(named.filter((file) => !existing.includes(file) && file !== "imports.test.ts")).toEqual([]);
});

test("the README has at most 160 lines, and its first program begins before line 45", () => {
  const lines = README.trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(160);
  expect(lines.indexOf("```ts")).toBeLessThan(45);
});

/** The anchors of a page: its headings, as GitHub spells them, and those that it sets itself. */
function anchorsOf(page: string): Set<string> {
  const text = readFileSync(page, "utf8");
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)"/g)].map(([, id = ""]) => id)]);
}

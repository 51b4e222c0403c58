// The README cannot drift: what it shows as a command exists and is run, and what it links to is there. What it shows as code is
// for `snippets.test.ts`.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { snippetsIn } from "./snippets.ts";

const README = readFileSync("README.md", "utf8");
const PACKAGE = JSON.parse(readFileSync("package.json", "utf8"));

describe("a command", () => {
  // Where each is run, and by which words; all others stand in `.ci/run`.
  const ELSEWHERE: Record<string, [file: string, words: string]> = {
    "npm ci && npm start": ["test/examples.test.ts", 'spawn("npm", ["start"'],
    "npm run generate": ["test/changes.test.ts", 'run("npm", "run", "--silent", "generate")'],
    "npm run generate -- --check": ["package.json", "npm run --silent generate -- --check"],
    "npm pack": ["scripts/check-package.ts", '"npm", "pack"'],
    [`npm install ./oauth2-token-response-${PACKAGE.version}.tgz`]: ["scripts/check-package.ts", '"npm", "install"'],
  };
  const commands = snippetsIn(README, "sh").flatMap((block) => block.trim().split("\n"));

  test.each([...new Set(commands)])("is run by a test or by .ci/run: %s", (command) => {
    // There each on a line of its own: bash lets a failure before `&&` pass.
    const [file, words] = ELSEWHERE[command] ?? [".ci/run", `\n${command.replaceAll(" && ", "\n")}\n`];
    expect(readFileSync(file, "utf8")).toContain(words);
  });

  test("is a script that exists, in CONTRIBUTING too", () => {
    const scripts = `${README}${readFileSync("CONTRIBUTING.md", "utf8")}`.matchAll(/npm run ([\w:-]+)/g);
    for (const [, script = ""] of scripts) expect(PACKAGE.scripts).toHaveProperty([script]);
  });
});

test("a link leads to what is there", () => {
  const links = [...README.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = ""]) => target);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((target) => !existsSync(target))).toEqual([]);
});

test("the README is short, and its first program comes early", () => {
  const lines = README.split("\n");
  expect(lines.length).toBeLessThanOrEqual(120);
  expect(lines.indexOf("```ts")).toBeLessThan(45);
});

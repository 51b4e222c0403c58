// The README cannot drift: what it shows as a command exists and is run, and what it links to is there. What it shows as code is
// for `snippets.test.ts`.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { snippetsIn } from "./snippets.ts";

const README = readFileSync("README.md", "utf8");
const PACKAGE = JSON.parse(readFileSync("package.json", "utf8"));

describe("a command", () => {
  // By which words a test or a script runs it; all others are steps of `.ci/run`.
  const ELSEWHERE: Record<string, string> = {
    "npm ci && npm start": '"npm", ["start"',
    "npm run generate": '"npm", "run", "--silent", "generate"',
    "npm run generate -- --check": "npm run --silent generate -- --check",
    "npm pack": '"npm", "pack"',
    [`npm install ./oauth2-token-response-${PACKAGE.version}.tgz`]: '"npm", "install"',
  };
  const files = ["test", "scripts", "tools/packaging", "tools/bundlers"].flatMap((folder) =>
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
  expect(lines.length).toBeLessThanOrEqual(160);
  expect(lines.indexOf("```ts")).toBeLessThan(45);
});

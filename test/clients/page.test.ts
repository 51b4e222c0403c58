// `docs/works-with.md` shows the files of this folder, so that its code is the code that runs. `npm run test:clients -- -u` updates it.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const PAGE = "docs/works-with.md";
const HERE = "test/clients";
const BLOCK = /(?<=^```ts (\S+)\n).*?(?=^```$)/gms;
const page = readFileSync(PAGE, "utf8");

test("docs/works-with.md shows each file unchanged", async () => {
  const current = page.replace(BLOCK, (_, name) => readFileSync(join(HERE, name), "utf8"));
  await expect(current).toMatchFileSnapshot(`../../${PAGE}`);
});

test("docs/works-with.md shows every client", () => {
  const clients = readdirSync(HERE).filter((name) => {
    const isCode = name.endsWith(".ts") && !/\.(test|config)\.ts$/.test(name);
    return isCode && name !== "row.ts" && readFileSync(join(HERE, name), "utf8").includes('from "./tokens.ts"');
  });
  const shown = [...page.matchAll(BLOCK)].map(([, name]) => name);
  expect(shown.sort()).toEqual([...clients, "tokens.ts"].sort());
});

test("each link of docs/works-with.md leads to one of its headings, or to a file", () => {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => text.toLowerCase().replaceAll(" ", "-"));
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, target = ""]) => target);
  expect(links.length).toBeGreaterThan(15);
  expect(links.filter((link) => !headings.includes(link))).toEqual([]);
});

// Formats tables and writes them into the pages of `docs/`.

import { readFileSync, writeFileSync } from "node:fs";

/** Returns the first cell of a row: a number, which is an anchor and a link to itself, and a text. */
export function anchored(kind: string, { number, name }: { number: number; name: string }): string {
  const id = `${kind}-${number}`;
  return `<a id="${id}" href="#${id}">${number}</a> ${name}`;
}

export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** Replaces the table between `<!-- mark -->` and `<!-- /mark -->`. */
export function writeTable(page: string, mark: string, table: string): void {
  const between = new RegExp(`(?<=<!-- ${mark} -->\\n)[\\s\\S]*(?=<!-- /${mark} -->)`);
  writeFileSync(
    page,
    readFileSync(page, "utf8").replace(between, () => table),
  );
}

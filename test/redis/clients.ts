// The lines of `docs/fleet.md` that create a store from a client, so that tests run what is documented.

import { readFileSync } from "node:fs";
import type { Snippet } from "../snippets.ts";

/** The line for each client, by its name. */
export const LINES: Readonly<Record<string, string>> = Object.fromEntries(
  [...readFileSync("docs/fleet.md", "utf8").matchAll(/^\| (.+?)(?:: .+?)? \| `(redisStore\(.+\))` \|$/gm)].map(
    ([, name = "", line = ""]) => [name, line],
  ),
);

/** A module whose `makeStore` contains the line, for a client of that type. */
export function storeModule(name: string, library: string, type: string): Snippet {
  const code = `
import type { SharedStore } from "oauth2-token-response";
import { redisStore } from "oauth2-token-response/redis";
${type.includes("library.") ? `import type * as library from "${library}";` : ""}
export const makeStore = (redis: ${type}): SharedStore => ${LINES[name]};
`;
  return { name: `${library} ${type}`.replaceAll(/\W+/g, "-"), code };
}

// `npm run worlds`: the worlds with known answers of `test/worlds.test.ts`, for this package, for the naive reference client, and for
// other packages as far as they run under a clock that is made to pass. Prints the table that stands in `docs/comparison.md`; with
// `--write`, writes it there.

import { readFileSync, writeFileSync } from "node:fs";
import type { Clock } from "oauth2-token-response";
import { naive, ours } from "../test/worlds/clients.ts";
import { count, KNOWN_WORLDS, type KnownWorld } from "../test/worlds/known.ts";
import { API, type ClientFactory, type Surroundings } from "../test/worlds/scenario.ts";
import { EndpointFailure } from "../test/worlds/token-endpoint.ts";
import { play } from "../test/worlds/world.ts";
import { CONTENDERS } from "./contenders.ts";

const ID = "https://id.test";
/** These cannot be given a `fetch`: they are in `npm run compare` only. */
const UNABLE = ["this package", "simple-oauth2"];

const CLIENTS: Record<string, ClientFactory> = {
  "this package": ours,
  "replays every 401": naive,
  ...Object.fromEntries(
    Object.entries(CONTENDERS)
      .filter(([name]) => !UNABLE.includes(name))
      .map(([name, contend]) => [name, playing(contend)]),
  ),
};

/** Puts another package into a world. Processes are on their own there: none of them shares tokens. */
function playing(contend: (typeof CONTENDERS)[string]): ClientFactory {
  return (surroundings) => {
    const client = { clientId: "your-client-id", clientSecret: "your-client-secret" };
    const call = contend({ ...client, baseUrl: ID, api: API, fetch: fetchOf(surroundings) });
    return async (url, init) => ({ status: await call({ ...init, path: new URL(url).pathname }) });
  };
}

/** The API of a world, and its token endpoint beside it. */
function fetchOf({ request, fetch }: Surroundings): typeof globalThis.fetch {
  return async (input, init) => {
    const sent = new Request(input, init);
    if (!sent.url.startsWith(ID)) return fetch(sent);
    try {
      return Response.json(await request());
    } catch (error) {
      if (error instanceof EndpointFailure && error.status) return new Response(null, { status: error.status });
      throw new TypeError("fetch failed");
    }
  };
}

/** Lets other packages live by the clock of the world: they know no other than the platform's. */
function underClock(factory: ClientFactory): ClientFactory {
  return (surroundings) => {
    const { clock } = surroundings;
    Date.now = () => clock.now();
    globalThis.setTimeout = ((callback: () => void, ms = 0) => clock.setTimeout(callback, ms)) as typeof setTimeout;
    globalThis.clearTimeout = (timer) => clock.clearTimeout(timer as Parameters<Clock["clearTimeout"]>[0]);
    return factory(surroundings);
  };
}

async function resultOf(world: KnownWorld, factory: ClientFactory): Promise<string> {
  const { now } = Date;
  const { setTimeout, clearTimeout } = globalThis;
  try {
    const { failures, thrown, tokenRequests } = count(world, await play(world.options, underClock(factory)));
    return `${failures} / ${thrown.length} / ${tokenRequests}`;
  } finally {
    Date.now = now;
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
}

const rows = [["", "at most", ...Object.keys(CLIENTS)]];
rows.push((rows[0] ?? []).map(() => "---"));
for (const world of KNOWN_WORLDS) {
  const cells: string[] = [];
  for (const factory of Object.values(CLIENTS)) cells.push(await resultOf(world, factory));
  rows.push([world.name, `${world.failures} / 0 / ${world.tokenRequests}`, ...cells]);
}
const table = `${rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
console.log(table);
if (process.argv[2] === "--write") {
  const page = "docs/comparison.md";
  const [before = "", after = ""] = readFileSync(page, "utf8").split(
    /(?<=<!-- worlds -->\n)[\s\S]*(?=<!-- \/worlds -->)/,
  );
  writeFileSync(page, `${before}${table}${after}`);
}

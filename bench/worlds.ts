// `npm run worlds` simulates the known worlds of `test/worlds.test.ts` with this package, with the naive reference client, and with the
// other packages that can run under a simulated clock. Prints the table of `docs/comparison.md`. Use `--write` to write it there.

import type { Clock } from "oauth2-token-response";
import { naive, ours } from "../test/worlds/clients.ts";
import { count, KNOWN_WORLDS, type KnownWorld } from "../test/worlds/known.ts";
import { API, type ClientFactory, type Surroundings } from "../test/worlds/scenario.ts";
import { EndpointFailure } from "../test/worlds/token-endpoint.ts";
import { play } from "../test/worlds/world.ts";
import { CONTENDERS } from "./contenders.ts";
import { anchored, tableOf, writeTable } from "./tables.ts";

const ID = "https://id.test";
/** simple-oauth2 takes no `fetch`, so it is in `npm run compare` only. */
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

/** Plays another package in a world. None of these packages shares a token between processes. */
function playing(contend: (typeof CONTENDERS)[string]): ClientFactory {
  return (surroundings) => {
    const client = { clientId: "your-client-id", clientSecret: "your-client-secret" };
    const call = contend({ ...client, baseUrl: ID, api: API, fetch: fetchOf(surroundings) });
    return async (url, init) => ({ status: await call({ ...init, path: new URL(url).pathname }) });
  };
}

/** Sends requests to the API of a world and to its token endpoint. */
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

/** Replaces the platform's clock, the only one that other packages use, with the clock of the world. */
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

const rows: string[][] = [];
for (const world of KNOWN_WORLDS) {
  const cells: string[] = [];
  for (const factory of Object.values(CLIENTS)) cells.push(await resultOf(world, factory));
  rows.push([anchored("world", world), `${world.failures} / 0 / ${world.tokenRequests}`, ...cells]);
}
const table = tableOf(["", "at most", ...Object.keys(CLIENTS)], rows);
console.log(table);
if (process.argv[2] === "--write") writeTable("docs/comparison.md", "worlds", table);

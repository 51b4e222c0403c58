// `npm run compare` plays the same scenes, on real sockets, with this package and its alternatives. Prints the tables of
// `docs/comparison.md` and `docs/works-with.md`. Use `--write` to write them there.

import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type EchoServer, startEchoServer } from "../test/provider/echo.ts";
import { CLIENT, type Provider, type ProviderOptions, startProvider } from "../test/provider/provider.ts";
import { HARM_SCENES } from "../test/worlds/scenes.ts";
import { ask, type Call, CONTENDERS, type Setting } from "./contenders.ts";
import { mcpTable, writeMcpTable } from "./mcp.ts";
import { anchored, tableOf, writeTable } from "./tables.ts";

interface Scene {
  /** Never changes, so that links to the scene stay valid. */
  readonly number: number;
  /** Names the results. */
  readonly counts: string;
  readonly options?: ProviderOptions;
  readonly clientSecret?: string;
  play(call: Call, provider: Provider, api: EchoServer): Promise<readonly (number | string)[]>;
}

const POST = { method: "POST", body: "a body" };
const MEBIBYTE = Buffer.alloc(2 ** 20, "b");
const BODIES: BodyInit[] = ["text", Buffer.alloc(1000, "a"), new URLSearchParams({ a: "b" }), new Blob([MEBIBYTE])];
const SIZES = [4, 1000, 3, 2 ** 20];

/** Sets the provider's clock ahead, which ages the tokens that it issued before. */
let aheadMs = 0;

const SCENES: Record<string, Scene> = {
  ...Object.fromEntries(HARM_SCENES.map(({ name, ...scene }) => [name, scene])),

  "1,000 calls at once, no token cached": {
    number: 5,
    counts: "failed calls / token requests",
    play: async (call, provider) => [await failuresOf(1000, 1000, () => call(POST)), provider.tokenRequests],
  },

  "1,000 uploads, the token revoked after 300": {
    number: 6,
    counts: "failed calls / token requests / bodies lost",
    async play(call, provider, api) {
      await call(POST);
      api.seen.length = 0;
      const failed = await failuresOf(1000, 50, (index) => {
        if (index === 300) api.rejected.add(api.seen.at(-1)?.authorization?.slice("Bearer ".length) ?? "");
        // One upload in a hundred is large. More would only take time.
        const kind = index % 100 === 0 ? 3 : index % 3;
        return call({ method: "POST", body: BODIES[kind] ?? "" });
      });
      const whole = api.seen.filter(({ isRejected, body }) => !isRejected && SIZES.includes(body.length)).length;
      return [failed, provider.tokenRequests, 1000 - failed - whole];
    },
  },

  "a token of 4 s, the token endpoint down from 2.9 s to 4.5 s": {
    number: 7,
    counts: "failed calls / token requests",
    options: { lifetime: 4 },
    async play(call, provider, api) {
      await call(POST);
      const [first] = api.seen.filter(({ isRejected }) => !isRejected);
      // Timers are used because a call may wait.
      setTimeout(() => Object.assign(provider, { isDown: true }), 2900);
      setTimeout(() => api.rejected.add(first?.authorization?.slice("Bearer ".length) ?? ""), 4000);
      setTimeout(() => Object.assign(provider, { isDown: false }), 4500);
      const failed = await callsFor(5500, () => call(POST));
      return [failed, provider.tokenRequests];
    },
  },

  "5 s of calls, a server that reuses a token of 2 h, of which 6 s remain": {
    number: 8,
    counts: "failed calls / token requests",
    options: { reuse: true, now: () => Date.now() + aheadMs },
    async play(call, provider) {
      aheadMs = 0;
      await ask({ baseUrl: provider.baseUrl, ...CLIENT, api: "" });
      aheadMs = 7_194_000;
      const failed = await callsFor(5000, () => call(POST));
      return [failed, provider.tokenRequests - 1];
    },
  },

  "100 calls to an API that answers 401 to every token": {
    number: 9,
    counts: "token requests / API requests",
    async play(call, provider, api) {
      api.rejected.has = () => true;
      await failuresOf(100, 1, () => call(POST));
      return [provider.tokenRequests, api.seen.length];
    },
  },

  "100 calls with a wrong secret": {
    number: 10,
    counts: "token requests",
    clientSecret: "wrong",
    async play(call, provider) {
      await failuresOf(100, 1, () => call(POST));
      return [provider.tokenRequests];
    },
  },
};

const UNHANDLED = { number: 11, name: "promise rejections without a handler: each ends a Node process" };

const [, , argument] = process.argv;
const contend = CONTENDERS[argument ?? ""];
if (contend) await playAll(contend);
else await compare(argument === "--write");

/** Plays all scenes with one contender, in its own process, so that its leftovers do not affect another one. */
async function playAll(contend: (setting: Setting) => Call): Promise<never> {
  let unhandled = 0;
  process.on("unhandledRejection", () => unhandled++);
  const cells: string[] = [];
  for (const { options, clientSecret = CLIENT.clientSecret, play } of Object.values(SCENES)) {
    const [provider, api] = await Promise.all([startProvider(options), startEchoServer()]);
    // A call without a token is rejected too.
    api.rejected.add("");
    const call = contend({ baseUrl: provider.baseUrl, api: api.origin, clientId: CLIENT.clientId, clientSecret });
    cells.push((await play(call, provider, api)).join(" / "));
    await Promise.all([provider.close(), api.close()]);
  }
  process.send?.([...cells, String(unhandled)]);
  // Some contenders leave timers behind.
  process.exit();
}

async function compare(isWritten: boolean): Promise<void> {
  const scenes = Object.entries(SCENES).map(([name, { number, counts }]) => ({ number, name: `${name}: ${counts}` }));
  const columns = [[...scenes, UNHANDLED].map((scene) => anchored("scene", scene))];
  for (const name of Object.keys(CONTENDERS)) {
    const child = fork("bench/compare.ts", [name], { execArgv: ["--import", "tsx/esm"] });
    const [cells] = await once(child, "message");
    columns.push(cells);
  }
  const rows = (columns[0] ?? []).map((_, index) => columns.map((cells) => cells[index] ?? ""));
  const table = tableOf(["", ...Object.keys(CONTENDERS)], rows);
  console.log(table);
  const mcp = await mcpTable();
  console.log(mcp);
  if (!isWritten) return;
  writeMcpTable(mcp);
  writeTable("docs/comparison.md", "compare", table);
}

/** Counts the calls that failed. */
async function failuresOf(calls: number, atOnce: number, call: (index: number) => Promise<number>): Promise<number> {
  let failed = 0;
  let next = 0;
  const work = async () => {
    while (next < calls) {
      const status = await call(next++).catch(() => 0);
      if (status !== 200) failed++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return failed;
}

/** Makes one call after another for this time and counts the calls that failed. */
async function callsFor(milliseconds: number, call: () => Promise<number>): Promise<number> {
  const end = performance.now() + milliseconds;
  let failed = 0;
  while (performance.now() < end) {
    failed += await failuresOf(1, 1, call);
    await sleep(20);
  }
  return failed;
}

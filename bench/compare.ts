// `npm run compare`: the same scenes, on real sockets, for this package and for what people use instead. Prints the tables of
// `docs/comparison.md` and `docs/works-with.md`; with `--write`, writes them there.

import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type EchoServer, startEchoServer } from "../test/provider/echo.ts";
import { CLIENT, type Provider, type ProviderOptions, startProvider } from "../test/provider/provider.ts";
import { HARM_SCENES } from "../test/worlds/scenes.ts";
import { ask, type Call, CONTENDERS, type Setting } from "./contenders.ts";
import { mcpTable, writeMcpTable } from "./mcp.ts";

const PAGE = "docs/comparison.md";

interface Scene {
  /** What the numbers are. */
  readonly counts: string;
  readonly options?: ProviderOptions;
  readonly clientSecret?: string;
  play(call: Call, provider: Provider, api: EchoServer): Promise<readonly (number | string)[]>;
}

const POST = { method: "POST", body: "a body" };
const MEBIBYTE = Buffer.alloc(2 ** 20, "b");
const BODIES: BodyInit[] = ["text", Buffer.alloc(1000, "a"), new URLSearchParams({ a: "b" }), new Blob([MEBIBYTE])];
const SIZES = [4, 1000, 3, 2 ** 20];

/** How far the clock of a provider is ahead: a token that it gave before is older for that. */
let aheadMs = 0;

const SCENES: Record<string, Scene> = {
  ...Object.fromEntries(HARM_SCENES.map(({ name, ...scene }) => [name, scene])),

  "1,000 calls at once, no token yet": {
    counts: "failed calls / token requests",
    play: async (call, provider) => [await failuresOf(1000, 1000, () => call(POST)), provider.tokenRequests],
  },

  "1,000 uploads, the token revoked under them": {
    counts: "failed calls / token requests / bodies lost",
    async play(call, provider, api) {
      await call(POST);
      api.seen.length = 0;
      const failed = await failuresOf(1000, 50, (index) => {
        if (index === 300) api.refused.add(api.seen.at(-1)?.authorization?.slice("Bearer ".length) ?? "");
        // Large ones are few: a gigabyte would tell no more.
        const kind = index % 100 === 0 ? 3 : index % 3;
        return call({ method: "POST", body: BODIES[kind] ?? "" });
      });
      const whole = api.seen.filter(({ isRefused, body }) => !isRefused && SIZES.includes(body.length)).length;
      return [failed, provider.tokenRequests, 1000 - failed - whole];
    },
  },

  "a token that lives for 4 s, the endpoint down from 2.9 s to 4.5 s": {
    counts: "failed calls / token requests",
    options: { lifetime: 4 },
    async play(call, provider, api) {
      await call(POST);
      const [first] = api.seen.filter(({ isRefused }) => !isRefused);
      // By the clock, as a call may wait.
      setTimeout(() => Object.assign(provider, { isDown: true }), 2900);
      setTimeout(() => api.refused.add(first?.authorization?.slice("Bearer ".length) ?? ""), 4000);
      setTimeout(() => Object.assign(provider, { isDown: false }), 4500);
      const failed = await callsFor(5500, () => call(POST));
      return [failed, provider.tokenRequests];
    },
  },

  "5 s with a server that reuses tokens, and gives one that has 6 s left of 2 h": {
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

  "100 calls of an API that answers 401 to every token": {
    counts: "token requests / API requests",
    async play(call, provider, api) {
      api.refused.has = () => true;
      await failuresOf(100, 1, () => call(POST));
      return [provider.tokenRequests, api.seen.length];
    },
  },

  "100 calls with a wrong secret": {
    counts: "token requests",
    clientSecret: "wrong",
    async play(call, provider) {
      await failuresOf(100, 1, () => call(POST));
      return [provider.tokenRequests];
    },
  },
};

const UNHEARD = "rejected promises that nobody heard: each ends a process";

const [, , argument] = process.argv;
const contend = CONTENDERS[argument ?? ""];
if (contend) await playAll(contend);
else await compare(argument === "--write");

/** A contender has a process of its own, so that what it leaves behind meets no other one. */
async function playAll(contend: (setting: Setting) => Call): Promise<never> {
  let unheard = 0;
  process.on("unhandledRejection", () => unheard++);
  const cells: string[] = [];
  for (const { options, clientSecret = CLIENT.clientSecret, play } of Object.values(SCENES)) {
    const [provider, api] = await Promise.all([startProvider(options), startEchoServer()]);
    // Whoever sends no token is refused, too.
    api.refused.add("");
    const call = contend({ baseUrl: provider.baseUrl, api: api.origin, clientId: CLIENT.clientId, clientSecret });
    cells.push((await play(call, provider, api)).join(" / "));
    await Promise.all([provider.close(), api.close()]);
  }
  process.send?.([...cells, String(unheard)]);
  // Some leave timers behind.
  process.exit();
}

async function compare(isWritten: boolean): Promise<void> {
  const columns = [[...Object.entries(SCENES).map(([name, { counts }]) => `${name}: ${counts}`), UNHEARD]];
  for (const name of Object.keys(CONTENDERS)) {
    const child = fork("bench/compare.ts", [name], { execArgv: ["--import", "tsx/esm"] });
    const [cells] = await once(child, "message");
    columns.push(cells);
  }
  const head = ["", ...Object.keys(CONTENDERS)];
  const rows = [
    head,
    head.map(() => "---"),
    ...(columns[0] ?? []).map((_, index) => columns.map((cells) => cells[index] ?? "")),
  ];
  const table = `${rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
  console.log(table);
  const mcp = await mcpTable();
  console.log(mcp);
  if (!isWritten) return;
  writeMcpTable(mcp);
  const text = readFileSync(PAGE, "utf8");
  const [before = "", after = ""] = text.split(/(?<=<!-- compare -->\n)[\s\S]*(?=<!-- \/compare -->)/);
  writeFileSync(PAGE, `${before}${table}${after}`);
}

/** How many of the calls did not get through. */
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

/** Calls one after another for a while; how many did not get through. */
async function callsFor(milliseconds: number, call: () => Promise<number>): Promise<number> {
  const end = performance.now() + milliseconds;
  let failed = 0;
  while (performance.now() < end) {
    failed += await failuresOf(1, 1, call);
    await sleep(20);
  }
  return failed;
}

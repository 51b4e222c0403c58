// Runs two Workers in workerd, each an isolate, that share a token through the Durable Object of `docs/stores.md`.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { programsOf } from "../snippets.ts";

const HERE = "test/runtimes";
const LIFETIME_S = 4;
const CALLS_EACH = 20;

/** The part of miniflare that is used. Only this harness installs it. */
interface Miniflare {
  getWorker(name: string): Promise<{ fetch(url: string): Promise<{ text(): Promise<string> }> }>;
  dispose(): Promise<void>;
}

export async function runDurableObject(): Promise<{ line: string; isRight: boolean }> {
  let issued = 0;
  const tokens = createServer((_, response) => {
    response.end(JSON.stringify({ access_token: `token-${++issued}`, expires_in: LIFETIME_S }));
  }).listen(0, "127.0.0.1");
  await once(tokens, "listening");
  const query = `tokenUrl=http://127.0.0.1:${(tokens.address() as AddressInfo).port}/`;
  const miniflare = await start();
  const workers = await Promise.all(["a", "b"].map((name) => miniflare.getWorker(name)));
  const call = async (path: string) =>
    Promise.all(workers.map(async (worker) => (await worker.fetch(`http://worker.test${path}?${query}`)).text()));

  const tested = await call("/test");
  const rounds: string[] = [];
  for (let round = 0; round < 2; round++) {
    const values = await Promise.all(Array.from({ length: CALLS_EACH }, () => call("/get")));
    rounds.push([...new Set(values.flat())].join(" "));
    await sleep((LIFETIME_S + 1) * 1000);
  }
  await miniflare.dispose();
  tokens.closeAllConnections();
  tokens.close();

  const isRight = tested.every((result) => result === "kept") && rounds.join() === "token-1,token-2" && issued === 2;
  const line = `workerd, the Durable Object of docs/stores.md: two isolates find the promises of a store ${tested.join(", ")}, got ${rounds.join(", then ")}, and made ${issued} token requests in two lifetimes`;
  return { line: `${line}${isRight ? "" : " – WRONG"}`, isRight };
}

/** The second Worker uses the object of the first. */
async function start(): Promise<Miniflare> {
  const name: string = "miniflare";
  const { Miniflare } = (await import(name)) as { Miniflare: new (options: object) => Miniflare };
  const worker = {
    modules: [{ type: "ESModule", path: "worker.mjs", contents: bundle() }],
    compatibilityDate: "2026-04-01",
  };
  const TOKENS = { className: "Tokens", useSQLite: true };
  return new Miniflare({
    workers: [
      { ...worker, name: "a", durableObjects: { TOKENS } },
      { ...worker, name: "b", durableObjects: { TOKENS: { ...TOKENS, scriptName: "a" } } },
    ],
  });
}

/** The program of the page, bundled as a Worker. */
function bundle(): string {
  const program = programsOf("docs/stores.md").find(({ code }) => code.includes("cloudflare:workers"));
  const code = `${program?.code}
    import { workerWith } from "./${HERE}/durable-object.ts";
    export default workerWith(store);`;
  const alias = "--alias:oauth2-token-response=./src/index.ts";
  const flags = [
    "--bundle",
    "--format=esm",
    "--platform=neutral",
    "--loader=ts",
    "--external:cloudflare:workers",
    alias,
  ];
  const stdin = { input: code, encoding: "utf8" } as const;
  const { stdout, stderr, status } = spawnSync(`${HERE}/node_modules/.bin/esbuild`, flags, stdin);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

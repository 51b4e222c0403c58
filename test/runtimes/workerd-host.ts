// Runs Workers in workerd: the table, and the scene of a token source at module scope whose background refreshes may be cut off.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The part of miniflare that is used. Only this harness installs it. */
interface Miniflare {
  dispatchFetch(url: string, init?: { method: string; body: string }): Promise<{ text(): Promise<string> }>;
  dispose(): Promise<void>;
}

const COMPATIBILITY_DATE = "2026-04-01";

async function start(script: string): Promise<Miniflare> {
  const name: string = "miniflare";
  const { Miniflare } = (await import(name)) as { Miniflare: new (options: object) => Miniflare };
  return new Miniflare({
    modules: [
      { type: "ESModule", path: "worker.mjs", contents: readFileSync(`test/runtimes/dist/${script}.mjs`, "utf8") },
    ],
    compatibilityDate: COMPATIBILITY_DATE,
  });
}

/** Runs the table in workerd and returns its report as JSON. */
export async function runInWorkerd([origin, second, other]: readonly string[], limitMs: number): Promise<string> {
  const miniflare = await start("workerd");
  const late = sleep(limitMs, JSON.stringify({ error: `hangs for ${limitMs / 1000} s` }), { ref: false });
  const body = JSON.stringify({ origin, second, other });
  const report = miniflare
    .dispatchFetch("http://worker.test/", { method: "POST", body })
    .then((response) => response.text());
  const result = await Promise.race([report.catch((error) => JSON.stringify({ error: String(error) })), late]);
  await miniflare.dispose();
  return result;
}

/** The duration and the rate of the traffic. */
const SCENE_MS = 30_000;
const CALL_EACH_MS = 100;
/** The duration of a token request, and the lifetime of its token. */
const TOKEN_REQUEST_MS = 500;
const LIFETIME_S = 8;
/** A call that takes longer hangs. */
const HANGING_MS = 5000;
/** How much longer than a token request a call may take. */
const GRACE_MS = 2000;

const SCENES = [
  { how: "get", title: "waitUntil is passed to get()", mayWait: false },
  { how: "option", title: "waitUntil is an option of the source", mayWait: false },
  { how: "none", title: "without waitUntil", mayWait: true },
] as const;

export async function runScenes(): Promise<{ line: string; isRight: boolean }[]> {
  return Promise.all(SCENES.map(runScene));
}

async function runScene({ how, title, mayWait }: (typeof SCENES)[number]): Promise<{ line: string; isRight: boolean }> {
  let issued = 0;
  const tokens = createServer(async (_, response) => {
    const access_token = `token-${++issued}`;
    await sleep(TOKEN_REQUEST_MS);
    response.end(JSON.stringify({ access_token, expires_in: LIFETIME_S }));
  });
  tokens.listen(0, "127.0.0.1");
  await once(tokens, "listening");
  const tokenUrl = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/`;
  const miniflare = await start("workerd-scene");

  const calls: Promise<number>[] = [];
  const failed: string[] = [];
  const call = async () => {
    const begun = performance.now();
    const sent = miniflare
      .dispatchFetch(`http://worker.test/${how}?tokenUrl=${tokenUrl}`)
      .then((response) => response.text());
    const text = await Promise.race([sent.catch(String), sleep(2 * HANGING_MS, "hangs", { ref: false })]);
    if (!text.startsWith("Bearer token-") && text !== "hangs") failed.push(text);
    return performance.now() - begun;
  };
  // The start of the Worker is not measured.
  await call();
  for (const end = performance.now() + SCENE_MS; performance.now() < end; await sleep(CALL_EACH_MS)) calls.push(call());
  const durations = await Promise.all(calls);
  await miniflare.dispose();
  tokens.closeAllConnections();
  tokens.close();

  const limit = mayWait ? TOKEN_REQUEST_MS + GRACE_MS : HANGING_MS;
  const slow = durations.filter((duration) => duration > limit).length;
  const longest = Math.round(Math.max(...durations));
  // Fewer would mean that no background refresh happened.
  const isRight = slow === 0 && failed.length === 0 && issued >= SCENE_MS / 1000 / LIFETIME_S;
  const line =
    `workerd, ${title}: ${durations.length} calls in ${SCENE_MS / 1000} s, ${slow} took more than ${limit} ms, longest ` +
    `${longest} ms, ${failed.length} failed${failed[0] ? ` (${failed[0].slice(0, 200)})` : ""}, ${issued} token requests`;
  return { line: `${line}${isRight ? "" : " – WRONG"}`, isRight };
}

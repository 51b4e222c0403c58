// Scenes with real sockets, a few seconds each: what goes wrong at an API that a program depends on. `npm run compare` plays them with
// other packages, `test/worlds/scenes.slow.test.ts` with this one.

import { setTimeout as sleep } from "node:timers/promises";
import type { EchoServer, Seen } from "../provider/echo.ts";
import type { Provider, ProviderOptions } from "../provider/provider.ts";

/** Makes a call of the API and reports its status. */
export type SceneCall = (init: { method: string; path?: string; body?: BodyInit }) => Promise<number>;

export interface HarmScene {
  /** Its own for ever, so that others can link to it. */
  readonly number: number;
  readonly name: string;
  /** What the resulting numbers count. The last one is the number of token requests. */
  readonly counts: string;
  readonly options?: ProviderOptions;
  play(call: SceneCall, provider: Provider, api: EchoServer): Promise<readonly number[]>;
}

const GET = { method: "GET" };

export const HARM_SCENES: readonly HarmScene[] = [
  {
    number: 1,
    name: "2 s of good calls, while a broken endpoint is called ten times a second",
    counts: "failed good calls / token requests",
    async play(call, provider, api) {
      await call(GET);
      api.sickPaths.add("/sick");
      const sickCalls: Promise<unknown>[] = [];
      const failed = await callsFor(2000, (index) => {
        if (index % 5 === 0) sickCalls.push(call({ ...GET, path: "/sick" }).catch(() => {}));
        return call(GET);
      });
      await Promise.all(sickCalls);
      return [failed, provider.tokenRequests];
    },
  },
  {
    number: 2,
    name: "1 s after one spurious 401 from a server that reuses its token",
    counts: "failed calls / token requests",
    options: { reuse: true },
    async play(call, provider, api) {
      await call(GET);
      api.rejected.has = () => {
        // Only once: this restores the method of the set.
        Reflect.deleteProperty(api.rejected, "has");
        return true;
      };
      await call(GET).catch(() => {});
      return [await callsFor(1000, () => call(GET)), provider.tokenRequests];
    },
  },
  {
    number: 3,
    name: "three revocations within 2 s",
    counts: "failed calls / token requests",
    async play(call, provider, api) {
      await call(GET);
      const moments = [400, 1200, 1900];
      for (const moment of moments) setTimeout(() => revoke(api), moment);
      return [await callsFor(2300, () => call(GET)), provider.tokenRequests];
    },
  },
  {
    number: 4,
    name: "ten forms, each sent after a revocation",
    counts: "failed calls / forms that the server cannot read / token requests",
    async play(call, provider, api) {
      await call(GET);
      let failed = 0;
      for (let index = 0; index < 10; index++) {
        revoke(api);
        const body = new FormData();
        body.set("title", `form ${index}`);
        body.set("file", new Blob(["x".repeat(1000)]), "x.txt");
        const status = await call({ method: "POST", body }).catch(() => 0);
        if (status !== 200) failed++;
      }
      const arrived = api.seen.filter(({ method, isRejected }) => method === "POST" && !isRejected);
      const areReadable = await Promise.all(arrived.map(isReadable));
      return [failed, areReadable.filter((one) => !one).length, provider.tokenRequests];
    },
  },
];

/** Makes the API reject the token that it last accepted. */
function revoke({ seen, rejected }: EchoServer): void {
  const last = seen.findLast(({ isRejected }) => !isRejected);
  rejected.add(last?.authorization?.replace("Bearer ", "") ?? "");
}

/** Whether the fields of a form can be parsed. */
async function isReadable({ headers, body }: Seen): Promise<boolean> {
  try {
    const form = await new Response(new Uint8Array(body), {
      headers: { "Content-Type": headers["content-type"] ?? "" },
    }).formData();
    return String(form.get("title")).startsWith("form ") && (form.get("file") as File).size === 1000;
  } catch {
    return false;
  }
}

/** Calls one after another for a while, and counts those that fail. */
async function callsFor(milliseconds: number, call: (index: number) => Promise<number>): Promise<number> {
  const end = performance.now() + milliseconds;
  let failed = 0;
  for (let index = 0; performance.now() < end; index++) {
    const status = await call(index).catch(() => 0);
    if (status !== 200) failed++;
    await sleep(20);
  }
  return failed;
}

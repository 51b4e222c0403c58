// Builds and starts the Next.js app in `next/`, with the packed package, and calls its server component and its edge route.
// A static page calls the API while the app is built.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pack } from "../../tools/packaging/pack.ts";
import { run } from "../../tools/packaging/rows.ts";
import { type EchoServer, startEchoServer } from "../provider/echo.ts";
import { startProvider } from "../provider/provider.ts";
import { launch } from "./launch.ts";

const APP = resolve("test/runtimes/next");
const NEXT = join(APP, "node_modules/next/dist/bin/next");
/** Seconds. Short, so that a background refresh is due soon. */
const LIFETIME_S = 8;
/** What takes longer counts as hanging. */
const LIMIT_MS = 60_000;
const CALL_EACH_MS = 250;
const PLACES = { "server component": "/", "edge route": "/edge" };

interface Scene {
  readonly line: string;
  readonly isRight: boolean;
}

export async function runNext(): Promise<Scene[]> {
  await install();
  const { version } = JSON.parse(readFileSync(join(APP, "node_modules/next/package.json"), "utf8"));
  const provider = await startProvider({ lifetime: LIFETIME_S });
  const echo = await startEchoServer();
  Object.assign(process.env, {
    TOKEN_URL: `${provider.baseUrl}/oauth2/token`,
    API_URL: echo.origin,
    NEXT_TELEMETRY_DISABLED: "1",
    // Otherwise it would request from a registry what the lock file leaves out.
    NEXT_IGNORE_INCORRECT_LOCKFILE: "1",
  });
  rmSync(join(APP, "dist"), { recursive: true, force: true });
  await run(APP, process.execPath, NEXT, "build");
  const built = sceneOf(version, "static page", "called by the build, which keeps no token", async () =>
    checkBuild(echo),
  );
  const port = await freePort();
  const app = launch(process.execPath, [NEXT, "start", APP, "--port", String(port)]);
  const url = `http://localhost:${port}`;
  try {
    await Promise.race([isUp(url), app.ended.then((why) => Promise.reject(new Error(why)))]);
    const found = "a 401, its body sent again, and a refresh that `after` was given";
    const scenes = Object.entries(PLACES).map(([place, path]) =>
      sceneOf(version, place, found, () => callApp(echo, url + path)),
    );
    return await Promise.all([built, ...scenes]);
  } finally {
    app.kill();
    await Promise.all([provider.close(), echo.close()]);
  }
}

async function sceneOf(version: string, place: string, found: string, scene: () => Promise<void>): Promise<Scene> {
  const problem = await scene().then(() => undefined, String);
  return { line: `next ${version}, ${place}: ${problem ? `${problem} – WRONG` : found}`, isRight: !problem };
}

/** Checks that the cache of the build has no token response, which would be expired in the next build. */
function checkBuild(echo: EchoServer): void {
  if (!echo.seen.some((request) => request.url === "/static")) throw new Error("the API was not called");
  const folder = join(APP, "dist/cache/fetch-cache");
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const { data } = JSON.parse(readFileSync(join(folder, name), "utf8"));
    if (Buffer.from(data.body, "base64").includes("access_token")) throw new Error("a token response was kept");
  }
}

async function callApp(echo: EchoServer, url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1) || "page";
  const seen = () => echo.seen.filter((request) => request.url === `/${name}`);
  const call = async () => {
    const text = await (await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) })).text();
    const json = /\{.*?\}/.exec(text.replaceAll("&quot;", '"'))?.[0];
    const { status, refreshes } = JSON.parse(json ?? "{}") as { status?: number; refreshes: number };
    if (status !== 200) throw new Error(`the API's status is ${status}: ${text}`);
    return refreshes;
  };

  await call();
  echo.rejected.add(seen().at(-1)?.authorization?.replace("Bearer ", "") ?? "");
  const refreshes = await call();
  const [rejected, replayed] = seen().slice(-2);
  const bodies = [rejected, replayed].map((request) => String(request?.body));
  if (!rejected?.isRejected || replayed?.isRejected) throw new Error("no replay of a rejected request");
  if (bodies.some((body) => body !== JSON.stringify({ from: name }))) throw new Error(`bodies sent: ${bodies}`);

  for (const end = performance.now() + LIMIT_MS; (await call()) === refreshes; await sleep(CALL_EACH_MS)) {
    if (performance.now() > end) throw new Error("`after` was never given a refresh");
  }
}

/** Installs the packages of the lock file, and the current package. */
async function install(): Promise<void> {
  await run(".", process.execPath, "tools/install.mjs", APP);
  const folder = mkdtempSync(join(tmpdir(), "next-"));
  const target = join(APP, "node_modules/oauth2-token-response");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const { tarball } = await pack(folder);
  await run(APP, "tar", "-xzf", tarball, "--strip-components=1", "-C", target);
  rmSync(folder, { recursive: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

async function isUp(url: string): Promise<void> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(100)) {
    // Any response will do, also a 404.
    if (await fetch(`${url}/none`).catch(() => undefined)) return;
  }
  throw new Error(`nothing listens on ${url}`);
}

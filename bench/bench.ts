// `npm run bench` compares the speed of the package with hand-written code. The contenders take turns, so that other load on the
// machine affects them equally. Compare the ratios, not the times.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bearerFetch,
  createTokenSource,
  isExpired,
  memoryStore,
  type OAuth2TokenResponse,
} from "oauth2-token-response";
import { bearerMiddleware, ReplayableRequest } from "oauth2-token-response/openapi-fetch";
import { OAuth2TokenResponseSchema } from "oauth2-token-response/schemas";
import createClient, { type Middleware } from "openapi-fetch";

/** The code to measure. */
type Contender = () => unknown;

const folder = mkdtempSync(join(tmpdir(), "bench-"));
try {
  const cli = ["node_modules/openapi-typescript/bin/cli.js", "openapi.yaml", "-o", join(folder, "out.ts")];
  await compare("npm run generate, as whole processes", 11, 1, {
    "openapi-typescript openapi.yaml": () => runNode(cli),
    "generate (lint, types, names, checks, pages)": () => runNode(["--import", "tsx/esm", "scripts/generate.ts"]),
  });
} finally {
  rmSync(folder, { recursive: true });
}

const requestedAt = new Date();
const response = { access_token: "t", expires_in: 7200, created_at: Math.floor(requestedAt.getTime() / 1000) };
await compare("is it expired?", 200, 2000, {
  "by hand: Date.now() >= sentAt + expires_in * 1000": () =>
    Date.now() >= requestedAt.getTime() + response.expires_in * 1000,
  "isExpired(response, { requestedAt, leeway: 10 })": () => isExpired(response, { requestedAt, leeway: 10 }),
});

const body: unknown = { ...response, scope: "enterprise.company", token_type: "Bearer" };
await compare("is it as described?", 400, 20_000, {
  "by hand: a line for each field, the value or an issue": () =>
    isTokenResponse(body) ? { value: body } : { issues: [{ message: "no token response" }] },
  "by hand: true or false": () => isTokenResponse(body),
  "OAuth2TokenResponseSchema, ~standard.validate": () => OAuth2TokenResponseSchema["~standard"].validate(body),
});

const tokens = createTokenSource({ request: async () => response });
const sharing = createTokenSource({
  request: async () => response,
  sharedSecret: "a secret of 32 characters or more",
  tokenName: "bench",
  store: memoryStore(),
});
await Promise.all([tokens.get(), sharing.get()]);
await compare("a cached token", 200, 2000, {
  "await Promise.resolve()": () => Promise.resolve(response),
  "await tokens.get()": () => tokens.get(),
  "await tokens.get(), with a store": () => sharing.get(),
});

/** The middleware of openapi-fetch's docs. It cannot replay a call. */
const fiveLines: Middleware = {
  async onRequest({ request }) {
    const token = await Promise.resolve("t");
    request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
};
const origins = ["https://api.test"];
const clients = {
  "the five lines of openapi-fetch's docs": clientWith(fiveLines),
  "bearerMiddleware(tokens), ReplayableRequest": clientWith(bearerMiddleware(tokens, { origins }), ReplayableRequest),
  "bearerMiddleware(tokens), plain Request": clientWith(bearerMiddleware(tokens, { origins })),
};
for (const method of ["GET", "POST"] as const) {
  const init = method === "POST" ? { body: { text: "x".repeat(189) } } : {};
  const calls = Object.entries(clients).map(([name, api]): [string, Contender] => [name, () => api[method]("/", init)]);
  await compare(
    `${method}${method === "POST" ? " of 200 bytes" : ""}, with a stub fetch`,
    300,
    100,
    Object.fromEntries(calls),
  );
}

// A stub that converts its arguments as `fetch` does, and a server on loopback.
const stub = async (input: unknown, init?: RequestInit) => {
  new Request(input as string, init);
  return new Response("{}", { headers: { "Content-Length": "2" } });
};
const server = createServer((request, response) => {
  request.resume().on("end", () => response.end("{}"));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const loopback = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const authorization = (await tokens.get()).authorization;
const bodies = { GET: undefined, "POST of 200 bytes": "x".repeat(200), "POST of 10 MB": new Uint8Array(1e7) };
for (const [target, origin, send, rounds] of [
  ["a stub fetch", "https://api.test", stub as typeof fetch, 300],
  ["loopback", loopback, fetch, 60],
] as const) {
  const authorised = bearerFetch(tokens, { origins: [origin], fetch: send });
  for (const [kind, body] of Object.entries(bodies)) {
    const init = { ...(body && { method: "POST", body }) };
    const isLarge = kind.endsWith("MB");
    await compare(`${kind}, with ${target}`, isLarge ? 15 : rounds, isLarge ? 1 : 100, {
      "fetch(url, { …, headers })": async () =>
        (await send(`${origin}/`, { ...init, headers: { Authorization: authorization } })).text(),
      "bearerFetch(tokens)(url, { … })": async () => (await authorised(`${origin}/`, init)).text(),
    });
  }
}
server.close();
server.closeAllConnections();

/** Reports whether a value is a token response, as users would write it by hand. */
function isTokenResponse(value: unknown): value is OAuth2TokenResponse {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { access_token, created_at, expires_in, scope, token_type } = value as Record<string, unknown>;
  return (
    (access_token === undefined || typeof access_token === "string") &&
    (created_at === undefined || Number.isInteger(created_at)) &&
    (expires_in === undefined || Number.isInteger(expires_in)) &&
    (scope === undefined || typeof scope === "string") &&
    (token_type === undefined || token_type === "Bearer")
  );
}

function clientWith(middleware: Middleware, Request = globalThis.Request) {
  const fetch = async () => new Response("{}", { headers: { "Content-Length": "2" } });
  // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
  const api = createClient<any>({ baseUrl: "https://api.test", fetch, Request });
  api.use(middleware);
  return api;
}

function runNode(args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed:\n${stderr}`);
}

/** Prints the median time of each contender and its ratio to the first one. `npm run bench -- WORD` selects titles with that word. */
async function compare(
  title: string,
  rounds: number,
  repeat: number,
  contenders: Record<string, Contender>,
): Promise<void> {
  if (!title.includes(process.argv[2] ?? "")) return;
  const times = Object.entries(contenders).map(([name, run]) => ({ name, run, all: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { run, all } of times) {
      const begun = performance.now();
      for (let count = 0; count < repeat; count++) {
        const result = run();
        if (result instanceof Promise) await result;
      }
      all.push((performance.now() - begun) / repeat);
    }
  }
  console.log(`\n${title}`);
  const [first = Number.NaN] = times.map(({ all }) => median(all));
  for (const { name, all } of times) {
    const ms = median(all);
    const time =
      ms > 10 ? `${ms.toFixed(0)} ms` : ms > 1e-4 ? `${(ms * 1000).toFixed(2)} µs` : `${(ms * 1e6).toFixed(1)} ns`;
    console.log(`  ${(ms / first).toFixed(2).padStart(6)} x  ${time.padStart(9)}  ${name}`);
  }
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

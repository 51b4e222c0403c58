// `npm run check:package`: packs the package and tries the tarball as its users would. publint and attw look at it; then, in
// an empty folder where it is installed alone, the README's programs are type-checked by TypeScript old, present and next, and
// run. At last a program that names every entry point is checked against the types of each platform, and loaded without `Request`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { startProvider } from "../test/provider/provider.ts";
import { snippetsIn } from "../test/snippets.ts";

/** What there is of the Web, by the platform's types. */
const PLATFORMS: Record<string, { lib: string[]; types: string[] }> = {
  "lib dom": { lib: ["es2023", "dom"], types: [] },
  "@types/node": { lib: ["es2023"], types: ["node"] },
  "@cloudflare/workers-types": { lib: ["es2023"], types: ["@cloudflare/workers-types"] },
};

/** Names every entry point, and passes to each whatever has a type of the platform. */
const SURFACE = `
import { type AccessToken, bearerFetch, createTokenSource, memoryStore, requestToken, share } from "oauth2-token-response";
import { isExpired } from "oauth2-token-response/expiry";
import { bearerMiddleware, ReplayableRequest } from "oauth2-token-response/openapi-fetch";
import { redisStore } from "oauth2-token-response/redis";
import { OAuth2TokenResponseSchema } from "oauth2-token-response/schemas";
import { testTokenStore } from "oauth2-token-response/testing";
import createClient from "openapi-fetch";

const client = { baseUrl: "https://example.com", clientId: "id", clientSecret: "secret", scope: "a" };
const { signal } = new AbortController();
export const stores = [memoryStore(), share(memoryStore()), redisStore(async () => [])];
export const tokens = createTokenSource({ ...client, fetch, store: memoryStore() });
export const api = createClient<{}>({ baseUrl: client.baseUrl, Request: ReplayableRequest });
api.use(bearerMiddleware(tokens));
export const send: typeof fetch = bearerFetch(tokens, { fetch });
export async function main(): Promise<[Response, AccessToken]> {
  await testTokenStore(() => memoryStore());
  const request = new ReplayableRequest(client.baseUrl, { method: "POST", body: new FormData(), signal });
  return [await send(request), await requestToken({ ...client, fetch, signal })];
}
export const [isOver, { issues }] = [isExpired({}), await OAuth2TokenResponseSchema["~standard"].validate({})];
`;

const PACKAGE = JSON.parse(readFileSync("package.json", "utf8"));
const root = resolve(".");
/** The tools have a package of their own. */
const tools = resolve("tools/packaging");
const COMPILERS = [
  join(tools, "node_modules/typescript5.4"),
  join(root, "node_modules/typescript"),
  join(root, "node_modules/typescript7"),
];
const folder = mkdtempSync(join(tmpdir(), "check-package-"));
const provider = await startProvider();
try {
  const [packed] = JSON.parse(await run(root, "npm", "pack", "--json", "--silent", "--pack-destination", folder));
  const tarball = join(folder, packed.filename);
  step("files", packed.files.map(({ path }: { path: string }) => path).join(" "));

  await run(tools, "npx", "publint", "run", tarball, "--strict");
  step("publint", "strict, nothing to say");

  // ESM only, on purpose: neither `require` nor the resolution of Node 10 is supported.
  await run(tools, "npx", "attw", tarball, "--profile", "esm-only");
  step("attw", "types resolve from ESM in Node and in bundlers");

  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
  await run(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", tarball);
  const programs = snippetsIn(readFileSync("README.md", "utf8"), "ts").map((code, index) => {
    writeFileSync(join(folder, `snippet${index}.ts`), code);
    return `snippet${index}`;
  });
  const flags = ["--strict", "--skipLibCheck", "false", "--module", "nodenext", "--target", "es2022"];
  for (const compiler of COMPILERS) {
    const tsc = join(compiler, "bin/tsc");
    await run(folder, process.execPath, tsc, ...flags, ...programs.map((program) => `${program}.ts`));
    const version = await run(folder, process.execPath, tsc, "--version");
    step("types", `${programs.length} programs of the README under ${version.trim()}, strict, libraries checked`);
  }
  const preload = pathToFileURL(join(root, "test/provider/redirect.mjs")).href;
  for (const program of programs) {
    const output = await run(folder, process.execPath, "--import", preload, `${program}.js`);
    step("run", output.trim().replaceAll("\n", "\n         "));
  }

  const types = ["@types/node", "openapi-fetch"].map((name) => `${name}@${PACKAGE.devDependencies[name]}`);
  await run(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", ...types, "@cloudflare/workers-types@5");
  writeFileSync(join(folder, "surface.ts"), SURFACE);
  for (const [platform, types] of Object.entries(PLATFORMS)) {
    const compilerOptions = { strict: true, module: "nodenext", target: "es2022", skipLibCheck: false, ...types };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["surface.ts"] }));
    await run(folder, process.execPath, join(root, "node_modules/typescript/bin/tsc"));
    step("platform", `every entry point compiles with ${platform}`);
  }
  await run(folder, process.execPath, "--eval", 'delete globalThis.Request; await import("./surface.js")');
  step("platform", "and loads where there is no `Request`");
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  await provider.close();
  rmSync(folder, { recursive: true });
}

async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, PROVIDER_URL: provider.baseUrl };
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  if (code === 0) return out;
  throw new Error(`\`${command} ${args.join(" ")}\` failed:\n${out}${err}`);
}

function step(name: string, found: string): void {
  console.log(`${name.padEnd(8)} ${found}`);
}

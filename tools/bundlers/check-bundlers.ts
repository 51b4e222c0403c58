// `npm run check:bundlers` tests the packed package with each bundler, with Jest and with `require`. Each program uploads to an
// API that rejects the first token, so the body must be sent again.

import { cpSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startEchoServer } from "../../test/provider/echo.ts";
import { startProvider } from "../../test/provider/provider.ts";
import { installAlone, pack } from "../packaging/pack.ts";
import { row, run } from "../packaging/rows.ts";

/** The folder of the programs and of the package that installs the bundlers. */
const TOOLS = resolve("tools/bundlers");
const PROGRAMS = ["calls.js", "app.js", "app.cjs", "main-only.js", "node.test.js", "jsdom.test.js", "jest.config.json"];
/** The first Node 22 that can load ES modules with `require`. */
const OTHER_NODE = "node@22.12.0";
const BODY = "the whole body";
const BOTH = ["/fetch", "/middleware"];

const folder = mkdtempSync(join(tmpdir(), "check-bundlers-"));
try {
  const { tarball } = await pack(folder);
  await installAlone(folder, tarball);
  for (const name of PROGRAMS) cpSync(join(TOOLS, name), join(folder, name));
  for (const name of ["openapi-fetch", "jest-environment-jsdom"]) {
    symlinkSync(join(TOOLS, "node_modules", name), join(folder, "node_modules", name));
  }
  for (const bundler of ["esbuild", "vite", "webpack", "rspack"]) {
    await row(bundler, () => bundled(bundler, "app.js", BOTH));
  }
  await row("parcel, main entry alone", () => bundled("parcel", "main-only.js", ["/fetch"]));
  const packageExports = { "@parcel/resolver-default": { packageExports: true } };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", ...packageExports }));
  await row("parcel, with packageExports", () => bundled("parcel", "app.js", BOTH));
  await row("jest, environment of Node", () => jest("node.test.js", BOTH));
  await row("jest, jsdom without `Request`", () => jest("jsdom.test.js", []));
  await row(`require, Node ${process.versions.node}`, () => called(BOTH, process.execPath, "app.cjs"));
  await row(`require, ${OTHER_NODE}`, () => called(BOTH, "npx", "-y", OTHER_NODE, "app.cjs"));
} finally {
  rmSync(folder, { recursive: true });
}

async function bundled(bundler: string, program: string, paths: readonly string[]): Promise<string> {
  const printed = await run(folder, process.execPath, join(TOOLS, "bundle.js"), bundler, program);
  const bundle = printed.trim().split("\n").at(-1) ?? "";
  return `${await called(paths, process.execPath, bundle)}; ${Math.round(statSync(bundle).size / 1000)} kB`;
}

function jest(test: string, paths: readonly string[]): Promise<string> {
  const program = join(TOOLS, "node_modules/jest/bin/jest.js");
  const flags = ["--no-warnings", "--experimental-vm-modules"];
  return called(paths, process.execPath, ...flags, program, "--config", "jest.config.json", test);
}

/**
 * Runs a program with the URLs of a token endpoint and of an API in its environment, and checks the calls that it makes.
 *
 * @param paths the paths of the API that it must call, each of which rejects the first token
 */
async function called(paths: readonly string[], command: string, ...args: string[]): Promise<string> {
  const [provider, api] = [await startProvider(), await startEchoServer()];
  Object.assign(process.env, { TOKEN_URL: `${provider.baseUrl}/oauth2/token`, API_URL: api.origin });
  api.rejected.add("rejected");
  for (const token of paths.flatMap(() => ["rejected", "accepted"])) {
    provider.answerNext((response) => response.end(JSON.stringify({ access_token: token, expires_in: 3600 })));
  }
  try {
    await run(folder, command, ...args);
  } finally {
    await Promise.all([provider.close(), api.close()]);
  }
  const calls = api.seen.map(({ url, authorization, body }) => `${url} ${authorization} ${body}`);
  const expected = paths.flatMap((path) => ["rejected", "accepted"].map((token) => `${path} Bearer ${token} ${BODY}`));
  if (calls.join() !== expected.join()) throw new Error(`the API was sent\n${calls.join("\n")}`);
  return "sent again after a 401, body included";
}

// The examples run, each in a process of its own; the first one is short, and says what is wrong with its environment.

import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProgram, start } from "./program.ts";
import { CLIENT, type Provider, startProvider } from "./provider/provider.ts";

test("npm start takes less than 10 s", () => {
  const begun = performance.now();
  expect(spawnSync("npm", ["start", "--silent"]).status).toBe(0);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test("npm start prints the lifetime of a token step by step, without secrets, and exits with code 0", async () => {
  const { code, out } = await start({}, "npm", ["start", "--silent"]);
  expect(code).toBe(0);
  const labels = out.split("\n").map((line) => line.slice(0, 9).trim());
  expect(labels.filter(Boolean)).toEqual([
    "provider",
    "token",
    "logged",
    "used",
    "waiting",
    "expired",
    "refused",
    "renewed",
    "refused",
    "a crowd",
  ]);
  expect(out).toMatch(/^used .*GET \/companies: 200$/m);
  expect(out).toMatch(/^refused .*GET \/companies: 401 .*error="invalid_token"/m);
  expect(out).toMatch(/^refused .*401 invalid_client/m);
  expect(out).toMatch(/^a crowd .*: 1000 x 200, 2 token requests$/m);
  expect(out).not.toMatch(/test_|your-client-secret/);
  expect(stripVTControlCharacters(out)).toBe(out);
});

test.each([
  [
    "half an environment",
    { OAUTH2_BASE_URL: "https://127.0.0.1:65530" },
    /^failed +Error: set all of OAUTH2_BASE_URL, .* or none/,
  ],
  [
    "an endpoint that is not there",
    { OAUTH2_BASE_URL: "https://127.0.0.1:65530", OAUTH2_CLIENT_ID: "id", OAUTH2_CLIENT_SECRET: "0SECRET" },
    /\nfailed +TokenRequestError: https:\/\/127.0.0.1:65530\/oauth2\/token: no complete response \(connect ECONNREFUSED .*\): TypeError: fetch failed/,
  ],
  [
    "a base URL that is none",
    { OAUTH2_BASE_URL: "localhost", OAUTH2_CLIENT_ID: "id", OAUTH2_CLIENT_SECRET: "0SECRET" },
    /\nfailed +TypeError: `baseUrl` must be/,
  ],
])("npm start says in one line what is wrong with %s, and exits with 1", async (_, env, line) => {
  const { code, out, err } = await start(env);
  expect({ code, err }).toEqual({ code: 1, err: "" });
  expect(out).toMatch(line);
  expect(out).not.toContain("0SECRET");
});

describe("an example", () => {
  let provider: Provider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());

  // What only Workers have.
  const WORKERS = `
    import { register } from "node:module";
    globalThis.background = [];
    const module = \`
      export const env = { OAUTH2_CLIENT_ID: "${CLIENT.clientId}", OAUTH2_CLIENT_SECRET: "${CLIENT.clientSecret}" };
      export const waitUntil = (promise) => globalThis.background.push(promise);\`;
    const url = "data:text/javascript," + encodeURIComponent(module);
    const hooks = \`export const resolve = (name, context, next) =>
      name === "cloudflare:workers" ? { url: "\${url}", shortCircuit: true } : next(name, context);\`;
    register("data:text/javascript," + encodeURIComponent(hooks));
    const { default: handler } = await import("./examples/serverless.ts");`;
  const HANDLE = `${WORKERS}
    const answers = [1, 2].map(() => handler.fetch(new Request("https://handler.test")));
    for (const answer of await Promise.all(answers)) console.log(answer.status, await answer.text());
    console.log(background.length);`;

  test.each([
    ["openapi-fetch", ["examples/openapi-fetch.ts"], /^200 \[\]\n$/],
    ["plain fetch", ["examples/plain-fetch.ts"], /^(200 \{ companies: \[\] \}\n){10}$/],
    ["ky", ["examples/ky.ts"], /^\{ companies: \[\] \}\n$/],
    ["a serverless handler", ["--input-type=module", "--eval", HANDLE], /^(200 \{"companies":\[\]\}\n){2}1\n$/],
  ])("with %s runs, and asks for one token", async (_, program, expected) => {
    const before = provider.tokenRequests;
    const { out, err } = await runProgram({ PROVIDER_URL: provider.baseUrl }, ...program);
    expect(err).toBe("");
    expect(out).toMatch(expected);
    expect(provider.tokenRequests).toBe(before + 1);
  });

  test("of a serverless handler answers 503, and when to try again, where there is no token", async () => {
    provider.answerNext((response) => response.writeHead(400, { "Retry-After": "300" }).end());
    const { out } = await runProgram(
      { PROVIDER_URL: provider.baseUrl },
      "--input-type=module",
      "--eval",
      `${WORKERS}
      const { status, headers } = await handler.fetch(new Request("https://handler.test"));
      console.log(status, Date.parse(headers.get("Retry-After")) - Date.now() > 50_000);`,
    );
    expect(out).toBe("503 true\n");
  });
});

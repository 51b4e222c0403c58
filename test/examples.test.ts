// The examples are programs that run, as `npm start` runs them: each in a process of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "./program.ts";
import { CLIENT, type Provider, startProvider } from "./provider/provider.ts";

const PROGRAM = ["--import", "tsx/esm", "examples/quickstart.ts"];

/** Runs the first example with no environment but this one: as `npm start` does it, or without npm, which takes as long again. */
async function start(env: Record<string, string> = {}, command = process.execPath, args = PROGRAM) {
  const { OAUTH2_BASE_URL, OAUTH2_CLIENT_ID, OAUTH2_CLIENT_SECRET, ...inherited } = process.env;
  const child = spawn(command, args, { env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, out, err };
}

describe("npm start", () => {
  test("runs the first example", () => {
    expect(JSON.parse(readFileSync("package.json", "utf8")).scripts.start).toBe(`node ${PROGRAM.join(" ")}`);
  });

  test("tells a token's whole life, and ends by itself", async () => {
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

  test("talks to the provider that the environment names, and does not outwait a long token", async () => {
    const provider = await startProvider();
    const { clientId, clientSecret } = CLIENT;
    const env = { OAUTH2_BASE_URL: provider.baseUrl, OAUTH2_CLIENT_ID: clientId, OAUTH2_CLIENT_SECRET: clientSecret };
    const { code, out } = await start(env);
    await provider.close();
    expect(code).toBe(0);
    expect(out).toContain(provider.baseUrl);
    expect(out).toMatch(/^expiry .*does not wait for$/m);
    expect(provider.tokenRequests).toBe(1);
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
      /\nfailed +TokenRequestError: https:\/\/127.0.0.1:65530\/: no complete response: TypeError: fetch failed: .*ECONNREFUSED/,
    ],
    [
      "a base URL that is none",
      { OAUTH2_BASE_URL: "localhost", OAUTH2_CLIENT_ID: "id", OAUTH2_CLIENT_SECRET: "0SECRET" },
      /\nfailed +TypeError: `baseUrl` must be/,
    ],
  ])("says in one line what is wrong with %s, and exits with 1", async (_, env, line) => {
    const { code, out, err } = await start(env);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(line);
    expect(out).not.toContain("0SECRET");
  });
});

describe("an example", () => {
  let provider: Provider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());

  const HANDLE = `import handler from "./examples/serverless.ts";
    const answers = [1, 2].map(() => handler.fetch(new Request("https://handler.test")));
    for (const answer of await Promise.all(answers)) console.log(answer.status, await answer.text());`;

  test.each([
    ["openapi-fetch", ["examples/openapi-fetch.ts"], /^200 \[ 'enterprise.company' \]\n$/],
    ["plain fetch", ["examples/plain-fetch.ts"], /^(200 \{ companies: \[\] \}\n){10}$/],
    ["ky", ["examples/ky.ts"], /^\{ companies: \[\] \}\n$/],
    ["a serverless handler", ["--input-type=module", "--eval", HANDLE], /^(200 \{"companies":\[\]\}\n){2}$/],
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
      `import handler from "./examples/serverless.ts";
      const { status, headers } = await handler.fetch(new Request("https://handler.test"));
      console.log(status, Date.parse(headers.get("Retry-After")) - Date.now() > 50_000);`,
    );
    expect(out).toBe("503 true\n");
  });
});

// The first run is short, and says what is wrong with its environment.

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { start } from "./program.ts";

test("npm start takes less than 10 s", () => {
  const begun = performance.now();
  expect(spawnSync("npm", ["start", "--silent"]).status).toBe(0);
  expect(performance.now() - begun).toBeLessThan(10_000);
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

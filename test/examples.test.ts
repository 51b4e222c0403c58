// The quickstart runs in a process of its own, as `npm start` runs it.

import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { QUICKSTART, start } from "./program.ts";
import { CLIENT, startProvider } from "./provider/provider.ts";

// As the programs have it.
vi.unmock("../src/generated/endpoints.ts");

describe("npm start", () => {
  test("runs examples/quickstart.ts", () => {
    expect(JSON.parse(readFileSync("package.json", "utf8")).scripts.start).toBe(`node ${QUICKSTART.join(" ")}`);
  });

  test("uses the provider that the environment names, and does not wait for the expiry of a long token", async () => {
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
});

// Runs the examples that need packages of their own or take long, each in a process of its own.

import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../program.ts";
import { api } from "./fixtures/server.ts";

/** Here they find the packages of this folder; `tsconfig.json` checks the copies. */
const FOLDER = "test/clients/generated/examples";

beforeAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const name of ["axios", "mcp", "openid-client", "opentelemetry"]) {
    copyFileSync(`examples/${name}.ts`, `${FOLDER}/${name}.ts`);
  }
});

const run = (...program: string[]) => runProgram({ PROVIDER_URL: api.url }, ...program);

describe("an example", () => {
  test.each([
    ["axios", /^\{ name: 'Zoë & Söhne' \}\n$/],
    ["mcp", /^\[ \{ type: 'text', text: 'Zoë & Söhne' \} \]\n$/],
    ["opentelemetry", /^Bearer token, scope "enterprise.company"/],
  ])("with %s runs, and asks for one token", async (name, expected) => {
    const before = api.provider.tokenRequests;
    const { out, err } = await run(`${FOLDER}/${name}.ts`);
    expect(err).toBe("");
    expect(out).toMatch(expected);
    expect(api.provider.tokenRequests).toBe(before + 1);
  });

  test("with openid-client sends an assertion that its key has signed", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    process.env["OAUTH2_PRIVATE_KEY"] = JSON.stringify({ ...(await exportJWK(privateKey)), kid: "1" } satisfies JWK);
    api.clientKey = publicKey;
    const { out, err } = await run(`${FOLDER}/openid-client.ts`);
    expect({ out, err }).toEqual({ out: "{ name: 'Zoë & Söhne' }\n", err: "" });
    expect(api.assertions).toBe(1);
  });

  test("with OpenTelemetry counts requests, rejections and refreshes, with few values for errors", async () => {
    const { out, err } = await run("test/clients/fixtures/opentelemetry-program.ts");
    expect(err).toBe("");
    expect(out.split("\n").slice(1, -1)).toEqual([
      "oauth2.token.requests {} 1",
      'oauth2.token.rejections {"current":true} 1',
      "oauth2.token.refresh.duration {} 1",
      'oauth2.token.refresh.duration {"error.type":"invalid_client"} 1',
      'oauth2.token.refresh.duration {"error.type":"400"} 1',
    ]);
  });

  test("of many tenants requests a token for each, and drops no tenant with a call under way", async () => {
    const program = `
      import { fetchAs } from "./examples/many-tenants.ts";
      const asked = [];
      let finish;
      const slow = new Promise((resolve) => { finish = resolve; });
      globalThis.fetch = async (url, init) => {
        if (String(url).endsWith("/companies")) return new Response();
        if (String(url).endsWith("/slow")) return slow.then(() => new Response());
        asked.push(JSON.parse(init.body).client_id);
        return Response.json({ access_token: "t", token_type: "Bearer", expires_in: 3600 });
      };
      const call = (id, path = "/companies") => fetchAs({ id, clientId: id, clientSecret: "a" }, path);
      await call("first");
      const served = call("served", "/slow");
      for (let index = 0; index < 1000; index++) {
        await call(String(index));
        if (index === 500) await call("0");
      }
      await Promise.all([call("served"), call("999"), call("0"), call("first")]);
      finish();
      await served;
      console.log(asked.length, asked.at(-1), asked.filter((id) => id === "served").length);
      await call("").catch((error) => console.log(error.message));`;
    const { out, err } = await runProgram({ PROVIDER_URL: "" }, "--input-type=module", "--eval", program);
    expect({ out, err }).toEqual({ out: "1003 first 1\na tenant has no id\n", err: "" });
  });
});

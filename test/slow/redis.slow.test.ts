// For each Redis client, the line of `docs/fleet.md` creates a store that passes `testTokenStore`. Without the line the client is
// rejected.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { createTokenSource, type SharedStore } from "oauth2-token-response";
import { redisStore } from "oauth2-token-response/redis";
import { testTokenStore } from "oauth2-token-response/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LINES, storeModule } from "../redis/clients.ts";
import { describeWithRedis } from "../redis/server.ts";
import { typeErrorsIn, writeSnippets } from "../snippets.ts";
import { CLIENTS, type Connection } from "./clients.ts";
import { type RedisServers, startRedisServers } from "./redis-servers.ts";

// Beside the clients, which are installed here.
const FOLDER = "test/slow/.snippets";
/** Bun's own types would change those of `fetch`. */
const BUN = { name: "Bun", library: "bun", type: "{ send(command: string, args: string[]): Promise<unknown> }" };
/** One module for each type of a client. */
const MODULES = [...CLIENTS, BUN].map(({ name, library, type }) => storeModule(name, library, type));
const moduleOf = ({ library, type }: { library: string; type: string }) =>
  resolve(FOLDER, `${storeModule("", library, type).name}.ts`);

beforeAll(() => writeSnippets(FOLDER, MODULES));

test("docs/fleet.md has a line for each client that is tested here, and for no other", () => {
  expect(Object.keys(LINES).sort()).toEqual([...new Set([...CLIENTS, BUN].map(({ name }) => name))].sort());
});

test("the lines of docs/fleet.md compile with the types of the clients", () => {
  expect(typeErrorsIn(FOLDER)).toEqual([]);
});

describeWithRedis("redisStore", () => {
  let servers: RedisServers;
  beforeAll(async () => {
    servers = await startRedisServers();
  });
  afterAll(() => servers.close());

  describe.each(CLIENTS)("with $library, $kind", (row) => {
    let connection: Connection;
    let store: SharedStore;
    beforeAll(async () => {
      connection = await row.connect(servers);
      const { makeStore } = await import(moduleOf(row));
      store = makeStore(connection.client);
    });
    afterAll(() => connection.close());

    test("passes testTokenStore", () => testTokenStore(() => store));

    test("lets two sources share a token", async () => {
      let requests = 0;
      const failures: unknown[] = [];
      const join = () =>
        createTokenSource({
          request: async () => ({ access_token: `token-${++requests}`, expires_in: 3600 }),
          sharedSecret: "a secret of at least 32 characters",
          tokenName: `${row.library} ${row.kind}`,
          store,
          storeTimeoutMs: 5000,
          onEvent: (event) => event.type === "storeFailed" && failures.push(event.error),
        });
      const tokens = await Promise.all([join().get(), join().get()]);
      expect(failures).toEqual([]);
      expect(tokens.map(({ value }) => value)).toEqual(["token-1", "token-1"]);
    });

    if (row.name === "node-redis") return;
    test("throws for the plain client, with the line for it", () => {
      expect(() => redisStore(connection.client as never)).toThrow(
        expect.objectContaining({ name: "TypeError", message: expect.stringContaining(LINES[row.name] ?? "-") }),
      );
    });
  });

  test("passes testTokenStore with Bun's client, which it rejects without the line", () => {
    const args = ["--yes", "--silent", "bun", "test/slow/bun-redis.ts", servers.node.url, moduleOf(BUN)];
    const { stdout, stderr } = spawnSync("npx", args, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toBe("passed\nshared\nrejected: RedisClient, redis\n");
  });
});

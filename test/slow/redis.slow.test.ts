// What `store.test.ts` tests on one node, with the newer of two versions of node-redis that are in use: the older one, and a cluster.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redisStore } from "oauth2-token-response/redis";
import { testTokenStore } from "oauth2-token-response/testing";
import { createClient, createCluster } from "redis";
import { createClient as createClient5 } from "redis5";
import { expect, test } from "vitest";
import { describeWithRedis, startRedis } from "../redis/server.ts";

describeWithRedis("redisStore", () => {
  test("keeps what a store promises, with node-redis 5", async () => {
    const redis = await startRedis();
    const client = await createClient5({ url: redis.url }).connect();
    await testTokenStore(() => redisStore(client));
    client.destroy();
    await redis.kill();
  });

  test("keeps what a store promises, with a cluster", async () => {
    const folder = mkdtempSync(join(tmpdir(), "redis-"));
    const node = await startRedis("--cluster-enabled", "yes", "--dir", folder);
    const setup = await createClient({ url: node.url }).connect();
    await setup.sendCommand(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    await expect.poll(() => setup.sendCommand(["CLUSTER", "INFO"]), { timeout: 10_000 }).toContain("cluster_state:ok");
    const cluster = createCluster({ rootNodes: [{ url: node.url }] });
    await cluster.connect();
    await testTokenStore(() => redisStore(cluster));
    cluster.destroy();
    setup.destroy();
    await node.kill();
    rmSync(folder, { recursive: true });
  });
});

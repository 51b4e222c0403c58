// node-redis has two versions that are in use; the newer one is in `store.test.ts`.

import { redisStore } from "oauth2-token-response/redis";
import { testTokenStore } from "oauth2-token-response/testing";
import { createClient } from "redis5";
import { test } from "vitest";
import { describeWithRedis, startRedis } from "../redis/server.ts";

describeWithRedis("redisStore", () => {
  test("keeps what a store promises, with node-redis 5", async () => {
    const redis = await startRedis();
    const client = await createClient({ url: redis.url }).connect();
    await testTokenStore(() => redisStore(client));
    client.destroy();
    await redis.kill();
  });
});

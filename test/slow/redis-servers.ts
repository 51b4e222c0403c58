// What a store in Redis can be on: a single node, a cluster of one node, and a sentinel that watches the single node.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { expect, vi } from "vitest";
import { type RedisServer, startRedis } from "../redis/server.ts";

export interface RedisServers {
  readonly node: RedisServer;
  readonly cluster: RedisServer;
  readonly sentinel: RedisServer;
  close(): Promise<void>;
}

export async function startRedisServers(): Promise<RedisServers> {
  const folder = mkdtempSync(join(tmpdir(), "redis-"));
  const node = await startRedis();
  const [cluster, sentinel] = await Promise.all([startCluster(folder), startSentinel(folder, node)]);
  return {
    node,
    cluster,
    sentinel,
    async close() {
      await Promise.all([node, cluster, sentinel].map((server) => server.kill()));
      rmSync(folder, { recursive: true });
    },
  };
}

async function startCluster(folder: string): Promise<RedisServer> {
  const cluster = await startRedis("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--dir", folder);
  const setup = await createClient({ url: cluster.url }).connect();
  await setup.sendCommand(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
  await vi.waitFor(
    async () => expect(await setup.sendCommand(["CLUSTER", "INFO"])).toContain("cluster_state:ok"),
    10_000,
  );
  setup.destroy();
  return cluster;
}

/** It writes its state into its configuration. */
async function startSentinel(folder: string, { port }: RedisServer): Promise<RedisServer> {
  const file = join(folder, "sentinel.conf");
  writeFileSync(file, `sentinel monitor primary 127.0.0.1 ${port} 1\n`);
  return startRedis(file, "--sentinel");
}

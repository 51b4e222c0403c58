// The clients of Redis that people have, connected to real servers.

import { Redis as Upstash } from "@upstash/redis";
import { GlideClient, GlideClusterClient } from "@valkey/valkey-glide";
import * as ioredis from "ioredis";
import * as ioredis5 from "ioredis5";
import * as redis from "redis";
import * as redis5 from "redis5";
import type { RedisServer } from "../redis/server.ts";
import type { RedisServers } from "./redis-servers.ts";
import { startUpstash } from "./upstash-server.ts";

export interface Connection {
  readonly client: unknown;
  close(): unknown;
}

export interface ClientRow {
  /** The library's name in `docs/fleet.md`. */
  readonly name: string;
  readonly library: string;
  readonly kind: string;
  /** The type of the client; `library` stands for the module. */
  readonly type: string;
  connect(servers: RedisServers): Promise<Connection>;
}

const addressOf = ({ port }: RedisServer) => ({ host: "127.0.0.1", port });

/** Version 5 has the same functions. */
function nodeRedis(library: string, { createClient, createClientPool, createCluster, createSentinel }: typeof redis) {
  const row = (kind: string, create: (servers: RedisServers) => { connect(): unknown; destroy(): unknown }) => ({
    name: "node-redis",
    library,
    kind,
    type: `ReturnType<typeof library.${kind}>`,
    async connect(servers: RedisServers) {
      const client = create(servers);
      await client.connect();
      return { client, close: () => client.destroy() };
    },
  });
  return [
    row("createClient", ({ node }) => createClient({ url: node.url })),
    row("createClientPool", ({ node }) => createClientPool({ url: node.url })),
    row("createCluster", ({ cluster }) => createCluster({ rootNodes: [{ url: cluster.url }] })),
    row("createSentinel", ({ sentinel }) =>
      createSentinel({ name: "primary", sentinelRootNodes: [addressOf(sentinel)] }),
    ),
  ];
}

/** Version 5 has the same classes. */
function ofIoredis(library: string, { Redis, Cluster }: typeof ioredis) {
  const row = (kind: string, create: (servers: RedisServers) => ioredis.Redis | ioredis.Cluster) => ({
    name: "ioredis",
    library,
    kind,
    type: "library.Redis | library.Cluster",
    async connect(servers: RedisServers) {
      const client = create(servers);
      return { client, close: () => client.disconnect() };
    },
  });
  return [
    row("Redis", ({ node }) => new Redis(node.url)),
    row("Redis, which returns numbers as texts", ({ node }) => new Redis(node.url, { stringNumbers: true })),
    row(
      "Redis, through a sentinel",
      ({ sentinel }) => new Redis({ name: "primary", sentinels: [addressOf(sentinel)] }),
    ),
    row("Cluster", ({ cluster }) => new Cluster([addressOf(cluster)])),
  ];
}

const glide = (
  kind: string,
  connect: (servers: RedisServers) => Promise<GlideClient | GlideClusterClient>,
): ClientRow => ({
  name: "Valkey GLIDE",
  library: "@valkey/valkey-glide",
  kind,
  type: "library.GlideClient | library.GlideClusterClient",
  async connect(servers) {
    const client = await connect(servers);
    return { client, close: () => client.close() };
  },
});

const upstash = (kind: string, options: { responseEncoding?: false }): ClientRow => ({
  name: "Upstash",
  library: "@upstash/redis",
  kind,
  type: "library.Redis",
  async connect({ node }) {
    const { url, token, close } = await startUpstash(node.url);
    return { client: new Upstash({ url, token, enableTelemetry: false, ...options }), close };
  },
});

export const CLIENTS: readonly ClientRow[] = [
  ...nodeRedis("redis", redis),
  ...nodeRedis("redis5", redis5 as unknown as typeof redis),
  ...ofIoredis("ioredis", ioredis),
  ...ofIoredis("ioredis5", ioredis5 as unknown as typeof ioredis),
  glide("GlideClient", ({ node }) => GlideClient.createClient({ addresses: [addressOf(node)] })),
  glide("GlideClusterClient", ({ cluster }) => GlideClusterClient.createClient({ addresses: [addressOf(cluster)] })),
  upstash("Redis", {}),
  upstash("Redis, without base64", { responseEncoding: false }),
];

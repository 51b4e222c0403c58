// A store in Redis, through node-redis or any client with the same `eval`.

import { type SharedStore, share } from "./share.ts";

/** What a client needs: node-redis, its cluster and its sentinel have it. */
export interface RedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export interface RedisStoreOptions {
  /** What the keys begin with (default: `oauth2-token-response:`). */
  readonly prefix?: string | undefined;
}

/** Both in one step, so that what is read is never older than the time that it is said to have. */
const READ = `return { redis.call("GET", KEYS[1]), redis.call("PTTL", KEYS[1]) }`;

/** An empty text is none: nothing that is stored is empty. */
const COMPARE_AND_SET = `
if (redis.call("GET", KEYS[1]) or "") ~= ARGV[1] then return 0 end
if ARGV[2] == "" then redis.call("DEL", KEYS[1]) else redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3]) end
return 1`;

/**
 * Creates a store from a connected Redis client.
 *
 * @param client node-redis, or what has the same `eval`; it is neither connected nor closed here
 * @example
 * const redis = await createRedisClient({ url: "redis://localhost", disableOfflineQueue: true }).connect();
 * const store = redisStore(redis);
 * const tokens = createTokenSource({ baseUrl, clientId, clientSecret, scope: ["enterprise.company"], store });
 */
export function redisStore(
  client: RedisClient,
  { prefix = "oauth2-token-response:" }: RedisStoreOptions = {},
): SharedStore {
  return share({
    async read(key) {
      const [value, ttlMs] = (await client.eval(READ, { keys: [prefix + key], arguments: [] })) as [unknown, unknown];
      const text = value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
      return typeof text === "string" ? { value: text, ttlMs: Number(ttlMs) } : undefined;
    },
    async compareAndSet(key, expected = "", next) {
      // Redis takes whole milliseconds, and at least one.
      const ttlMs = String(Math.max(Math.floor(next?.ttlMs ?? 0), 1));
      const values = [expected, next?.value ?? "", ttlMs];
      return Number(await client.eval(COMPARE_AND_SET, { keys: [prefix + key], arguments: values })) === 1;
    },
  });
}

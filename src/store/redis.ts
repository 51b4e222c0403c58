// A store in Redis or Valkey. A client is only needed to run two scripts.

import { type SharedStore, share } from "./share.ts";

/** What a client of node-redis has: a single one, a pool, a cluster and a sentinel. */
export interface RedisClient {
  readonly isOpen: boolean;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** Runs a Lua script on Redis (`EVAL`) and returns its result. */
export type RedisEval = (script: string, keys: string[], args: string[]) => Promise<unknown>;

export interface RedisStoreOptions {
  /** What the keys begin with (default: `oauth2-token-response:`). */
  readonly prefix?: string | undefined;
}

/** Both in one step, so that the value is never older than the time that is read with it. */
const READ = `return { redis.call("GET", KEYS[1]), redis.call("PTTL", KEYS[1]) }`;

/** An empty text means that there is no value: stored values are never empty. */
const COMPARE_AND_SET = `
if (redis.call("GET", KEYS[1]) or "") ~= ARGV[1] then return 0 end
if ARGV[2] == "" then redis.call("DEL", KEYS[1]) else redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3]) end
return 1`;

const HOW_TO_PASS_A_CLIENT = `\`client\` must be a client of node-redis 5 or later, or a function that runs a script:
ioredis: redisStore((script, keys, args) => redis.eval(script, keys.length, ...keys, ...args))
Bun: redisStore((script, keys, args) => redis.send("EVAL", [script, String(keys.length), ...keys, ...args]))
Valkey GLIDE: redisStore((script, keys, args) => redis.customCommand(["EVAL", script, String(keys.length), ...keys, ...args]))
Upstash: redisStore((script, keys, args) => redis.eval(script, keys, args))`;

/**
 * Creates a store from a Redis client, which is neither connected nor closed here.
 *
 * @param client - A client of node-redis, or a function that runs a script with any other client
 * @throws {TypeError} if the client is of another library. The message shows the function for it.
 * @example
 * const redis = await createRedisClient({ url: "redis://localhost", disableOfflineQueue: true }).connect();
 * const store = redisStore(redis);
 * const tokens = createTokenSource({ baseUrl, clientId, clientSecret, scope: ["enterprise.company"], store });
 */
export function redisStore(
  client: RedisClient | RedisEval,
  { prefix = "oauth2-token-response:" }: RedisStoreOptions = {},
): SharedStore {
  const run = evalOf(client);
  return share({
    async read(key) {
      const [value, ttlMs] = (await run(READ, [prefix + key], [])) as [unknown, unknown];
      const text = decoded(value);
      return typeof text === "string" ? { value: text, ttlMs: Number(decoded(ttlMs)) } : undefined;
    },
    async compareAndSet(key, expected = "", next) {
      // Redis takes whole milliseconds, and at least one.
      const ttlMs = String(Math.max(Math.floor(next?.ttlMs ?? 0), 1));
      return Number(decoded(await run(COMPARE_AND_SET, [prefix + key], [expected, next?.value ?? "", ttlMs]))) === 1;
    },
  });
}

function evalOf(client: RedisClient | RedisEval): RedisEval {
  if (typeof client === "function") return client;
  // ioredis, Bun and Upstash have an `eval` with other parameters, and the store would never work. Only node-redis has `isOpen`.
  if (typeof client?.eval !== "function" || typeof client.isOpen !== "boolean") {
    throw new TypeError(HOW_TO_PASS_A_CLIENT);
  }
  return (script, keys, args) => client.eval(script, { keys, arguments: args });
}

/** The text of a result that a client returns as bytes. */
function decoded(result: unknown): unknown {
  return result instanceof Uint8Array ? new TextDecoder().decode(result) : result;
}

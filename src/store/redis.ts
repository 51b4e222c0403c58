// A store in Redis or Valkey. It runs two Lua scripts, with any client library. Nothing about tokens is known here.

import { type SharedStore, share } from "./share.ts";

/** A client of node-redis: a single client, a pool, a cluster or a sentinel. */
export interface RedisClient {
  readonly isOpen: boolean;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** Runs a Lua script on Redis (`EVAL`) and returns its result. */
export type RedisEval = (script: string, keys: string[], args: string[]) => Promise<unknown>;

/** For {@link redisStore}. */
export interface RedisStoreOptions {
  /** The prefix of all keys (default: `oauth2-token-response:`). */
  readonly prefix?: string | undefined;
}

/** Reads the value and its time to live in one step, so that they belong together. */
const READ = `return { redis.call("GET", KEYS[1]), redis.call("PTTL", KEYS[1]) }`;

/** An empty argument means "no value", because stored values are never empty. */
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
 * Creates a store that uses your Redis client. It does not connect or close the client.
 *
 * @param client a client of node-redis, or a function that runs a Lua script with any other client
 * @param options.prefix the prefix of all keys (default: `oauth2-token-response:`)
 * @returns a store for the option `store` of a token source
 * @throws {TypeError} if the client belongs to another library; the message shows the function for it
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
      // Redis accepts only integers from 1 on.
      const ttlMs = String(Math.max(Math.floor(next?.ttlMs ?? 0), 1));
      return Number(decoded(await run(COMPARE_AND_SET, [prefix + key], [expected, next?.value ?? "", ttlMs]))) === 1;
    },
  });
}

function evalOf(client: RedisClient | RedisEval): RedisEval {
  if (typeof client === "function") return client;
  // ioredis, Bun and Upstash have an `eval` with other parameters. Only clients of node-redis have `isOpen`.
  if (typeof client?.eval !== "function" || typeof client.isOpen !== "boolean") {
    throw new TypeError(HOW_TO_PASS_A_CLIENT);
  }
  return (script, keys, args) => client.eval(script, { keys, arguments: args });
}

/** Decodes a result, which some clients return as bytes. */
function decoded(result: unknown): unknown {
  return result instanceof Uint8Array ? new TextDecoder().decode(result) : result;
}

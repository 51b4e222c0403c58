// Run by Bun, which brings its own client of Redis.

import { createTokenSource } from "oauth2-token-response";
import { redisStore } from "oauth2-token-response/redis";
import { testTokenStore } from "oauth2-token-response/testing";

const [url, module] = process.argv.slice(2) as [string, string];
const name: string = "bun";
const { RedisClient, redis } = await import(name);
const { makeStore } = await import(module);

const client = new RedisClient(url);
await testTokenStore(() => makeStore(client));
console.log("passed");

let requests = 0;
const join = () =>
  createTokenSource({
    request: async () => ({ access_token: `token-${++requests}`, expires_in: 3600 }),
    sharedSecret: "a secret of at least 32 characters",
    tokenName: "bun",
    store: makeStore(client),
    storeTimeoutMs: 5000,
  });
const tokens = await Promise.all([join().get(), join().get()]);
if (requests === 1 && tokens.every(({ value }) => value === "token-1")) console.log("shared");

const rejected = Object.entries({ RedisClient: client, redis }).filter(([, one]) => isRejected(one));
console.log(`rejected: ${rejected.map(([name]) => name).join(", ")}`);
client.close();

function isRejected(client: unknown): boolean {
  try {
    redisStore(client as never);
    return false;
  } catch (error) {
    return error instanceof TypeError;
  }
}

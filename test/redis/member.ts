// A process of a fleet. It obeys orders of its parent and reports the results.

import { bearerFetch, createTokenSource, type TokenSource } from "oauth2-token-response";
import { redisStore } from "oauth2-token-response/redis";
import { createClient } from "redis";
import { CLIENT } from "../provider/provider.ts";

export type Order =
  | { readonly do: "join"; readonly baseUrl: string; readonly redisUrl: string }
  | { readonly do: "get"; readonly calls: number }
  | { readonly do: "load"; readonly ms: number };

export interface Report {
  readonly calls: number;
  readonly failures: readonly string[];
  readonly tokens: readonly string[];
  /** Whether a store command failed, for example because the machine is busy: then the process requests tokens itself. */
  readonly isAlone: boolean;
}

let baseUrl: string;
let tokens: TokenSource;
let isAlone: boolean;

process.on("message", async (order: Order) => process.send?.(await obey(order)));
process.send?.("ready");

async function obey(order: Order): Promise<Report> {
  if (order.do === "join") return join(order.baseUrl, order.redisUrl);
  return order.do === "get" ? get(order.calls) : load(order.ms);
}

async function join(url: string, redisUrl: string): Promise<Report> {
  const redis = createClient({ url: redisUrl, disableOfflineQueue: true, socket: { reconnectStrategy: 100 } });
  // Without a listener a lost connection would end the process.
  redis.on("error", () => {});
  await redis.connect();
  baseUrl = url;
  isAlone = false;
  tokens = createTokenSource({
    baseUrl,
    ...CLIENT,
    scope: ["enterprise.company"],
    store: redisStore(redis),
    onEvent: ({ type }) => {
      isAlone ||= type === "storeFailed";
    },
  });
  return { calls: 0, failures: [], tokens: [], isAlone };
}

async function get(calls: number): Promise<Report> {
  const settled = await Promise.allSettled(Array.from({ length: calls }, () => tokens.get()));
  const returned = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value.value] : []));
  const failures = settled.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
  return { calls, failures, tokens: [...new Set(returned)], isAlone };
}

/** Calls the API over and over, five at a time. */
async function load(ms: number): Promise<Report> {
  const authorised = bearerFetch(tokens);
  const failures: string[] = [];
  let calls = 0;
  const end = performance.now() + ms;
  const work = async () => {
    while (performance.now() < end) {
      calls++;
      const response = await authorised(`${baseUrl}/companies`).catch(String);
      if (response instanceof Response) await response.text();
      if (!(response instanceof Response && response.ok))
        failures.push(response instanceof Response ? `${response.status}` : response);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await Promise.all(Array.from({ length: 5 }, work));
  return { calls, failures, tokens: [], isAlone };
}

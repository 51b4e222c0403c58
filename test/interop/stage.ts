// A server with our proxy in front of it, and callers of an API that takes its tokens.

import { setTimeout as sleep } from "node:timers/promises";
import { bearerFetch, createTokenSource, type TokenSource, type TokenSourceOptions } from "oauth2-token-response";
import { runCallers, type Tally } from "./callers.ts";
import { startHosted } from "./hosted.ts";
import { CLIENT_ID, CLIENT_SECRET, type Connection, type ForeignServer, type RunningServer } from "./server.ts";
import { Row } from "./table.ts";
import { TokenProxy } from "./token-proxy.ts";

/** 25 calls a second, and 100 in each of the first two. */
const CALLERS = { callers: 200, beginMs: 2000, pauseMs: 8000 };

export interface Play {
  readonly durationMs: number;
  readonly options?: Partial<TokenSourceOptions>;
  /** What happens during the calls. `retries` counts the token requests that followed a failed one. */
  readonly meanwhile: (retries: () => number) => Promise<void>;
}

export interface Outcome extends Tally {
  /** For further calls after the scene. */
  readonly api: typeof fetch;
  readonly tokenRequests: number;
}

export class Stage {
  readonly server: RunningServer;
  readonly proxy: TokenProxy;
  readonly row: Row;
  readonly #foreign: ForeignServer;

  static async open(foreign: ForeignServer): Promise<Stage> {
    const server = await (foreign.needs ? foreign.start() : startHosted(foreign));
    return new Stage(foreign, server, await TokenProxy.inFrontOf(server.tokenUrl));
  }

  private constructor(foreign: ForeignServer, server: RunningServer, proxy: TokenProxy) {
    this.#foreign = foreign;
    this.server = server;
    this.proxy = proxy;
    this.row = new Row(foreign.name);
  }

  get connection(): Connection {
    const apiOrigin = new URL(this.server.echoUrl).origin;
    return { tokenUrl: this.proxy.url, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, apiOrigin };
  }

  sourceWith(options: Partial<TokenSourceOptions>): TokenSource {
    const { tokenUrl, clientId, clientSecret } = this.connection;
    return createTokenSource({
      ...{ tokenUrl, clientId, clientSecret },
      ...this.#foreign.options,
      ...options,
    } as TokenSourceOptions);
  }

  apiWith(tokens: TokenSource): typeof fetch {
    return bearerFetch(tokens, { origins: [this.connection.apiOrigin] });
  }

  /** Runs a scene, which begins with a token request. */
  async play({ durationMs, options, meanwhile }: Play): Promise<Outcome> {
    const { proxy, server } = this;
    const begun = proxy.requests;
    let retries = 0;
    let expiresAt: Date | undefined;
    const onEvent: TokenSourceOptions["onEvent"] = (event) => {
      if (event.type === "requested" && event.failure) retries++;
      if (event.type === "refreshed") expiresAt = event.expiresAt;
    };
    const tokenUrl = `${proxy.url}?source=${begun}`;
    const api = this.apiWith(this.sourceWith({ tokenUrl, ...options, onEvent }));
    await nextSecond();
    const newest = () => ({ value: proxy.newestToken, expiresAt });
    const calls = runCallers(api, { ...CALLERS, echoUrl: server.echoUrl, durationMs, newest });
    await meanwhile(() => retries);
    return { ...(await calls), api, tokenRequests: proxy.requests - begun };
  }

  async close(): Promise<void> {
    this.row.end(this.proxy);
    await this.proxy.goDown();
    await this.server.stop();
  }
}

/** Waits for the start of a second, when servers that count in whole seconds issue the longest lifetime. */
async function nextSecond(): Promise<void> {
  await sleep(1000 - (Date.now() % 1000));
}

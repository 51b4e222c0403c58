// Simulates a world: a token endpoint, an API, and events, under the fake clock. Records the result of each call of a client, beside
// that of plain `fetch`.

import { memoryStore } from "oauth2-token-response";
import { FakeClock, settled } from "../fake-clock.ts";
import { chanceOf, withSeed } from "./random.ts";
import {
  API,
  type Call,
  type CallRecord,
  type Client,
  type ClientFactory,
  errorOf,
  type Happening,
  type Played,
  type WorldOptions,
} from "./scenario.ts";
import { TokenEndpoint } from "./token-endpoint.ts";

/** Long enough for every call to end. */
const REST_MS = 600_000;

/** Simulates a world until every call has ended. */
export function play(options: WorldOptions, factory: ClientFactory): Promise<Played> {
  return withSeed(options.seed, () => new World(options).play(factory));
}

class World {
  readonly #options: WorldOptions;
  readonly #clock = new FakeClock();
  readonly #tokens: TokenEndpoint;
  readonly #records: CallRecord[] = [];
  #apiRequests = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#tokens = new TokenEndpoint(options.tokens, this.#clock);
  }

  async play(factory: ClientFactory): Promise<Played> {
    const { processes, calls, happenings } = this.#options;
    const store = processes ? memoryStore({ clock: this.#clock }) : undefined;
    const clients = Array.from({ length: processes ?? 1 }, (_, process) =>
      factory({
        clock: this.#clock,
        store,
        request: (signal) => this.#tokens.request(process, signal),
        fetch: (input, init) => this.#fetch(new Request(input, init)),
      }),
    );
    const steps = [
      ...happenings.map((happening) => ({ at: happening.at, take: () => this.#happen(happening) })),
      ...calls.map((call, id) => ({ at: call.at, take: () => this.#call(clients, call, id) })),
      ...calls.map(({ at, abortAfterMs }, id) => ({
        at: abortAfterMs === undefined ? Infinity : at + abortAfterMs,
        take: () => this.#abort(id),
      })),
    ].filter(({ at }) => at < Infinity);
    for (const { at, take } of steps.sort((a, b) => a.at - b.at)) {
      if (at > this.#clock.monotonic()) await this.#clock.pass(at - this.#clock.monotonic());
      await take();
    }
    await this.#clock.pass(REST_MS);
    return {
      records: this.#records,
      tokenRequests: this.#tokens.requests,
      apiRequests: this.#apiRequests,
      timersLeft: this.#clock.timers,
    };
  }

  #call(clients: readonly Client[], call: Call, id: number): void {
    const { process = 0, method, path } = call;
    const record: CallRecord = {
      call,
      plain: this.#plain(call, id),
      remainingMs: this.#tokens.newestOf(process)?.remainingMs ?? 0,
      requests: [],
      result: undefined,
      abort: new AbortController(),
    };
    this.#records[id] = record;
    const init = {
      method,
      headers: { "X-Call": String(id) },
      ...(call.abortAfterMs !== undefined && { signal: record.abort.signal }),
      ...(method === "POST" && { body: "a body" }),
    };
    // The query is not part of the endpoint.
    clients[process]?.(`${API}${path}?call=${id}`, init).then(
      ({ status }) => {
        record.result = { status };
      },
      (error) => {
        record.result = { error };
      },
    );
  }

  async #abort(id: number): Promise<void> {
    // Lets calls end that can end now.
    await settled();
    const record = this.#records[id];
    if (!record || record.result) return;
    record.abort.abort(new Error("aborted by the caller"));
    await settled();
    record.hasAborted = errorOf(record) === record.abort.signal.reason;
  }

  #happen(happening: Happening): void {
    if (happening.type === "revoke") this.#tokens.revokeAll();
    if (happening.type === "setWall") this.#clock.shiftWall(happening.ms);
    if (happening.type === "sleep") {
      this.#clock.sleep(happening.ms);
      this.#tokens.sleptMs += happening.ms;
    }
    this.#tokens.noteExpiries();
  }

  async #fetch({ headers, signal }: Request): Promise<Response> {
    this.#apiRequests += 1;
    const id = Number(headers.get("X-Call"));
    const { call, requests } = this.#records[id] as CallRecord;
    const token = headers.get("Authorization")?.replace("Bearer ", "");
    const attempt = requests.length;
    const status = this.#statusOf(call, token, id, attempt);
    requests.push({ at: this.#clock.monotonic(), token, status, plain: this.#plain(call, id) });
    const { seed, apiLatencyMs = 100 } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const timer = this.#clock.setTimeout(resolve, apiLatencyMs * chanceOf(seed, id, attempt, 1));
      signal.addEventListener("abort", () => {
        this.#clock.clearTimeout(timer);
        reject(signal.reason);
      });
    });
    const challenge = `Bearer error="${call.behaviour.kind === "challenging" ? "insufficient_scope" : "invalid_token"}"`;
    return new Response(null, { status, headers: status === 401 ? { "WWW-Authenticate": challenge } : {} });
  }

  #plain(call: Call, id: number): number | undefined {
    const token = this.#tokens.newestOf(call.process ?? 0);
    return token && this.#statusOf(call, token.value, id, 0);
  }

  #statusOf({ behaviour, isRejected }: Call, token: string | undefined, id: number, attempt: number): number {
    if (behaviour.kind === "public") return 200;
    const ageMs = this.#tokens.ageOf(token);
    if (ageMs === undefined || isRejected) return 401;
    switch (behaviour.kind) {
      case "sick":
      case "challenging":
        return 401;
      case "flaky":
        return chanceOf(this.#options.seed, id, attempt, 2) < behaviour.chance ? 401 : 200;
      case "lagging":
        return ageMs < behaviour.lagMs ? 401 : 200;
      case "latest":
        return this.#tokens.isLatest(token) ? 200 : 401;
      case "status":
        return behaviour.status;
      default:
        return 200;
    }
  }
}

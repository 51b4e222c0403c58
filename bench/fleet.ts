// `npm run bench:fleet` simulates a day of 1 to 10,000 processes in about a minute, and draws `docs/fleet.svg`. The sources and the code
// that shares a token are real. The network, the store and the clock are simulated.

import { writeFileSync } from "node:fs";
import {
  type Clock,
  createTokenSource,
  memoryStore,
  type SharedStore,
  share,
  type TokenSource,
  type TokenStore,
} from "oauth2-token-response";
import TinyQueue from "tinyqueue";
import { randomFrom } from "../test/random.ts";
import { svgOf } from "./draw/svg.ts";

const DAY_MS = 86_400_000;
const LIFETIME_SECONDS = 7200;
/** Each process makes a call about this often, and its first one in the first minute. */
const CALL_MS = 120_000;
const START_MS = 60_000;
const SIZES = [1, 10, 100, 1000, 10_000];

/** Whether there is a store, and whether it is down at a moment of its day. */
const SETUPS: Record<string, ((nowMs: number) => boolean) | undefined> = {
  "no store": undefined,
  "a store that is down for 6 min of each hour": (nowMs) => nowMs % 3_600_000 < 360_000,
  "a store": () => false,
};

interface Event {
  readonly at: number;
  readonly order: number;
  /** Returns whether other code may run as a result. */
  run: (() => boolean) | undefined;
}

/** Runs events in the order of their time, without waiting. */
class SimulatedClock implements Clock {
  #now = 0;
  #count = 0;
  readonly #events = new TinyQueue<Event>([], (a, b) => a.at - b.at || a.order - b.order);

  now = () => this.#now;
  monotonic = () => this.#now;

  schedule(run: () => boolean, milliseconds: number): Event {
    const event = { at: this.#now + milliseconds, order: this.#count++, run };
    this.#events.push(event);
    return event;
  }

  setTimeout(callback: () => void, milliseconds: number): Event {
    return this.schedule(() => {
      callback();
      return true;
    }, milliseconds);
  }

  clearTimeout(event: unknown): void {
    if (event) (event as Event).run = undefined;
  }

  async runUntil(end: number): Promise<void> {
    for (let event = this.#events.pop(); event && event.at <= end; event = this.#events.pop()) {
      this.#now = event.at;
      if (event.run?.()) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Counts the token requests of a day. */
async function simulate(size: number, isDown: ((nowMs: number) => boolean) | undefined): Promise<number> {
  Math.random = randomFrom(size);
  const clock = new SimulatedClock();
  const takes = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms * (0.5 + Math.random())));
  let requests = 0;
  const request = async () => {
    const access_token = `t${++requests}`;
    await takes(300);
    return { access_token, expires_in: LIFETIME_SECONDS };
  };
  const store =
    isDown &&
    unreliable(memoryStore({ clock }), async () => {
      await takes(1);
      if (isDown(clock.now())) throw new Error("down");
    });
  const call = (source: TokenSource): boolean => {
    clock.schedule(() => call(source), CALL_MS * (0.5 + Math.random()));
    if (source.peekFresh()) return false;
    source.get();
    return true;
  };
  for (let count = 0; count < size; count++) {
    const source = createTokenSource({
      request,
      clock,
      store,
      sharedSecret: "a secret that all processes share",
      tokenName: "fleet",
    });
    clock.schedule(() => call(source), START_MS * Math.random());
  }
  await clock.runUntil(DAY_MS);
  return requests;
}

function unreliable(store: TokenStore, trouble: () => Promise<void>): SharedStore {
  return share({
    async read(key) {
      await trouble();
      return store.read(key);
    },
    async compareAndSet(...args) {
      await trouble();
      return store.compareAndSet(...args);
    },
  });
}

/** Replaces ciphers with functions that return their input. Real ones run on threads, in random order, and are slow. */
function withoutCiphers(): void {
  const same = async (_algorithm: unknown, _key: unknown, data: BufferSource) => data;
  const fakes = { encrypt: same, decrypt: same, importKey: async () => ({}), deriveKey: async () => ({}) };
  const deriveBits = async () => new ArrayBuffer(32);
  for (const [name, value] of Object.entries({ ...fakes, deriveBits })) {
    Object.defineProperty(crypto.subtle, name, { value });
  }
}

withoutCiphers();
const alone = await simulate(1, undefined);
const rows: { setup: string; size: number; perLifetime: number }[] = [];
for (const [setup, isDown] of Object.entries(SETUPS)) {
  for (const size of SIZES) {
    const requests = await simulate(size, isDown);
    rows.push({ setup, size, perLifetime: requests / alone });
    console.log(
      `${setup.padEnd(44)} ${String(size).padStart(6)} processes: ${(requests / alone).toFixed(2)} requests per lifetime`,
    );
  }
}
const picture = await svgOf({
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  description:
    "Token requests per lifetime of a token, by the number of processes: with a store it is 1, however many there are",
  width: 480,
  height: 280,
  data: { values: rows },
  mark: { type: "line", point: true },
  encoding: {
    x: { field: "size", type: "quantitative", scale: { type: "log" }, axis: { values: SIZES }, title: "processes" },
    y: {
      field: "perLifetime",
      type: "quantitative",
      scale: { type: "log" },
      axis: { values: SIZES },
      title: "token requests per lifetime of a token",
    },
    color: {
      field: "setup",
      type: "nominal",
      sort: null,
      legend: { title: null, orient: "top", columns: 1, labelLimit: 400 },
    },
  },
});
writeFileSync("docs/fleet.svg", picture);

// Sources share tokens through a store that is attacked: with everything that someone with write access to Redis can do, and with
// everything that a network can do to a command. `STORE_RUNS=10000` runs more worlds.

import fc from "fast-check";
import { createTokenSource, share, TokenRequestError, type TokenSource, type TokenStore } from "oauth2-token-response";
import { expect, test } from "vitest";
import { FakeClock, settled } from "./fake-clock.ts";

const RUNS = Number(process.env["STORE_RUNS"] ?? 100);
const YEAR_MS = 365 * 86_400_000;
const GRACE_MS = 300_000;
/** A lease of 11 s, a second for its successor, and commands of the store. */
const LEASE_MS = 14_000;
/** All attempts of a refresh, and the margin for a frozen process. */
const TIMEOUT_MS = 31_000;
/** A cooldown is stored for longer than it lasts, to count failures in a row. */
const COUNT_MS = 600_000;
/** A refresh that began in a cooldown may end this long after it, and start one of its own of a minute. */
const AFTER_COOLDOWN_MS = TIMEOUT_MS + 66_000;

const kinds = fc.constantFrom("token", "token", "cooldown", "cooldown", "lease");
const attacks = fc.record({
  what: fc.constantFrom("ttl", "ttl", "delete", "replay", "replay", "move", "garbage"),
  kind: kinds,
  from: kinds,
  /** Which of the names is attacked, and how old the value is: 0 is the newest. */
  name: fc.constantFrom(0, 0, 0, 1),
  age: fc.constantFrom(0, 0, 0, 1, 3),
  ttlMs: fc.constantFrom(1, 5000, YEAR_MS, YEAR_MS, -1),
  garbage: fc.constantFrom("", "garbage", "\u{1f511}", "AgAA".repeat(20)),
});
const manners = fc.record({
  what: fc.constantFrom("fine", "fine", "late", "lost", "no response", "twice", "executed late", "error"),
  ms: fc.constantFrom(20, 60, 150, 400, 3_600_000),
});
const steps = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant("get"), process: fc.constantFrom(0, 0, 1, 1, 2, 3) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("pass"),
      ms: fc.constantFrom(10, 700, 5000, 14_000, 150_000, 300_000, 86_400_000),
      /** Parts of a lifetime: to the refresh window, the blocking window, the expiry. */
      part: fc.constantFrom(0, 0, 0.85, 0.96, 0.998, 1),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("attack"),
      attack: attacks,
      /** The process that calls right after the attack, and again after this time. */
      process: fc.constantFrom(0, 1, 1, 3),
      ms: fc.constantFrom(0, 700, 14_000, 150_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("besiege"), attack: fc.option(attacks) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("network"), manners: fc.array(manners, { maxLength: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("endpoint"), status: fc.constantFrom(200, 200, 200, 400, 503, 401) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("invalidate"), process: fc.nat({ max: 3 }) }) },
);
type Made<T> = T extends fc.Arbitrary<infer U> ? U : never;
type Attack = Made<typeof attacks>;
type Manner = Made<typeof manners>;
type Step = Made<typeof steps>;
type StepOf<T> = Extract<Step, { readonly type: T }>;
const get = (process: StepOf<"get">["process"]): Step => ({ type: "get", process });
const pass = (ms: StepOf<"pass">["ms"]): Step => ({ type: "pass", ms, part: 0 });
const passPart = (part: StepOf<"pass">["part"]): Step => ({ type: "pass", ms: 10, part });
/** How worlds begin: random steps alone would rarely reach the moments that matter. */
const OPENINGS: readonly (readonly Step[])[] = [
  [],
  // One process has refreshed the token, the other is about to.
  [get(0), pass(700), get(1), passPart(0.85), get(0), pass(14_000)],
  // The token is in its blocking window, or has just expired.
  [get(0), passPart(0.96)],
  [get(0), passPart(0.998)],
  // Two processes have seen a failure of the endpoint.
  [{ type: "endpoint", status: 400 }, get(0), pass(5000), get(1), pass(700), { type: "endpoint", status: 200 }],
];
const worlds = fc.record({
  opening: fc.constantFrom(...OPENINGS),
  lifetime: fc.constantFrom(60, 3600),
  isReused: fc.boolean(),
  latencyMs: fc.constantFrom(300, 6000),
  steps: fc.array(steps, { minLength: 2, maxLength: 20 }),
});
type World = Made<typeof worlds>;

/** A Redis that someone else writes to as well. */
class AttackedRedis {
  /** Everything that was ever written under each key, for someone who puts it back. */
  readonly #written = new Map<string, string[]>();
  /** What is done again before each command. */
  siege: Attack | null = null;
  readonly #entries = new Map<string, { value: string; endsAt: number | undefined }>();
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  read(key: string) {
    const entry = this.#entries.get(key);
    const ttlMs = entry?.endsAt === undefined ? -1 : entry.endsAt - this.#clock.monotonic();
    if (entry?.endsAt !== undefined && ttlMs <= 0) this.#entries.delete(key);
    return this.#entries.has(key) && entry ? { value: entry.value, ttlMs } : undefined;
  }

  compareAndSet(...[key, expected, next]: Parameters<TokenStore["compareAndSet"]>): boolean {
    if (this.read(key)?.value !== expected) return false;
    if (!next) return this.#entries.delete(key);
    this.#written.set(key, [...(this.#written.get(key) ?? []), next.value]);
    this.#put(key, next.value, next.ttlMs);
    return true;
  }

  attack({ what, kind, from, name, age, ttlMs, garbage }: Attack): void {
    const keys = [...this.#written.keys()];
    const keyOf = (kind: string) => keys.filter((key) => key.endsWith(`:${kind}`))[name] ?? "";
    const key = keyOf(kind) || keys[0]?.replace(/[a-z]+$/, kind);
    const old = (kind: string) => this.#written.get(keyOf(kind))?.at(-1 - age);
    if (!key) return;
    const values = { ttl: this.read(key)?.value, delete: undefined, replay: old(kind), move: old(from), garbage };
    const value = values[what];
    if (value !== undefined) this.#put(key, value, ttlMs);
    else if (what === "delete") this.#entries.delete(key);
  }

  #put(key: string, value: string, ttlMs: number): void {
    this.#entries.set(key, { value, endsAt: ttlMs < 0 ? undefined : this.#clock.monotonic() + ttlMs });
  }
}

/** The connection of one process to the store. */
function networkTo(redis: AttackedRedis, clock: FakeClock, mannerOf: () => Manner | undefined): TokenStore {
  const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
  const never = () => new Promise<never>(() => {});
  const send = async <T>(command: () => T): Promise<T> => {
    const { what, ms } = mannerOf() ?? { what: "fine", ms: 0 };
    const execute = () => {
      if (redis.siege) redis.attack(redis.siege);
      return command();
    };
    if (what === "error") throw new Error("ECONNRESET");
    if (what === "lost") return never();
    if (what === "executed late") return wait(ms).then(execute);
    const response = execute();
    if (what === "no response") return never();
    if (what === "late") await wait(ms);
    if (what === "twice") wait(ms).then(execute);
    return response;
  };
  return {
    read: (key) => send(() => redis.read(key)),
    compareAndSet: (...args) => send(() => redis.compareAndSet(...args)),
  };
}

interface Call {
  readonly begun: number;
  /** Whether the caller had a token outside of its blocking window. */
  readonly hasToken: boolean;
  readonly remainingMs: number;
  ended?: number;
  error?: unknown;
}

/** Runs one world and collects faults. */
class Scene {
  readonly clock = new FakeClock();
  readonly redis = new AttackedRedis(this.clock);
  readonly calls: Promise<void>[] = [];
  readonly faults: string[] = [];
  readonly #world: World;
  readonly #processes: { readonly name: string; readonly tokens: TokenSource; value: string; expiresAt: number }[];
  readonly #issued = new Map<string, { readonly name: string; readonly expiresAt: number }>();
  /** The newest token of each name, which a server that reuses tokens returns. */
  readonly #newest = new Map<string, string>();
  /** When the cooldowns end: those that were sealed for a name, and a process's own. */
  readonly #cooldownEnds = new Map<string | number, number>();
  #manners: readonly Manner[] = [];
  #commands = 0;
  #status = 200;
  #failedAt = -Infinity;
  #unsettled = 0;
  /** Processes that got a failure from the endpoint, not only from the store. */
  readonly #ownFailures = new Set<number>();

  constructor(world: World) {
    this.#world = world;
    this.#processes = ["one", "one", "one", "two"].map((name, index) => {
      const network = networkTo(this.redis, this.clock, () => this.#manners[this.#commands++ % this.#manners.length]);
      const store: TokenStore = {
        read: network.read,
        compareAndSet: (key, expected, next) => {
          if (next && key.endsWith(":cooldown")) this.#extendCooldown(name, next.ttlMs - COUNT_MS);
          return network.compareAndSet(key, expected, next);
        },
      };
      const tokens = createTokenSource({
        request: () => this.#request(name, index),
        sharedSecret: "a secret of the fleet, 32 characters",
        tokenName: name,
        store: share(store),
        clock: this.clock,
        onEvent: (event) => {
          if (event.type === "failed" && this.#ownFailures.delete(index)) this.#extendCooldown(index, event.retryInMs);
        },
      });
      return { name, tokens, value: "", expiresAt: -Infinity };
    });
  }

  async run(): Promise<void> {
    for (const step of [...this.#world.opening, ...this.#world.steps]) {
      await this.#do(step);
      await settled();
    }
    await this.clock.pass(TIMEOUT_MS + 1000);
    if (this.#unsettled > 0) this.faults.push(`${this.#unsettled} calls are still waiting`);
  }

  async #do(step: Step): Promise<void> {
    if (step.type === "get") this.#call(step.process);
    if (step.type === "pass") await this.clock.pass(step.part ? step.part * this.#world.lifetime * 1000 : step.ms);
    if (step.type === "attack") await this.#attack(step);
    if (step.type === "besiege") this.redis.siege = step.attack;
    if (step.type === "network") this.#manners = step.manners;
    if (step.type === "endpoint") this.#status = step.status;
    if (step.type === "invalidate") this.#invalidate(step.process);
  }

  async #attack({ attack, process, ms }: StepOf<"attack">): Promise<void> {
    this.redis.attack(attack);
    this.#call(process);
    await this.clock.pass(ms);
    this.#call(process);
  }

  #call(index: number): void {
    const { clock } = this;
    const process = this.#processes[index];
    if (!process) return;
    const remainingMs = process.expiresAt - clock.now();
    // The blocking window of the source.
    const call: Call = {
      begun: clock.now(),
      remainingMs,
      hasToken: remainingMs > Math.min(10_000, this.#world.lifetime * 50),
    };
    this.#unsettled++;
    process.tokens
      .get()
      .then(
        ({ value, expiresAt }) => {
          const issued = this.#issued.get(value);
          if (issued?.name !== process.name) this.faults.push(`${process.name} got ${value}`);
          if (clock.now() > (issued?.expiresAt ?? 0) + GRACE_MS)
            this.faults.push(`${value} was returned after its expiry`);
          // The real expiry counts if it is earlier: the source may learn it at any time.
          const expiry = Math.min(expiresAt?.getTime() ?? Infinity, issued?.expiresAt ?? 0);
          // While a source has a token, its expiry never gets later.
          const isSame = process.value === value && process.expiresAt > clock.now();
          process.expiresAt = isSame ? Math.min(process.expiresAt, expiry) : expiry;
          process.value = value;
        },
        (error) => {
          call.error = error;
        },
      )
      .then(() => {
        this.#unsettled--;
        this.#check(process.name, index, { ...call, ended: clock.now() });
      });
  }

  #check(name: string, index: number, { begun, hasToken, remainingMs, ended = 0, error }: Call): void {
    const tookMs = ended - begun;
    const wasFailing = this.#status !== 200 || this.#failedAt > begun - TIMEOUT_MS;
    const ends = [name, index].map((of) => this.#cooldownEnds.get(of) ?? -Infinity);
    const isCooldown = begun < Math.max(...ends) + AFTER_COOLDOWN_MS;
    if (hasToken && tookMs > 0) this.faults.push(`a caller with a token waited for ${tookMs} ms`);
    // In the blocking window a caller waits for a first attempt and for the commands before and after it.
    const firstAttemptMs = this.#world.latencyMs + 500;
    if (remainingMs > firstAttemptMs && tookMs > firstAttemptMs)
      this.faults.push(`a caller with a token for ${remainingMs} ms waited for ${tookMs} ms`);
    if (error && tookMs < remainingMs) this.faults.push(`a caller with a token failed: ${error}`);
    if (tookMs > TIMEOUT_MS) this.faults.push(`a caller waited for ${tookMs} ms`);
    if (wasFailing || isCooldown) return;
    if (error) this.faults.push(`a caller failed without a reason: ${error}`);
    const longestMs = this.#world.latencyMs + LEASE_MS;
    if (tookMs > longestMs) this.faults.push(`a caller waited for ${tookMs} ms, more than ${longestMs}`);
  }

  #invalidate(index: number): void {
    const process = this.#processes[index];
    const token = process?.tokens.peekFresh();
    if (!process || !token) return;
    process.tokens.invalidate(token);
    // The next call waits for another token, which may expire earlier.
    process.expiresAt = -Infinity;
  }

  async #request(name: string, index: number): Promise<{ access_token: string; expires_in: number }> {
    const [begun, status] = [this.clock.now(), this.#status];
    await new Promise<void>((resolve) => this.clock.setTimeout(resolve, this.#world.latencyMs));
    if (status !== 200) {
      this.#failedAt = this.clock.now();
      this.#ownFailures.add(index);
      throw new TokenRequestError("`request`", { status });
    }
    const newest = this.#newest.get(name) ?? "";
    const left = Math.floor(((this.#issued.get(newest)?.expiresAt ?? 0) - begun) / 1000);
    // A token that expires on the way counts as a failure.
    if (this.#world.isReused && left > 0 && left * 1000 <= this.#world.latencyMs) this.#failedAt = this.clock.now();
    if (this.#world.isReused && left > 0) return { access_token: newest, expires_in: left };
    const access_token = `${name}-${this.#issued.size}`;
    this.#issued.set(access_token, { name, expiresAt: begun + this.#world.lifetime * 1000 });
    this.#newest.set(name, access_token);
    return { access_token, expires_in: this.#world.lifetime };
  }

  #extendCooldown(of: string | number, ms: number): void {
    this.#cooldownEnds.set(of, Math.max(this.#cooldownEnds.get(of) ?? -Infinity, this.clock.now() + ms));
  }
}

test("attacks on a store and its commands delay no caller by more than one lease, and extend no token or cooldown beyond its sealed lifetime", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const scene = new Scene(world);
      await scene.run();
      expect(scene.faults).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 0);

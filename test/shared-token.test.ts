// Sources that share a token through a store. Clock, store and token endpoint are simulated here;
// `fleet-processes.slow.test.ts` uses real processes and a real Redis.

import fc from "fast-check";
import {
  type AccessToken,
  type AnyTokenResponse,
  type Clock,
  createTokenSource,
  memoryStore,
  type SharedStore,
  share,
  type TokenEvent,
  TokenRequestError,
  type TokenSource,
  type TokenStore,
} from "oauth2-token-response";
import { describe, expect, test } from "vitest";
import { FakeClock, settled } from "./fake-clock.ts";

const SHARED_SECRET = "a secret of the fleet, 32 characters";
const URL = "https://enterprise-api.easyship.com";

/** A token endpoint with a latency. It counts requests, and can fail. */
class Endpoint {
  requests = 0;
  /** Responds to the next requests, instead of a new token. */
  respond: (() => AnyTokenResponse) | undefined;
  lifetime = 3600;
  latencyMs = 300;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  request = async (): Promise<AnyTokenResponse> => {
    this.requests++;
    const token = { access_token: `token-${this.requests}`, expires_in: this.lifetime };
    await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, this.latencyMs));
    return this.respond ? this.respond() : token;
  };

  fail(status: number, error?: string): void {
    this.respond = () => {
      throw new TokenRequestError(URL, { status, error });
    };
  }
}

/** A store that can fail, and shows its entries. */
class TestStore implements TokenStore {
  readonly entries = new Map<string, string>();
  commands = 0;
  /** Runs before each command. */
  beforeCommand: (command: "read" | "write") => Promise<void> = async () => {};
  readonly #store: TokenStore;

  constructor(clock: Clock) {
    this.#store = memoryStore({ clock });
  }

  async read(key: string) {
    this.commands++;
    await this.beforeCommand("read");
    return this.#store.read(key);
  }

  async compareAndSet(...args: Parameters<TokenStore["compareAndSet"]>) {
    this.commands++;
    await this.beforeCommand("write");
    const [key, , next] = args;
    const isDone = await this.#store.compareAndSet(...args);
    if (isDone && next) this.entries.set(key, next.value);
    if (isDone && !next) this.entries.delete(key);
    return isDone;
  }

  /** Replaces an entry, whatever it is. */
  async overwrite(key: string, value: string, ttlMs = 3_600_000): Promise<void> {
    const found = await this.#store.read(key);
    await this.#store.compareAndSet(key, found?.value, { value, ttlMs });
  }

  async flush(): Promise<void> {
    for (const key of this.entries.keys()) {
      await this.#store.compareAndSet(key, (await this.#store.read(key))?.value, undefined);
    }
  }
}

/** A clock that is wrong by a constant. */
class SkewedClock implements Clock {
  readonly #clock: Clock;
  readonly #skewMs: number;
  constructor(clock: Clock, skewMs: number) {
    this.#clock = clock;
    this.#skewMs = skewMs;
  }
  now = () => this.#clock.now() + this.#skewMs;
  monotonic = () => this.#clock.monotonic() + this.#skewMs;
  setTimeout = (callback: () => void, milliseconds: number) => this.#clock.setTimeout(callback, milliseconds);
  clearTimeout = (timer: unknown) => this.#clock.clearTimeout(timer);
}

/** The options that all members of a fleet share. */
function fleetOptions(store: TokenStore, clock: Clock) {
  return { sharedSecret: SHARED_SECRET, tokenName: "the fleet's", store: share(store), clock };
}

/** Leaves a lease in the store, like a process that dies during its request. */
async function leaveLease(store: TokenStore): Promise<void> {
  const dead = createTokenSource({ ...fleetOptions(store, new FakeClock()), request: () => new Promise(() => {}) });
  dead.get().catch(() => {});
  await settled();
}

/** A `request` that fails, without a status if there is no response. */
function failing(status: number | undefined, retryAfterMs?: number): () => Promise<never> {
  return () => Promise.reject(new TokenRequestError(URL, { status, retryAfterMs }));
}

/** The error with which a member rejects. */
async function failureOf(member: TokenSource, clock: FakeClock): Promise<unknown> {
  const call = member.get().then(
    ({ value }) => Promise.reject(new Error(`${value} was returned`)),
    (error) => error,
  );
  await clock.pass(4000);
  return call;
}

function fleetOf(
  size: number,
  options: { readonly timeoutMs?: number; readonly storeTimeoutMs?: number | undefined } = {},
) {
  const clock = new FakeClock();
  const endpoint = new Endpoint(clock);
  const store = new TestStore(clock);
  const events: TokenEvent[] = [];
  const join = (own: Clock = clock): TokenSource =>
    createTokenSource({
      ...fleetOptions(store, own),
      request: endpoint.request,
      onEvent: (event) => events.push(event),
      ...options,
    });
  const members = Array.from({ length: size }, () => join());
  return { clock, endpoint, store, events, join, members };
}

/** The token that each of them returns after `ms`. */
async function tokensOf(members: readonly TokenSource[], clock: FakeClock, ms = 1000): Promise<string[]> {
  const tokens = Promise.all(members.map((member) => member.get()));
  tokens.catch(() => {});
  await clock.pass(ms);
  return (await tokens).map(({ value }) => value);
}

describe("a fleet requests one token", () => {
  test("at its start, for a thousand calls", async () => {
    const { members, clock, endpoint } = fleetOf(20);
    const crowd = members.flatMap((member) => Array.from({ length: 50 }, () => member));
    expect(new Set(await tokensOf(crowd, clock))).toEqual(new Set(["token-1"]));
    expect(endpoint.requests).toBe(1);
  });

  test("per lifetime, with a call each second", async () => {
    const { members, clock, endpoint } = fleetOf(20);
    endpoint.lifetime = 60;
    await tokensOf(members, clock);
    const calls: Promise<AccessToken>[] = [];
    for (let second = 1; second < 300; second++) {
      calls.push(...members.map((member) => member.get()));
      await clock.pass(1000);
    }
    await Promise.all(calls);
    // A token of 60 s is refreshed in its last 15 s.
    expect(endpoint.requests).toBeGreaterThanOrEqual(5);
    expect(endpoint.requests).toBeLessThanOrEqual(7);
  });

  test("after a revocation, for a thousand invalidations", async () => {
    const { members, clock, endpoint, store } = fleetOf(20);
    await tokensOf(members, clock);
    const rejections = members.flatMap((member) => {
      const token = member.peekFresh();
      return token ? Array.from({ length: 50 }, () => ({ member, token })) : [];
    });
    const { commands } = store;
    for (const { member, token } of rejections) member.invalidate(token);
    expect(new Set(await tokensOf(members, clock))).toEqual(new Set(["token-2"]));
    expect(endpoint.requests).toBe(2);
    // The store is read by each member, not by each call.
    expect(store.commands - commands).toBeLessThan(members.length * 40);
  });

  test("in the background, and meanwhile returns the current one at once", async () => {
    const { members, clock, endpoint } = fleetOf(3);
    await tokensOf(members, clock);
    await clock.pass(3_500_000);
    const calls = members.map((member) => member.get());
    await settled();
    expect((await Promise.all(calls)).map(({ value }) => value)).toEqual(["token-1", "token-1", "token-1"]);
    await clock.pass(1000);
    expect(members.map((member) => member.peekFresh()?.value)).toEqual(["token-2", "token-2", "token-2"]);
    expect(endpoint.requests).toBe(2);
  });

  test("even if the clocks of its members differ by 5 minutes, and no member returns it after its expiry", async () => {
    const { clock, endpoint, join } = fleetOf(0);
    const skewed = [-150_000, 0, 150_000].map((skewMs) => join(new SkewedClock(clock, skewMs)));
    const members = await Promise.all(skewed);
    endpoint.lifetime = 120;
    await tokensOf(members, clock);
    expect(endpoint.requests).toBe(1);
    endpoint.fail(503);
    await clock.pass(119_000);
    for (const member of members) expect(member.peekFresh()).toBeUndefined();
    const late = members.map((member) => member.get());
    for (const call of late) call.catch(() => {});
    await clock.pass(40_000);
    for (const call of late) await expect(call).rejects.toThrow(/503|no token (by|within)/);
  });

  test("for a newcomer too, whose refresh window is a quarter of the full lifetime", async () => {
    const { clock, join, members, endpoint } = fleetOf(1);
    await tokensOf(members, clock);
    await clock.pass(2_000_000);
    const newcomer = join();
    await tokensOf([newcomer], clock);
    expect(endpoint.requests).toBe(1);
    // For 3600 s the window opens at 2700 s, or up to 180 s later by jitter.
    await clock.pass(2_690_000 - 2_002_000);
    expect(newcomer.peekFresh()).toBeDefined();
    await clock.pass(200_000);
    expect(newcomer.peekFresh()).toBeUndefined();
  });

  test("for a newcomer too, with the same expiry, even if the request was slow", async () => {
    const { clock, join, members, endpoint } = fleetOf(1);
    endpoint.latencyMs = 4000;
    const issuedAt = clock.now();
    await tokensOf(members, clock, 5000);
    await clock.pass(1_000_000);
    const newcomer = join();
    await tokensOf([newcomer], clock);
    const expiresAt = newcomer.peekFresh()?.expiresAt?.getTime() ?? 0;
    expect(expiresAt).toBeLessThanOrEqual(issuedAt + 3_600_000);
    expect(expiresAt).toBeGreaterThan(issuedAt + 3_598_000);
  });

  test("and does not replace a member's token by one in the store that expires earlier", async () => {
    const { clock, join, members, store, endpoint } = fleetOf(1);
    await tokensOf(members, clock);
    await clock.pass(3_000_000);
    await store.flush();
    endpoint.lifetime = 100;
    await tokensOf([join()], clock);
    endpoint.lifetime = 3600;
    await tokensOf(members, clock);
    expect(members[0]?.peekFresh()?.value).toBe("token-3");
  });

  test("with a lifetime of a month", async () => {
    const { members, clock, endpoint, join } = fleetOf(1);
    endpoint.lifetime = 30 * 86_400;
    await tokensOf(members, clock);
    await clock.pass(20 * 86_400_000);
    expect(await tokensOf([join()], clock)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
  });

  test("of unknown expiry", async () => {
    const { members, clock, endpoint } = fleetOf(2);
    endpoint.respond = () => ({ access_token: "immortal" });
    await tokensOf(members, clock);
    expect(endpoint.requests).toBe(1);
    expect(members[1]?.peekFresh()?.expiresAt).toBeUndefined();
    await clock.pass(86_400_000 * 30);
    expect(members[1]?.peekFresh()?.value).toBe("immortal");
  });

  test("at once after an invalidation, even during the cooldown of an unchanged token", async () => {
    const { members, clock, endpoint, join } = fleetOf(1);
    endpoint.respond = () => ({ access_token: "reused", expires_in: 600 });
    await tokensOf(members, clock);
    await clock.pass(590_000);
    await tokensOf(members, clock);
    endpoint.respond = undefined;
    members[0]?.invalidate(members[0].peekFresh() ?? (await members[0].get()));
    expect(await tokensOf(members, clock)).toEqual(["token-3"]);
    expect(await tokensOf([join()], clock)).toEqual(["token-3"]);
    expect(endpoint.requests).toBe(3);
  });

  test("at a time: a server that reuses tokens gets at most 12 requests in an hour", async () => {
    const { members, clock, endpoint } = fleetOf(20);
    const begun = clock.now();
    endpoint.respond = () => ({ access_token: "reused", expires_in: 3600 - Math.floor((clock.now() - begun) / 1000) });
    await tokensOf(members, clock);
    for (let second = 1; second < 3550; second += 5) {
      for (const member of members) member.get().catch(() => {});
      await clock.pass(5000);
    }
    expect(endpoint.requests).toBeLessThanOrEqual(12);
  });
});

describe("a lease", () => {
  test("of a member that died during its request ends after 11 s, and then one other member requests a token", async () => {
    const { members, clock, endpoint, store } = fleetOf(19);
    await leaveLease(store);
    const calls = Promise.all(members.map((member) => member.get()));
    await clock.pass(10_900);
    expect(endpoint.requests).toBe(0);
    await clock.pass(600);
    expect(new Set((await calls).map(({ value }) => value))).toEqual(new Set(["token-1"]));
    expect(endpoint.requests).toBe(1);
  });

  test.each<[string, string, boolean]>([
    ["is released", "token-2", true],
    ["ends after 11 s, if the release is lost too", "token-2", false],
  ])("that was taken by a command without a response %s", async (_, next, isReleased) => {
    const { members, clock, store, endpoint } = fleetOf(2);
    const { compareAndSet } = store;
    const [first, second] = members as [TokenSource, TokenSource];
    store.compareAndSet = async (...args) => {
      if (args[2] || isReleased) await compareAndSet.apply(store, args);
      return new Promise(() => {});
    };
    expect(await tokensOf([first], clock)).toEqual(["token-1"]);
    store.compareAndSet = compareAndSet;
    const waiting = second.get();
    await clock.pass(9500);
    expect(endpoint.requests).toBe(isReleased ? 2 : 1);
    await clock.pass(1500);
    expect((await waiting).value).toBe(next);
  });

  test("of a dead member leaves the next one enough time for a request of 9 s", async () => {
    const { members, clock, store, endpoint } = fleetOf(1);
    endpoint.latencyMs = 9000;
    await leaveLease(store);
    expect(await tokensOf(members, clock, 20_500)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
  });

  test("delays a caller by at most two thirds of its `timeoutMs`; then it requests a token itself", async () => {
    const { members, clock, store, endpoint } = fleetOf(1, { timeoutMs: 3000 });
    await leaveLease(store);
    expect(await tokensOf(members, clock, 2600)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
  });

  test.each([
    [0, 20],
    [0.999, 5],
  ])("is polled 5 to 20 times a second: with a random number of %d %d times", async (random, polls) => {
    const { members, clock, store } = fleetOf(1);
    await leaveLease(store);
    const { commands } = store;
    const seeded = Math.random;
    Math.random = () => random;
    members[0]?.get().catch(() => {});
    await clock.pass(999);
    Math.random = seeded;
    // Each time it reads token, cooldown and lease.
    expect((store.commands - commands) / 3).toBe(polls);
  });

  test("ends with its request, and a request without a response causes no cooldown for others", async () => {
    const { members, clock, endpoint, store } = fleetOf(2);
    // One attempt, so that it does not take the lease again.
    const times = { attemptTimeoutMs: 5000, timeoutMs: 5000 };
    createTokenSource({ ...fleetOptions(store, clock), request: () => new Promise<never>(() => {}), ...times })
      .get()
      .catch(() => {});
    await settled();
    const calls = Promise.all(members.map((member) => member.get()));
    await clock.pass(4900);
    expect([...store.entries.keys()].map((key) => key.split(":")[1])).toEqual(["lease"]);
    await clock.pass(900);
    expect((await calls).map(({ value }) => value)).toEqual(["token-1", "token-1"]);
    expect(endpoint.requests).toBe(1);
    expect([...store.entries.keys()].map((key) => key.split(":")[1])).toEqual(["token"]);
  });

  test.each([
    ["is released after 10 s", {}, 10_600],
    ["ends after 4 s, if `timeoutMs` is 3000 and the process is dead", { timeoutMs: 3000 }, 4600],
  ])("of a request that hangs %s", async (_, times, ms) => {
    const { members, clock, endpoint, store } = fleetOf(1);
    const stopped = new FakeClock();
    const own = Object.keys(times).length > 0 ? stopped : clock;
    createTokenSource({ ...fleetOptions(store, own), request: () => new Promise<never>(() => {}), ...times })
      .get()
      .catch(() => {});
    await settled();
    expect(await tokensOf(members, clock, ms)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
  });

  test("lasts as long as a slow request: an endpoint that takes 6 s gets one request", async () => {
    const { members, clock, endpoint } = fleetOf(5);
    endpoint.latencyMs = 6000;
    expect(new Set(await tokensOf(members, clock, 6500))).toEqual(new Set(["token-1"]));
    expect(endpoint.requests).toBe(1);
  });

  test("of another member does not delay a caller whose token has less than 10 s left", async () => {
    const { members, clock, endpoint, store } = fleetOf(1);
    const [member] = members as [TokenSource];
    await tokensOf(members, clock);
    await clock.pass(3_590_500);
    await store.flush();
    await leaveLease(store);
    const call = member.get();
    await settled();
    expect((await call).value).toBe("token-1");
    expect(endpoint.requests).toBe(1);
    await clock.pass(9000);
    expect(await tokensOf(members, clock, 3000)).toEqual(["token-2"]);
  });
});

describe("the store is not a dependency:", () => {
  const down = () => Promise.reject(new Error("ECONNREFUSED"));
  const silent = () => new Promise<void>(() => {});

  test("if it is down, each member requests a token itself, emits one event, and does not use the store for 10 s", async () => {
    const { members, clock, endpoint, store, events } = fleetOf(3);
    store.beforeCommand = down;
    expect(new Set(await tokensOf(members, clock))).toEqual(new Set(["token-1", "token-2", "token-3"]));
    expect(endpoint.requests).toBe(3);
    const failures = events.filter((event) => event.type === "storeFailed");
    expect(failures.map(({ retryInMs }) => retryInMs)).toEqual([10_000, 10_000, 10_000]);
    const { commands } = store;
    for (const member of members) member.invalidate(member.peekFresh() as AccessToken);
    await tokensOf(members, clock);
    expect(store.commands).toBe(commands);
  });

  test.each([
    [undefined, 50],
    [100, 100],
    [0, 0],
  ])(
    "if it does not respond, with a `storeTimeoutMs` of %o, a refresh waits %i ms, or four times that without a token",
    async (storeTimeoutMs, ms) => {
      const { members, clock, store, endpoint, events } = fleetOf(1, { storeTimeoutMs });
      store.beforeCommand = silent;
      const call = members[0]?.get();
      await clock.pass(Math.max(4 * ms - 1, 0));
      if (ms > 0) expect(endpoint.requests).toBe(0);
      await clock.pass(1 + endpoint.latencyMs);
      expect((await call)?.value).toBe("token-1");
      await clock.pass(3_500_000);
      const begun = clock.now();
      await members[0]?.get();
      expect(clock.now()).toBe(begun);
      await clock.pass(1000);
      const errors = events.flatMap((event) => (event.type === "storeFailed" ? [(event.error as Error).message] : []));
      expect(errors).toEqual([`No result within ${4 * ms} ms`, `No result within ${ms} ms`]);
    },
  );

  test("if it takes 60 ms, members without a token still use it", async () => {
    const { members, clock, store, endpoint } = fleetOf(5);
    store.beforeCommand = () => new Promise((resolve) => clock.setTimeout(resolve, 60));
    expect(new Set(await tokensOf(members, clock, 2000))).toEqual(new Set(["token-1"]));
    expect(endpoint.requests).toBe(1);
  });

  test.each([
    [undefined, 5],
    [100, 1],
  ])(
    "if it takes 60 ms and `storeTimeoutMs` is %o, 5 members with a token send %d refresh request(s)",
    async (storeTimeoutMs, requests) => {
      const { members, clock, store, endpoint } = fleetOf(5, { storeTimeoutMs });
      store.beforeCommand = () => new Promise((resolve) => clock.setTimeout(resolve, 60));
      await tokensOf(members, clock, 2000);
      for (let now = 0; now < 3600; now += 10) {
        for (const member of members) member.get().catch(() => {});
        await clock.pass(10_000);
      }
      expect(endpoint.requests).toBe(1 + requests);
    },
  );

  test("if it is down, an endpoint that takes 6 s works as it does without a store", async () => {
    const { members, clock, store, endpoint } = fleetOf(1);
    store.beforeCommand = down;
    endpoint.latencyMs = 6000;
    expect(await tokensOf(members, clock, 6100)).toEqual(["token-1"]);
  });

  test("its errors are copied into events without members such as a command", async () => {
    const { members, clock, store, events } = fleetOf(1);
    store.beforeCommand = () => Promise.reject(Object.assign(new Error("NOAUTH"), { command: ["AUTH", "password"] }));
    await tokensOf(members, clock);
    const [failure] = events.filter((event) => event.type === "storeFailed");
    expect(failure?.error).toMatchObject({ name: "Error", message: "NOAUTH" });
    expect(failure?.error).not.toHaveProperty("command");
  });

  test("it may be synchronous, and throw", async () => {
    const { clock, endpoint, events } = fleetOf(0);
    const values = new Map<string, string>();
    const read = (key: string) => {
      if (key.endsWith(":cooldown")) throw new Error("no such table");
      return values.has(key) ? { value: values.get(key), ttlMs: 1000 } : undefined;
    };
    const store = share({ read, compareAndSet: () => false } as never);
    const tokens = createTokenSource({
      ...fleetOptions(store, clock),
      request: endpoint.request,
      store,
      onEvent: (e) => events.push(e),
    });
    expect(await tokensOf([tokens], clock)).toEqual(["token-1"]);
    expect(events.filter(({ type }) => type === "storeFailed")).toMatchObject([
      { error: { message: "no such table" } },
    ]);
  });

  test("if Web Crypto is missing, creation throws; if only its functions are, one event follows", async () => {
    const { clock, store, endpoint, join, events } = fleetOf(0);
    const { crypto } = globalThis;
    try {
      Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
      expect(() => join()).toThrow(/^A `store` needs Web Crypto/);
      Object.defineProperty(globalThis, "crypto", { value: { subtle: {} }, configurable: true });
      expect(
        await tokensOf(
          [
            createTokenSource({
              ...fleetOptions(store, clock),
              request: endpoint.request,
              onEvent: (e) => events.push(e),
            }),
          ],
          clock,
        ),
      ).toEqual(["token-1"]);
      expect(events.filter(({ type }) => type === "storeFailed")).toHaveLength(1);
    } finally {
      Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
    }
  });

  test("if it takes 49 ms, it is used", async () => {
    const { members, clock, store, endpoint } = fleetOf(5);
    store.beforeCommand = () => new Promise((resolve) => clock.setTimeout(resolve, 49));
    await tokensOf(members, clock, 2000);
    expect(endpoint.requests).toBe(1);
  });

  test("if it rejects writes, as when it is full, callers get tokens", async () => {
    const { members, clock, store, events } = fleetOf(3);
    store.beforeCommand = (command) => (command === "write" ? down() : Promise.resolve());
    expect(await tokensOf(members, clock)).toHaveLength(3);
    expect(events.filter((event) => event.type === "storeFailed")).toHaveLength(3);
  });

  test("if it accepts a lease but no token, no member waits for the end of the lease", async () => {
    const { members, clock, store } = fleetOf(3);
    const { compareAndSet } = store;
    store.compareAndSet = (key, expected, next) =>
      next && key.endsWith(":token") ? down() : compareAndSet.call(store, key, expected, next);
    expect(await tokensOf(members, clock, 1500)).toHaveLength(3);
  });

  test("if it was emptied, members use their tokens, and share one again after the next refresh", async () => {
    const { members, clock, store, endpoint } = fleetOf(5);
    await tokensOf(members, clock);
    await store.flush();
    expect(new Set(await tokensOf(members, clock))).toEqual(new Set(["token-1"]));
    await clock.pass(3_500_000);
    await tokensOf(members, clock);
    expect(new Set(await tokensOf(members, clock))).toEqual(new Set(["token-2"]));
    expect(endpoint.requests).toBe(2);
  });

  test("if it was down for a while, members share a token again after the next refresh", async () => {
    const { members, clock, store, endpoint } = fleetOf(5);
    store.beforeCommand = down;
    await tokensOf(members, clock);
    expect(endpoint.requests).toBe(5);
    store.beforeCommand = async () => {};
    await clock.pass(3_500_000);
    await tokensOf(members, clock);
    expect(new Set(await tokensOf(members, clock))).toEqual(new Set(["token-6"]));
  });

  test("while a fresh token is cached, it gets no command", async () => {
    const { members, clock, store } = fleetOf(1);
    await tokensOf(members, clock);
    const { commands } = store;
    await tokensOf(members, clock);
    expect(members[0]?.peekFresh()).toBeDefined();
    expect(store.commands).toBe(commands);
  });

  test("it gets seven commands from a member that requests a token, and two from one that adopts it", async () => {
    const { members, clock, store, join } = fleetOf(1);
    await tokensOf(members, clock);
    expect(store.commands).toBe(7);
    await tokensOf([join()], clock);
    expect(store.commands).toBe(9);
  });
});

describe("an outage is shared:", () => {
  test("twenty members send a failing endpoint the requests of one, and one more each", async () => {
    const { members, clock, endpoint } = fleetOf(20);
    endpoint.fail(503);
    const failures: unknown[] = [];
    for (let second = 0; second < 600; second++) {
      for (const member of members) member.get().catch((error) => failures.push(error));
      await clock.pass(1000);
    }
    expect(failures.length).toBeGreaterThan(10_000);
    // Cooldowns of 1 s, 2 s, 4 s … 1 min come to 15 in 10 min. Besides, each member without a token tries once itself.
    expect(endpoint.requests).toBeLessThanOrEqual(16 + members.length);
  });

  test("a permanent failure causes one request within 30 s, and every member rejects with its reason", async () => {
    const { members, clock, endpoint } = fleetOf(20);
    endpoint.fail(400, "invalid_scope");
    for (let second = 0; second < 25; second++) {
      const calls = members.map((member) => member.get());
      for (const call of calls) call.catch(() => {});
      await clock.pass(1000);
      for (const call of calls) await expect(call).rejects.toMatchObject({ status: 400, error: "invalid_scope" });
    }
    expect(endpoint.requests).toBe(1);
  });

  test("a malformed response is shared too, with its path", async () => {
    const { members, clock, endpoint } = fleetOf(2, { timeoutMs: 800 });
    endpoint.respond = () => ({ access_token: "a", expires_in: "1h" as never });
    const calls = members.map((member) => member.get());
    for (const call of calls) call.catch(() => {});
    await clock.pass(1000);
    const errors = await Promise.all(calls.map((call) => call.catch((error) => error)));
    const [own, shared] = errors.sort((a, b) => (a.name > b.name ? -1 : 1));
    expect(own).toMatchObject({ name: "TokenResponseError", path: "/expires_in" });
    expect(shared).toMatchObject({
      name: "TokenRequestError",
      errorDescription: expect.stringContaining("/expires_in"),
    });
    expect(endpoint.requests).toBe(1);
  });

  test("a token that has expired on arrival is not shared as a failure", async () => {
    const { members, clock, endpoint, store } = fleetOf(1);
    endpoint.respond = () => ({ access_token: "a", expires_in: endpoint.requests > 1 ? 60 : 0 });
    members[0]?.get();
    await clock.pass(400);
    expect(store.entries.size).toBe(0);
    await clock.pass(2000);
    expect([...store.entries.keys()].map((key) => key.split(":")[1])).toEqual(["token"]);
  });

  test.each([
    ["a 401 (as with an old secret)", 401],
    ["a 403 (as from a proxy)", 403],
    ["a 407 (as from a proxy that requires credentials)", 407],
    ["a request without a response", undefined],
  ])("%s is not shared, as it may concern one process only", async (_, status) => {
    const { members, clock, endpoint, store } = fleetOf(1, { timeoutMs: 3000 });
    await failureOf(
      createTokenSource({ ...fleetOptions(store, clock), timeoutMs: 3000, request: failing(status) }),
      clock,
    );
    expect(store.entries.size).toBe(0);
    expect(await tokensOf(members, clock)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
  });

  test("a member without a token tries once itself during a shared cooldown", async () => {
    const { members, clock, endpoint, store } = fleetOf(1);
    await failureOf(createTokenSource({ ...fleetOptions(store, clock), request: failing(400) }), clock);
    expect([...store.entries.keys()].map((key) => key.split(":")[1])).toEqual(["cooldown"]);
    expect(await tokensOf(members, clock)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
    // Its success ends the cooldown of the others.
    expect([...store.entries.keys()].map((key) => key.split(":")[1])).toEqual(["token"]);
  });

  test.each([
    ["requested", false],
    ["adopted", true],
  ])(
    "a member without a token that has tried once obeys shared cooldowns, until it has %s a token",
    async (_, isAdopted) => {
      const { members, clock, endpoint, store, join } = fleetOf(1);
      const [member] = members as [TokenSource];
      const other = () => createTokenSource({ ...fleetOptions(store, clock), request: failing(400, 200_000) });
      await failureOf(other(), clock);
      endpoint.fail(503);
      await failureOf(member, clock);
      await clock.pass(100_000);
      await expect(failureOf(member, clock)).resolves.toMatchObject({ status: 400 });
      expect(endpoint.requests).toBe(1);
      endpoint.respond = undefined;
      await clock.pass(200_000);
      if (isAdopted) await tokensOf([join()], clock);
      expect(await tokensOf(members, clock)).toEqual(["token-2"]);
      endpoint.fail(503);
      // The cached token expires, and the other one fails again.
      await clock.pass(3_600_000);
      await failureOf(other(), clock);
      await failureOf(member, clock);
      expect(endpoint.requests).toBe(3);
    },
  );

  test("a failed try during a shared cooldown does not extend it", async () => {
    const { clock, endpoint, store, join } = fleetOf(0);
    await failureOf(createTokenSource({ ...fleetOptions(store, clock), request: failing(400) }), clock);
    const before = new Map(store.entries);
    endpoint.fail(400);
    for (const member of [join(), join(), join()]) await failureOf(member, clock);
    expect(endpoint.requests).toBe(3);
    expect(store.entries).toEqual(before);
  });

  test("a member that has a token obeys a shared cooldown", async () => {
    const { members, clock, endpoint, store } = fleetOf(1);
    await tokensOf(members, clock);
    await clock.pass(3_500_000);
    await store.flush();
    await failureOf(createTokenSource({ ...fleetOptions(store, clock), request: failing(400) }), clock);
    expect(await tokensOf(members, clock)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
  });

  test.each([
    ["its time to live is raised to a year", 0],
    ["it is put back again and again", 1000],
  ])("a cooldown lasts no longer than its sealed length, even if %s", async (_, everyMs) => {
    const { members, clock, endpoint, store } = fleetOf(1);
    await tokensOf(members, clock);
    await clock.pass(3_500_000);
    await store.flush();
    await failureOf(createTokenSource({ ...fleetOptions(store, clock), request: failing(400) }), clock);
    const [key = "", value = ""] = [...store.entries].find(([name]) => name.endsWith(":cooldown")) ?? [];
    await store.overwrite(key, value, 365 * 86_400_000);
    // 30 s, and up to 10 % more, since the failure 4 s ago.
    for (let second = 0; second < 30; second++) {
      members[0]?.get().catch(() => {});
      await clock.pass(1000);
      if (everyMs > 0) await store.overwrite(key, value, 365 * 86_400_000);
    }
    expect(endpoint.requests).toBe(2);
  });

  test("one success after an outage ends it for all members", async () => {
    const { members, clock, endpoint, store } = fleetOf(5);
    endpoint.fail(503);
    for (const member of members) member.get().catch(() => {});
    await clock.pass(60_000);
    endpoint.respond = undefined;
    const before = endpoint.requests;
    await clock.pass(120_000);
    await tokensOf(members, clock);
    expect(endpoint.requests).toBe(before + 1);
    expect([...store.entries.keys()].map((key) => key.split(":")[1])).toEqual(["token"]);
  });

  test("a newcomer during an outage adopts a token that is still valid", async () => {
    const { members, clock, endpoint, join } = fleetOf(1);
    await tokensOf(members, clock);
    endpoint.fail(503);
    await clock.pass(3_500_000);
    await tokensOf(members, clock);
    expect(await tokensOf([join()], clock)).toEqual(["token-1"]);
  });
});

describe("a token that an API rejected", () => {
  test("is still adopted by a newcomer, as the API may be wrong", async () => {
    const { members, clock, join, endpoint } = fleetOf(1);
    await tokensOf(members, clock);
    members[0]?.invalidate(members[0].peekFresh() as AccessToken);
    await settled();
    expect(await tokensOf([join()], clock)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
  });

  test("is overwritten by its successor", async () => {
    const { members, clock, join, endpoint } = fleetOf(1);
    await tokensOf(members, clock);
    members[0]?.invalidate(members[0].peekFresh() as AccessToken);
    expect(await tokensOf(members, clock)).toEqual(["token-2"]);
    expect(await tokensOf([join()], clock)).toEqual(["token-2"]);
    expect(endpoint.requests).toBe(2);
  });

  test("or that expired while its successor was requested is overwritten", async () => {
    const { members, clock, join, endpoint } = fleetOf(1);
    await tokensOf(members, clock);
    await clock.pass(3_598_000);
    endpoint.latencyMs = 4000;
    members[0]?.get();
    await clock.pass(5000);
    expect(await tokensOf([join()], clock)).toEqual(["token-2"]);
    expect(endpoint.requests).toBe(2);
  });

  test("is replaced by any other token in the store, even if that expires earlier", async () => {
    const { members, clock, join, endpoint, store } = fleetOf(1);
    await tokensOf(members, clock);
    await store.flush();
    endpoint.lifetime = 100;
    await tokensOf([join()], clock);
    members[0]?.invalidate(members[0].peekFresh() as AccessToken);
    expect(await tokensOf(members, clock)).toEqual(["token-2"]);
    expect(endpoint.requests).toBe(2);
  });

  test("is not adopted again by the member that saw the rejection, even if the store fails meanwhile", async () => {
    const { members, clock, store, join } = fleetOf(1);
    await tokensOf(members, clock);
    const member = join();
    await tokensOf([member], clock);
    store.beforeCommand = (command) =>
      command === "write" ? Promise.reject(new Error("READONLY")) : Promise.resolve();
    member.invalidate(member.peekFresh() as AccessToken);
    await settled();
    store.beforeCommand = async () => {};
    await clock.pass(10_000);
    expect(await tokensOf([member], clock)).toEqual(["token-2"]);
  });

  test("is replaced once if another member is already requesting its successor", async () => {
    const { members, clock, endpoint, join } = fleetOf(2);
    await tokensOf(members, clock);
    const [first, second] = members as [TokenSource, TokenSource];
    const old = second.peekFresh() as AccessToken;
    await clock.pass(3_500_000);
    first.get();
    await clock.pass(100);
    second.invalidate(old);
    await clock.pass(1000);
    expect(await tokensOf([first, second, join()], clock)).toEqual(["token-2", "token-2", "token-2"]);
    expect(endpoint.requests).toBe(2);
  });

  test("before a refresh does not affect the newer token", async () => {
    const { members, clock, endpoint, join } = fleetOf(2);
    await tokensOf(members, clock);
    const [first, second] = members as [TokenSource, TokenSource];
    const old = first.peekFresh() as AccessToken;
    first.invalidate(old);
    await tokensOf([first], clock);
    second.invalidate(old);
    await settled();
    expect(await tokensOf([second, join()], clock)).toEqual(["token-2", "token-2"]);
    expect(endpoint.requests).toBe(2);
  });
});

describe("a stored value", () => {
  test("shows neither token nor secret nor client, and is never the same twice", async () => {
    const { members, clock, store } = fleetOf(1);
    await tokensOf(members, clock);
    const [first] = store.entries.values();
    await store.flush();
    members[0]?.invalidate(members[0].peekFresh() as AccessToken);
    await tokensOf(members, clock);
    const shown = [...store.entries].flat().flatMap((text) => [text, Buffer.from(text, "base64").toString("latin1")]);
    expect(shown.join()).not.toMatch(/token-|secret|expires/);
    for (const key of store.entries.keys()) expect(key).toMatch(/^[0-9a-f]{64}:(token|cooldown)$/);
    expect([...store.entries.values()]).not.toContain(first);
  });

  test("that an earlier version wrote is found and opened", async () => {
    const { clock, store, endpoint, join } = fleetOf(0);
    const key = "562a0d5408c5b58c051263a5df5651550872cceed293c24998b7a9db340788a3:token";
    const value =
      "AqLWnf7X/rkmtHjvpCJlpKbGAO8bSaYt1TldGuAVATl4YWQQO14FHOp0qBRDHrTF7xGtNTCmZ4+GDj0T5e2fq4HTcDI2Ev1AaOm/N26fTKJW880tJoR+yX1MA7eAiN9PAZanffr0xgA5an57Wlm07NWxotzDXrg6R/AdXWxv9x9fzQV2QyME2HVAAdTZYnmclvyzVtw4nYmYBA==";
    await store.compareAndSet(key, undefined, { value, ttlMs: 60_000 });
    expect(await tokensOf([join()], clock)).toEqual(["token-0"]);
    expect(endpoint.requests).toBe(0);
  });

  test.each<[string, (value: string) => string]>([
    ["is garbage", () => "garbage"],
    ["is not Base64", () => "\u{1f511}"],
    ["was cut", (value) => value.slice(0, 20)],
    ["was changed by a bit", (value) => flip(value, value.length - 6)],
    ["has another version", (value) => flip(value, 0)],
    ["has another nonce", (value) => flip(value, 4)],
  ])("that %s counts as missing, and is overwritten", async (_, spoil) => {
    const { members, clock, store, endpoint, join } = fleetOf(1);
    await tokensOf(members, clock);
    for (const [key, value] of store.entries) await store.overwrite(key, spoil(value));
    expect(await tokensOf([join()], clock)).toEqual(["token-2"]);
    expect(await tokensOf([join()], clock)).toEqual(["token-2"]);
    expect(endpoint.requests).toBe(2);
  });

  test("that was copied to another key counts as missing", async () => {
    const { members, clock, store, endpoint, join } = fleetOf(1);
    await tokensOf(members, clock);
    const other = createTokenSource({
      request: endpoint.request,
      scope: "other",
      sharedSecret: SHARED_SECRET,
      tokenName: "the fleet's",
      store: share(store),
      clock,
    });
    await tokensOf([other], clock);
    const [key, othersKey = ""] = store.entries.keys();
    await store.overwrite(key ?? "", store.entries.get(othersKey) ?? "");
    expect(await tokensOf([join()], clock)).toEqual(["token-3"]);
  });

  test("without a time to live counts as missing", async () => {
    const { members, clock, store, endpoint, join } = fleetOf(1);
    await tokensOf(members, clock);
    const { read } = store;
    store.read = async (key) => {
      const found = await read.call(store, key);
      return found && { ...found, ttlMs: -1 };
    };
    expect(await tokensOf([join()], clock)).toEqual(["token-2"]);
    expect(endpoint.requests).toBe(2);
  });

  test("lasts no longer than its token plus 5 minutes, even if its time to live is raised", async () => {
    const { members, clock, store, join } = fleetOf(1);
    await tokensOf(members, clock);
    await clock.pass(3_000_000);
    for (const [key, value] of store.entries) await store.overwrite(key, value, 86_400_000);
    const newcomer = join();
    const [call] = [newcomer.get()];
    await settled();
    // The time to live proves nothing now; the clocks, which may differ by 5 minutes, do.
    expect((await call).remainingSeconds({ now: new Date(clock.now()) })).toBeLessThanOrEqual(900);
  });

  test.each([
    ["of yesterday that is put back", 86_400_000],
    ["that is written more than an hour late", 3_600_000 + 300_000],
  ])("%s counts as missing", async (_, laterMs) => {
    const { members, clock, store, join } = fleetOf(1);
    await tokensOf(members, clock);
    const [[key, value]] = [...store.entries] as [[string, string]];
    await clock.pass(laterMs);
    await store.overwrite(key, value, 3_600_000);
    expect(await tokensOf([join()], clock)).toEqual(["token-2"]);
  });

  test("that was sealed by a clock a day ahead counts as missing", async () => {
    const { clock, store, join } = fleetOf(0);
    await tokensOf([join(new SkewedClock(clock, 86_400_000))], clock);
    expect(store.entries.size).toBe(1);
    expect(await tokensOf([join()], clock)).toEqual(["token-2"]);
  });

  test("does not shorten the token of another member, even if its time to live is lowered", async () => {
    const { members, clock, store, endpoint } = fleetOf(2);
    endpoint.respond = () => ({ access_token: "reused", expires_in: 3600 - Math.floor(clock.monotonic() / 1000) });
    await tokensOf(members, clock);
    await clock.pass(3_000_000);
    await tokensOf(members.slice(0, 1), clock);
    for (const [key, value] of store.entries) {
      if (key.endsWith(":token")) await store.overwrite(key, value, 10);
    }
    await members[1]?.get();
    await settled();
    expect((await members[1]?.get())?.remainingSeconds({ now: new Date(clock.now()) })).toBeGreaterThan(500);
  });
});

describe("a source with a store", () => {
  interface Identity {
    readonly baseUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly scope: readonly string[];
  }
  const part = fc.stringMatching(/^[a-z:,"[\]]{1,3}$/);
  const identities = fc.record<Identity>({
    baseUrl: fc.constantFrom("https://a.test/", "https://b.test/", "https://a.test/b/"),
    clientId: part,
    clientSecret: part,
    scope: fc.uniqueArray(part, { minLength: 1, maxLength: 3 }),
  });

  async function isShared(first: Identity, second: Identity): Promise<boolean> {
    const store = memoryStore();
    let requests = 0;
    const fetch = async () => Response.json({ access_token: `t${++requests}`, expires_in: 60 });
    const tokens = [first, second].map((identity) => createTokenSource({ ...identity, store, fetch }).get());
    const [one] = await Promise.all(tokens.slice(0, 1));
    const [, two] = await Promise.all(tokens);
    return one?.value === two?.value;
  }
  const nameOf = ({ scope, ...rest }: Identity) =>
    JSON.stringify([rest.baseUrl, rest.clientId, rest.clientSecret, [...scope].sort()]);

  test("shares with sources of the same base URL, client, secret and scopes in any order, and no others", async () => {
    await fc.assert(
      fc.asyncProperty(identities, identities, async (first, second) => {
        expect(await isShared(first, second)).toBe(nameOf(first) === nameOf(second));
      }),
      { numRuns: 50 },
    );
    const scope = ["a", "b"];
    const identity = { baseUrl: URL, clientId: "id", clientSecret: "0SECRET", scope };
    expect(await isShared(identity, { ...identity, scope: ["b", "a"] })).toBe(true);
    expect(await isShared(identity, { ...identity, scope: ["b  a "] })).toBe(true);
    expect(await isShared(identity, { ...identity, scope: ["ab", ""] })).toBe(false);
    expect(scope).toEqual(["a", "b"]);
  });

  test("needs a store made with `share()`, and the error says so", () => {
    const { read, compareAndSet } = memoryStore();
    const store = { read, compareAndSet } as SharedStore;
    const identity = { baseUrl: URL, clientId: "id", clientSecret: "0SECRET", scope: "a" };
    expect(() => createTokenSource({ ...identity, store })).toThrow(
      /^`store` cannot share a token: .* `share\(store\)`$/,
    );
    expect(() => createTokenSource({ ...identity, store: share(store) })).not.toThrow();
  });

  const request = async () => ({ access_token: "t" });

  test("needs a shared secret and a name if it has no client secret", () => {
    const store = memoryStore();
    expect(() => createTokenSource({ request, store })).toThrow(/^`sharedSecret` is required/);
    const named = { request, sharedSecret: SHARED_SECRET, store };
    expect(() => createTokenSource(named)).toThrow(/^`tokenName` is required .* name provider, client and audience/);
    expect(() => createTokenSource({ ...named, tokenName: "" })).toThrow(TypeError);
    expect(() => createTokenSource({ ...named, tokenName: "a" })).not.toThrow();
  });

  test.each([-1, NaN, Infinity])("cannot have a `storeTimeoutMs` of %d", (storeTimeoutMs) => {
    expect(() => fleetOf(1, { storeTimeoutMs })).toThrow(/^`storeTimeoutMs` is invalid/);
  });

  test.each(["", "a fleet", "a".repeat(31)])(
    "needs a shared secret of at least 32 characters, not %o",
    (sharedSecret) => {
      expect(() => createTokenSource({ request, sharedSecret })).toThrow(/^`sharedSecret` must have at least 32/);
    },
  );

  test("has a token of its own for each name, scope and secret", async () => {
    const store = memoryStore();
    let requests = 0;
    const source = (tokenName: string, scope = "a", sharedSecret = SHARED_SECRET) =>
      createTokenSource({
        request: async () => ({ access_token: `t${++requests}`, expires_in: 60 }),
        store,
        tokenName,
        scope,
        sharedSecret,
      }).get();
    const tokens = [await source("one"), await source("one"), await source("two"), await source("one", "b")];
    tokens.push(await source("one", "a", SHARED_SECRET.toUpperCase()));
    expect(tokens.map(({ value }) => value)).toEqual(["t1", "t1", "t2", "t3", "t4"]);
  });
});

/** Changes one character of a Base64 text. */
function flip(text: string, index: number): string {
  return text.slice(0, index) + (text[index] === "A" ? "B" : "A") + text.slice(index + 1);
}

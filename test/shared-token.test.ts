// Many sources, one store: what a fleet agrees on, and how little it needs the store for that. Time and failures are made here;
// `fleet-processes.test.ts` does the same with real processes and a real Redis.

import fc from "fast-check";
import {
  type AccessToken,
  type Clock,
  createTokenSource,
  memoryStore,
  type OAuth2TokenResponse,
  type SharedStore,
  share,
  type TokenEvent,
  TokenRequestError,
  type TokenSource,
  type TokenStore,
} from "oauth2-token-response";
import { describe, expect, test } from "vitest";
import { FakeClock, settled } from "./fake-clock.ts";

const SHARED_SECRET = "a secret of the fleet";
const URL = "https://enterprise-api.easyship.com";

/** A token endpoint that takes a while, counts, and fails when it is told to. */
class Endpoint {
  requests = 0;
  /** What the next requests bring, instead of a new token. */
  answer: (() => OAuth2TokenResponse) | undefined;
  lifetime = 3600;
  latencyMs = 300;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  request = async (): Promise<OAuth2TokenResponse> => {
    this.requests++;
    const token = { access_token: `token-${this.requests}`, expires_in: this.lifetime };
    await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, this.latencyMs));
    return this.answer ? this.answer() : token;
  };

  fail(status: number, error?: string): void {
    this.answer = () => {
      throw new TokenRequestError(URL, { status, error });
    };
  }
}

/** A store that fails when it is told to, and shows what lies in it. */
class TestStore implements TokenStore {
  readonly entries = new Map<string, string>();
  commands = 0;
  /** Runs before each command. */
  trouble: (command: "read" | "write") => Promise<void> = async () => {};
  readonly #store: TokenStore;

  constructor(clock: Clock) {
    this.#store = memoryStore({ clock });
  }

  async read(key: string) {
    this.commands++;
    await this.trouble("read");
    return this.#store.read(key);
  }

  async compareAndSet(...args: Parameters<TokenStore["compareAndSet"]>) {
    this.commands++;
    await this.trouble("write");
    const [key, , next] = args;
    const isDone = await this.#store.compareAndSet(...args);
    if (isDone && next) this.entries.set(key, next.value);
    if (isDone && !next) this.entries.delete(key);
    return isDone;
  }

  /** Puts something else where something lies. */
  async overwrite(key: string, value: string): Promise<void> {
    const found = await this.#store.read(key);
    await this.#store.compareAndSet(key, found?.value, { value, ttlMs: 3_600_000 });
  }

  async flush(): Promise<void> {
    for (const key of this.entries.keys()) {
      await this.#store.compareAndSet(key, (await this.#store.read(key))?.value, undefined);
    }
  }
}

/** A member whose wall clock is wrong. */
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

function fleetOf(size: number, options: { readonly timeoutMs?: number } = {}) {
  const clock = new FakeClock();
  const endpoint = new Endpoint(clock);
  const store = new TestStore(clock);
  const events: TokenEvent[] = [];
  const join = (own: Clock = clock): TokenSource =>
    createTokenSource({
      request: endpoint.request,
      sharedSecret: SHARED_SECRET,
      store: share(store),
      clock: own,
      onEvent: (event) => events.push(event),
      ...options,
    });
  const members = Array.from({ length: size }, () => join());
  return { clock, endpoint, store, events, join, members };
}

/** What each of them gives, after time for a request has passed. */
async function tokensOf(members: readonly TokenSource[], clock: FakeClock, ms = 1000): Promise<string[]> {
  const tokens = Promise.all(members.map((member) => member.get()));
  tokens.catch(() => {});
  await clock.pass(ms);
  return (await tokens).map(({ value }) => value);
}

describe("a fleet asks once", () => {
  test("at its start, however many call", async () => {
    const { members, clock, endpoint } = fleetOf(20);
    const crowd = members.flatMap((member) => Array.from({ length: 50 }, () => member));
    expect(new Set(await tokensOf(crowd, clock))).toEqual(new Set(["token-1"]));
    expect(endpoint.requests).toBe(1);
  });

  test("for each token's life, a call a second", async () => {
    const { members, clock, endpoint } = fleetOf(20);
    endpoint.lifetime = 60;
    await tokensOf(members, clock);
    const given: Promise<AccessToken>[] = [];
    for (let second = 1; second < 300; second++) {
      given.push(...members.map((member) => member.get()));
      await clock.pass(1000);
    }
    await Promise.all(given);
    // A life of 60 s is renewed in its last 15 s.
    expect(endpoint.requests).toBeGreaterThanOrEqual(5);
    expect(endpoint.requests).toBeLessThanOrEqual(7);
  });

  test("after a revocation, however many tell of it", async () => {
    const { members, clock, endpoint, store } = fleetOf(20);
    await tokensOf(members, clock);
    const refused = members.flatMap((member) => {
      const token = member.peekFresh();
      return token ? Array.from({ length: 50 }, () => ({ member, token })) : [];
    });
    const { commands } = store;
    for (const { member, token } of refused) member.invalidate(token);
    expect(new Set(await tokensOf(members, clock))).toEqual(new Set(["token-2"]));
    expect(endpoint.requests).toBe(2);
    // Each member asks the store once, not once for each call.
    expect(store.commands - commands).toBeLessThan(members.length * 40);
  });

  test("and those who have a valid token are given it meanwhile, at once", async () => {
    const { members, clock, endpoint } = fleetOf(3);
    await tokensOf(members, clock);
    await clock.pass(3_500_000);
    const given = members.map((member) => member.get());
    await settled();
    expect((await Promise.all(given)).map(({ value }) => value)).toEqual(["token-1", "token-1", "token-1"]);
    await clock.pass(1000);
    expect(members.map((member) => member.peekFresh()?.value)).toEqual(["token-2", "token-2", "token-2"]);
    expect(endpoint.requests).toBe(2);
  });

  test("even if a member's clocks are wrong by minutes: nobody gives a token after its expiry", async () => {
    const { clock, endpoint, join } = fleetOf(0);
    const skewed = [-300_000, 0, 300_000].map((skewMs) => join(new SkewedClock(clock, skewMs)));
    const members = await Promise.all(skewed);
    endpoint.lifetime = 120;
    await tokensOf(members, clock);
    expect(endpoint.requests).toBe(1);
    endpoint.fail(503);
    await clock.pass(118_900);
    const late = members.map((member) => member.get());
    for (const call of late) call.catch(() => {});
    await clock.pass(100);
    for (const member of members) expect(member.peekFresh()).toBeUndefined();
    await clock.pass(40_000);
    for (const call of late) await expect(call).rejects.toThrow("503");
  });

  test("a newcomer renews in the last quarter of the whole life, not of what it saw of it", async () => {
    const { clock, join, members, endpoint } = fleetOf(1);
    await tokensOf(members, clock);
    await clock.pass(2_000_000);
    const newcomer = join();
    await tokensOf([newcomer], clock);
    expect(endpoint.requests).toBe(1);
    // 3600 s: the window of 900 s opens at 2700 s, or up to 180 s later.
    await clock.pass(2_690_000 - 2_002_000);
    expect(newcomer.peekFresh()).toBeDefined();
    await clock.pass(200_000);
    expect(newcomer.peekFresh()).toBeUndefined();
  });

  test("and a newcomer's token expires when it does for who asked, however slow that was", async () => {
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

  test("and who has a token keeps it, where the fleet's own ends sooner", async () => {
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

  test("for a life of a month, too", async () => {
    const { members, clock, endpoint, join } = fleetOf(1);
    endpoint.lifetime = 30 * 86_400;
    await tokensOf(members, clock);
    await clock.pass(20 * 86_400_000);
    expect(await tokensOf([join()], clock)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
  });

  test("where nobody knows how long the token lives", async () => {
    const { members, clock, endpoint } = fleetOf(2);
    endpoint.answer = () => ({ access_token: "immortal" });
    await tokensOf(members, clock);
    expect(endpoint.requests).toBe(1);
    expect(members[1]?.peekFresh()?.expiresAt).toBeUndefined();
    await clock.pass(86_400_000 * 30);
    expect(members[1]?.peekFresh()?.value).toBe("immortal");
  });

  test("a server that reuses tokens again, once an API has refused its token", async () => {
    const { members, clock, endpoint, join } = fleetOf(1);
    endpoint.answer = () => ({ access_token: "reused", expires_in: 600 });
    await tokensOf(members, clock);
    const token = members[0]?.peekFresh() as AccessToken;
    await clock.pass(590_000);
    await tokensOf(members, clock);
    members[0]?.invalidate(token);
    await settled();
    endpoint.answer = undefined;
    // The pause of the reused token is still on, but there is no such token any more.
    expect(await tokensOf([join()], clock)).toEqual(["token-3"]);
  });

  test("a server that reuses tokens as rarely as one would: with the logarithm of the time", async () => {
    const { members, clock, endpoint } = fleetOf(20);
    const begun = clock.now();
    endpoint.answer = () => ({ access_token: "reused", expires_in: 3600 - Math.floor((clock.now() - begun) / 1000) });
    await tokensOf(members, clock);
    for (let second = 1; second < 3550; second += 5) {
      for (const member of members) member.get().catch(() => {});
      await clock.pass(5000);
    }
    expect(endpoint.requests).toBeLessThanOrEqual(12);
  });
});

describe("a lease", () => {
  test("of a member that died in the middle of its request ends after 6 s, and one other member asks", async () => {
    const { members, clock, endpoint, store } = fleetOf(19);
    const stopped = new FakeClock();
    const dead = createTokenSource({
      request: () => new Promise(() => {}),
      sharedSecret: SHARED_SECRET,
      store: share(store),
      clock: stopped,
    });
    dead.get().catch(() => {});
    await settled();
    const calls = Promise.all(members.map((member) => member.get()));
    await clock.pass(5900);
    expect(endpoint.requests).toBe(0);
    await clock.pass(600);
    expect(new Set((await calls).map(({ value }) => value))).toEqual(new Set(["token-1"]));
    expect(endpoint.requests).toBe(1);
  });

  test("that was taken though its answer came too late ends by itself, and keeps nobody waiting for longer", async () => {
    const { members, clock, store, endpoint } = fleetOf(2);
    const { compareAndSet } = store;
    const [first, second] = members as [TokenSource, TokenSource];
    store.compareAndSet = async (...args) => {
      await compareAndSet.apply(store, args);
      return new Promise(() => {});
    };
    expect(await tokensOf([first], clock)).toEqual(["token-1"]);
    store.compareAndSet = compareAndSet;
    const waiting = second.get();
    await clock.pass(4800);
    expect(endpoint.requests).toBe(1);
    await clock.pass(1000);
    expect((await waiting).value).toBe("token-2");
  });

  test("of a dead member leaves whoever comes next the time for a request of 4 s", async () => {
    const { members, clock, store, endpoint } = fleetOf(1);
    endpoint.latencyMs = 4000;
    const dead = createTokenSource({
      request: () => new Promise(() => {}),
      sharedSecret: SHARED_SECRET,
      store: share(store),
      clock: new FakeClock(),
    });
    dead.get().catch(() => {});
    await settled();
    expect(await tokensOf(members, clock, 10_500)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
  });

  test("keeps nobody waiting past the deadline: who has waited for two thirds of it asks alone", async () => {
    const { members, clock, store, endpoint } = fleetOf(1, { timeoutMs: 3000 });
    const dead = createTokenSource({
      request: () => new Promise(() => {}),
      sharedSecret: SHARED_SECRET,
      store: share(store),
      clock: new FakeClock(),
    });
    dead.get().catch(() => {});
    await settled();
    expect(await tokensOf(members, clock, 2600)).toEqual(["token-1"]);
    expect(endpoint.requests).toBe(1);
  });

  test.each([
    [0, 20],
    [0.999, 5],
  ])("is looked at 5 to 20 times a second, by chance (%d)", async (chance, looks) => {
    const { members, clock, store } = fleetOf(1);
    const dead = createTokenSource({
      request: () => new Promise(() => {}),
      sharedSecret: SHARED_SECRET,
      store: share(store),
      clock: new FakeClock(),
    });
    dead.get().catch(() => {});
    await settled();
    const { commands } = store;
    const { random } = Math;
    Math.random = () => chance;
    members[0]?.get().catch(() => {});
    await clock.pass(999);
    Math.random = random;
    // Each time at token, pause and lease.
    expect((store.commands - commands) / 3).toBe(looks);
  });

  test("does not outlast its request: after 5 s without an answer it is given up, and told to the others", async () => {
    const { members, clock, endpoint, store } = fleetOf(2);
    // It tries once, and does not take the lease again.
    const request = () => new Promise<never>(() => {});
    const hanging = createTokenSource({
      request,
      sharedSecret: SHARED_SECRET,
      store: share(store),
      clock,
      timeoutMs: 5000,
    });
    hanging.get().catch(() => {});
    await settled();
    const calls = Promise.all(members.map((member) => member.get()));
    await clock.pass(4900);
    expect([...store.entries.keys()].filter((key) => key.endsWith(":lease"))).toHaveLength(1);
    await clock.pass(200);
    expect([...store.entries.keys()].map((key) => key.split(":")[1])).toEqual(["cooldown"]);
    await clock.pass(2000);
    expect((await calls).map(({ value }) => value)).toEqual(["token-1", "token-1"]);
    expect(endpoint.requests).toBe(1);
  });
});

describe("the store is no dependency:", () => {
  const down = () => Promise.reject(new Error("ECONNREFUSED"));
  const silent = () => new Promise<void>(() => {});

  test("where it is down each member asks for itself, one event tells, and it is left alone for 10 s", async () => {
    const { members, clock, endpoint, store, events } = fleetOf(3);
    store.trouble = down;
    expect(new Set(await tokensOf(members, clock))).toEqual(new Set(["token-1", "token-2", "token-3"]));
    expect(endpoint.requests).toBe(3);
    const failures = events.filter((event) => event.type === "storeFailed");
    expect(failures.map(({ retryInMs }) => retryInMs)).toEqual([10_000, 10_000, 10_000]);
    const { commands } = store;
    for (const member of members) member.invalidate(member.peekFresh() as AccessToken);
    await tokensOf(members, clock);
    expect(store.commands).toBe(commands);
  });

  test("where it is silent a caller waits 50 ms for it, and not again within 10 s", async () => {
    const { members, clock, store, endpoint, events } = fleetOf(1);
    store.trouble = silent;
    const [member] = members;
    const call = member?.get();
    await clock.pass(49);
    expect(endpoint.requests).toBe(0);
    await clock.pass(1 + endpoint.latencyMs);
    const [failure] = events.filter((event) => event.type === "storeFailed");
    expect(failure?.error).toMatchObject({ name: "TimeoutError", message: "No result within 50 ms" });
    expect((await call)?.value).toBe("token-1");
  });

  test("where it is slow but not too slow, it is used", async () => {
    const { members, clock, store, endpoint } = fleetOf(5);
    store.trouble = () => new Promise((resolve) => clock.setTimeout(resolve, 49));
    await tokensOf(members, clock, 2000);
    expect(endpoint.requests).toBe(1);
  });

  test("where it takes no writes, as when it is full, callers get tokens", async () => {
    const { members, clock, store, events } = fleetOf(3);
    store.trouble = (command) => (command === "write" ? down() : Promise.resolve());
    expect(await tokensOf(members, clock)).toHaveLength(3);
    expect(events.filter((event) => event.type === "storeFailed")).toHaveLength(3);
  });

  test("where it has room for a lease but for no token, nobody waits for the lease to end", async () => {
    const { members, clock, store } = fleetOf(3);
    const { compareAndSet } = store;
    store.compareAndSet = (key, expected, next) =>
      next && key.endsWith(":token") ? down() : compareAndSet.call(store, key, expected, next);
    expect(await tokensOf(members, clock, 1500)).toHaveLength(3);
  });

  test("where it was emptied nobody notices, and at the next renewal the fleet finds together again", async () => {
    const { members, clock, store, endpoint } = fleetOf(5);
    await tokensOf(members, clock);
    await store.flush();
    expect(new Set(await tokensOf(members, clock))).toEqual(new Set(["token-1"]));
    await clock.pass(3_500_000);
    await tokensOf(members, clock);
    expect(new Set(await tokensOf(members, clock))).toEqual(new Set(["token-2"]));
    expect(endpoint.requests).toBe(2);
  });

  test("where it comes back, the members who asked alone find together at their next renewal", async () => {
    const { members, clock, store, endpoint } = fleetOf(5);
    store.trouble = down;
    await tokensOf(members, clock);
    expect(endpoint.requests).toBe(5);
    store.trouble = async () => {};
    await clock.pass(3_500_000);
    await tokensOf(members, clock);
    expect(new Set(await tokensOf(members, clock))).toEqual(new Set(["token-6"]));
  });

  test("with a token in hand nothing is asked of it", async () => {
    const { members, clock, store } = fleetOf(1);
    await tokensOf(members, clock);
    const { commands } = store;
    await tokensOf(members, clock);
    expect(members[0]?.peekFresh()).toBeDefined();
    expect(store.commands).toBe(commands);
  });

  test("a token costs whoever asks for it seven commands, and whoever takes it over two", async () => {
    const { members, clock, store, join } = fleetOf(1);
    await tokensOf(members, clock);
    expect(store.commands).toBe(7);
    await tokensOf([join()], clock);
    expect(store.commands).toBe(9);
  });
});

describe("an outage is shared:", () => {
  test("a broken endpoint is asked by twenty as often as by one", async () => {
    const { members, clock, endpoint } = fleetOf(20);
    endpoint.fail(503);
    const failures: unknown[] = [];
    for (let second = 0; second < 600; second++) {
      for (const member of members) member.get().catch((error) => failures.push(error));
      await clock.pass(1000);
    }
    expect(failures.length).toBeGreaterThan(10_000);
    // Pauses of 1 s, 2 s, 4 s … 1 min come to 15 in 10 min.
    expect(endpoint.requests).toBeLessThanOrEqual(16);
  });

  test("what will not pass is asked once within its 30 s, and every member says what it was", async () => {
    const { members, clock, endpoint } = fleetOf(20);
    endpoint.fail(401, "invalid_client");
    for (let second = 0; second < 25; second++) {
      const calls = members.map((member) => member.get());
      for (const call of calls) call.catch(() => {});
      await clock.pass(1000);
      for (const call of calls) await expect(call).rejects.toMatchObject({ status: 401, error: "invalid_client" });
    }
    expect(endpoint.requests).toBe(1);
  });

  test("a malformed answer is one too, and the others are told where it was", async () => {
    const { members, clock, endpoint } = fleetOf(2, { timeoutMs: 800 });
    endpoint.answer = () => ({ access_token: "a", expires_in: "1h" as never });
    const calls = members.map((member) => member.get());
    for (const call of calls) call.catch(() => {});
    await clock.pass(1000);
    const errors = await Promise.all(calls.map((call) => call.catch((error) => error)));
    const [own, told] = errors.sort((a, b) => (a.name > b.name ? -1 : 1));
    expect(own).toMatchObject({ name: "TokenResponseError", path: "/expires_in" });
    expect(told).toMatchObject({ name: "TokenRequestError", errorDescription: expect.stringContaining("/expires_in") });
    expect(endpoint.requests).toBe(1);
  });

  test.each<[string, (requests: number) => OAuth2TokenResponse]>([
    ["has expired when it comes", (requests) => ({ access_token: "a", expires_in: requests > 1 ? 60 : 0 })],
    ["was refused", (requests) => ({ access_token: requests > 2 ? "b" : "a", expires_in: 60 })],
  ])("a token that %s is none: nobody is to wait for it", async (_, answer) => {
    const { members, clock, endpoint, store } = fleetOf(1);
    endpoint.answer = () => answer(endpoint.requests);
    await tokensOf(members, clock, 2000);
    members[0]?.invalidate(members[0].peekFresh() as AccessToken);
    members[0]?.get().catch(() => {});
    await clock.pass(400);
    expect([...store.entries.keys()].filter((key) => key.endsWith(":cooldown"))).toEqual([]);
    // Nor is what was refused, and given again, told to anybody.
    expect([...store.entries.keys()].filter((key) => key.endsWith(":token"))).toEqual([]);
  });

  test("when it is over, one success ends it for all", async () => {
    const { members, clock, endpoint, store } = fleetOf(5);
    endpoint.fail(503);
    for (const member of members) member.get().catch(() => {});
    await clock.pass(60_000);
    endpoint.answer = undefined;
    const before = endpoint.requests;
    await clock.pass(120_000);
    await tokensOf(members, clock);
    expect(endpoint.requests).toBe(before + 1);
    expect([...store.entries.keys()].map((key) => key.split(":")[1])).toEqual(["token"]);
  });

  test("a newcomer takes the token that is still valid", async () => {
    const { members, clock, endpoint, join } = fleetOf(1);
    await tokensOf(members, clock);
    endpoint.fail(503);
    await clock.pass(3_500_000);
    await tokensOf(members, clock);
    expect(await tokensOf([join()], clock)).toEqual(["token-1"]);
  });
});

describe("what an API refused", () => {
  test("is not given to a newcomer", async () => {
    const { members, clock, join } = fleetOf(1);
    for (const member of members) {
      await tokensOf([member], clock);
      member.invalidate(member.peekFresh() as AccessToken);
    }
    await settled();
    expect(await tokensOf([join()], clock)).toEqual(["token-2"]);
  });

  test("is not taken from the store by who saw it refused, though it could not be taken away", async () => {
    const { members, clock, store, join } = fleetOf(1);
    await tokensOf(members, clock);
    const member = join();
    await tokensOf([member], clock);
    store.trouble = (command) => (command === "write" ? Promise.reject(new Error("READONLY")) : Promise.resolve());
    member.invalidate(member.peekFresh() as AccessToken);
    await settled();
    store.trouble = async () => {};
    await clock.pass(10_000);
    expect(await tokensOf([member], clock)).toEqual(["token-2"]);
  });

  test("is replaced, though another member takes it away while its successor is under way", async () => {
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

  test("while a server's same token was being told to the others is not taken back", async () => {
    const { members, clock, endpoint, store } = fleetOf(1);
    const [member] = members as [TokenSource];
    endpoint.answer = () => ({ access_token: "reused", expires_in: 3600 });
    await tokensOf(members, clock);
    const token = member.peekFresh() as AccessToken;
    await clock.pass(3_500_000);
    store.trouble = (command) =>
      command === "write" ? new Promise((resolve) => clock.setTimeout(resolve, 40)) : Promise.resolve();
    member.get();
    // The lease takes 40 ms, the answer 300 ms, and then the others are told.
    await clock.pass(350);
    member.invalidate(token);
    await clock.pass(1000);
    expect(member.peekFresh()).toBeUndefined();
    await expect(member.get()).rejects.toThrow("The API rejects the tokens that it issues");
  });

  test("long ago leaves the newer token where it is", async () => {
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

describe("what lies in the store", () => {
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

  test("is found and opened by the next release, as what this one wrote in an earlier one is here", async () => {
    const { clock, store, endpoint, join } = fleetOf(0);
    const key = "807419eb52cd7772b97e8ef85e3c1ef78c9f7cbbbe755e5347edd671b7e04693:token";
    const value =
      "ASBIzVjZE2itT28LtThcaySbRYYZabv7az8Kd5uaLrVN/OWR+yTBlL1M/KriolPnp+UhVNPG1SKIWW7T09/20k2dPG01gC0SVxv5LGMdoRFGuj3ko+B5ZAKnsm37cYeJ1huq7srcSPk=";
    await store.compareAndSet(key, undefined, { value, ttlMs: 60_000 });
    expect(await tokensOf([join()], clock)).toEqual(["token-0"]);
    expect(endpoint.requests).toBe(0);
  });

  test.each<[string, (value: string) => string]>([
    ["is garbage", () => "garbage"],
    ["is no base64", () => "\u{1f511}"],
    ["was cut", (value) => value.slice(0, 20)],
    ["was changed by a bit", (value) => flip(value, value.length - 6)],
    ["has another version", (value) => flip(value, 0)],
    ["has another nonce", (value) => flip(value, 4)],
  ])("but %s is a miss, no error, and is written over", async (_, spoil) => {
    const { members, clock, store, endpoint, join } = fleetOf(1);
    await tokensOf(members, clock);
    for (const [key, value] of store.entries) await store.overwrite(key, spoil(value));
    expect(await tokensOf([join()], clock)).toEqual(["token-2"]);
    expect(await tokensOf([join()], clock)).toEqual(["token-2"]);
    expect(endpoint.requests).toBe(2);
  });

  test("does not open under another key", async () => {
    const { members, clock, store, endpoint, join } = fleetOf(1);
    await tokensOf(members, clock);
    const other = createTokenSource({
      request: endpoint.request,
      scope: "other",
      sharedSecret: SHARED_SECRET,
      store: share(store),
      clock,
    });
    await tokensOf([other], clock);
    const [key, othersKey = ""] = store.entries.keys();
    await store.overwrite(key ?? "", store.entries.get(othersKey) ?? "");
    expect(await tokensOf([join()], clock)).toEqual(["token-3"]);
  });

  test("is nothing where it has no end", async () => {
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

  test("lives no longer than its token, whoever lengthens its time", async () => {
    const { members, clock, store, join } = fleetOf(1);
    await tokensOf(members, clock);
    for (const [key, value] of store.entries) {
      await store.compareAndSet(key, value, { value, ttlMs: 86_400_000 });
    }
    const newcomer = join();
    await tokensOf([newcomer], clock);
    expect(newcomer.peekFresh()?.remainingSeconds({ now: new Date(clock.now()) })).toBeLessThanOrEqual(3600);
  });
});

describe("who shares", () => {
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

  test("has the same base URL, client, secret and scopes, in any order; nobody else", async () => {
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

  test("needs a store that shares, and says how to make one", () => {
    const { read, compareAndSet } = memoryStore();
    const store = { read, compareAndSet } as SharedStore;
    const identity = { baseUrl: URL, clientId: "id", clientSecret: "0SECRET", scope: "a" };
    expect(() => createTokenSource({ ...identity, store })).toThrow(/^`store` must be .* `share\(store\)`$/);
    expect(() => createTokenSource({ ...identity, store: share(store) })).not.toThrow();
  });

  test("needs a shared secret where there is no client secret", () => {
    const request = async () => ({ access_token: "t" });
    expect(() => createTokenSource({ request, store: memoryStore() })).toThrow(/^`sharedSecret` is needed/);
  });
});

/** Changes one character of a base64 text. */
function flip(text: string, index: number): string {
  return text.slice(0, index) + (text[index] === "A" ? "B" : "A") + text.slice(index + 1);
}

import {
  AccessToken,
  type AnyTokenResponse,
  type Clock,
  createTokenSource,
  type TokenEvent,
  type TokenFunctionOptions,
  TokenRequestError,
  type TokenSourceOptions,
} from "oauth2-token-response";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeClock, settled } from "./fake-clock.ts";
import { printed } from "./printed.ts";
import { CLIENT, startProvider } from "./provider/provider.ts";

/** What a request for a token results in. */
type Outcome = AnyTokenResponse | Error | ((options: { signal: AbortSignal }) => Promise<AnyTokenResponse>);

/** No response, until the attempt is aborted. */
const noResponse: Outcome = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** A source whose requests have these outcomes, one after the other. The last one is repeated. */
function sourceOf(outcomes: Outcome[], options: Partial<TokenSourceOptions> = {}) {
  const clock = new FakeClock();
  const events: TokenEvent[] = [];
  const state = { requests: 0 };
  const request: TokenFunctionOptions["request"] = async (options) => {
    const outcome = outcomes[Math.min(state.requests++, outcomes.length - 1)];
    if (outcome instanceof Error) throw outcome;
    if (typeof outcome === "function") return outcome(options);
    return { ...outcome };
  };
  const onEvent = (event: TokenEvent) => void events.push(event);
  const tokens = createTokenSource({ request, clock, onEvent, ...options });
  const value = async () => (await tokens.get()).value;
  return { tokens, clock, events, state, value, types: () => events.map(({ type }) => type) };
}

/** Tokens a, b, c … of one lifetime. */
const series = (expires_in: number, names = "abcdefgh"): Outcome[] =>
  [...names].map((access_token) => ({ access_token, expires_in }));

const requestError = (status: number | undefined, more: object = {}) =>
  new TokenRequestError("https://x", { status, ...more });
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`got ${value}`),
    (error) => error,
  );

const isPending = (promise: Promise<unknown>) => Promise.race([promise.then(() => false), settled().then(() => true)]);

/** A promise that the test settles. */
function deferred<T>() {
  let [resolve, reject]: [(value: T) => void, (error: unknown) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}

/** Jitter of medium length. Without this call there is none, so that times are exact. */
const useJitter = () => vi.spyOn(Math, "random").mockReturnValue(0.5);

beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

describe("get() decides by the remaining lifetime", () => {
  test.each([
    [3600, "returns the token without a request", "a", 1],
    [901, "returns the token without a request", "a", 1],
    [900, "returns the token and refreshes it in the background", "a", 2],
    [11, "returns the token and refreshes it in the background", "a", 2],
    [10, "waits for the next token", "b", 2],
    [0, "waits for the next token", "b", 2],
  ])("with %i s left of an hour it %s", async (remaining, _, expected, requests) => {
    const { clock, state, value } = sourceOf(series(3600));
    await value();
    await clock.pass((3600 - remaining) * 1000);
    expect(await value()).toBe(expected);
    await settled();
    expect(state.requests).toBe(requests);
  });

  test.each([
    [30, 22_500, 28_500],
    [6, 4500, 5700],
    [7200, 6_000_000, 7_190_000],
    [28_800, 27_600_000, 28_790_000],
  ])(
    "a token of %i s is refreshed after %i ms, and waited for after %i ms",
    async (lifetime, refreshMs, blockingMs) => {
      const { clock, tokens, value, state } = sourceOf([...series(lifetime, "a"), () => new Promise(() => {})]);
      await value();
      await clock.pass(refreshMs - 1);
      expect(tokens.peekFresh()?.value).toBe("a");
      await clock.pass(1);
      expect(tokens.peekFresh()).toBeUndefined();
      expect(await value()).toBe("a");
      await settled();
      expect(state.requests).toBe(2);
      await clock.pass(blockingMs - refreshMs - 1);
      expect(await value()).toBe("a");
      await clock.pass(1);
      expect(await isPending(value())).toBe(true);
    },
  );

  test("jitter opens the refresh window of an hour's token up to 180 s later", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999_999);
    const { clock, tokens } = sourceOf(series(3600));
    await tokens.get();
    await clock.pass(2_879_000);
    expect(tokens.peekFresh()?.value).toBe("a");
    await clock.pass(2000);
    expect(tokens.peekFresh()).toBeUndefined();
  });

  test("`refreshWindowMs` and `blockingWindowMs` set the windows", async () => {
    const options = { refreshWindowMs: 60_000, blockingWindowMs: 1000 };
    const { clock, tokens, value } = sourceOf([...series(3600, "a"), () => new Promise(() => {})], options);
    await value();
    await clock.pass(3_539_999);
    expect(tokens.peekFresh()?.value).toBe("a");
    await clock.pass(1);
    expect(tokens.peekFresh()).toBeUndefined();
    await clock.pass(58_999);
    expect(await value()).toBe("a");
    await clock.pass(1);
    expect(await isPending(value())).toBe(true);
  });

  test("a large `refreshWindowMs` counts as a quarter of the lifetime", async () => {
    const short = sourceOf(series(30), { refreshWindowMs: 300_000 });
    await short.tokens.get();
    await short.clock.pass(22_000);
    expect(short.tokens.peekFresh()?.value).toBe("a");
  });

  test("a lifetime counts from the request on, however slow the response", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, tokens } = sourceOf([() => slow.promise]);
    const waiting = tokens.get();
    await clock.pass(9000);
    slow.resolve({ access_token: "a", expires_in: 60 });
    const { expiresAt } = await waiting;
    expect(expiresAt?.getTime()).toBe(clock.now() + 51_000);
    await clock.pass(35_900);
    expect(tokens.peekFresh()?.value).toBe("a");
    // 45 s of the 60 are over.
    await clock.pass(100);
    expect(tokens.peekFresh()).toBeUndefined();
  });

  test("a token of unknown expiry is returned until it is invalidated", async () => {
    const { clock, tokens, value, state } = sourceOf([{ access_token: "a" }, { access_token: "b" }]);
    const token = await tokens.get();
    await clock.pass(1e9);
    expect(await value()).toBe("a");
    tokens.invalidate(token);
    expect(await value()).toBe("b");
    expect(state.requests).toBe(2);
  });

  test("callers who waited get the requested token, however short its lifetime", async () => {
    const { value, state } = sourceOf(series(1));
    expect(await Promise.all([value(), value()])).toEqual(["a", "a"]);
    expect(state.requests).toBe(1);
  });
});

describe("one request", () => {
  test("serves a thousand callers", async () => {
    const { value, state } = sourceOf(series(3600));
    const values = await Promise.all(Array.from({ length: 1000 }, value));
    expect(new Set(values)).toEqual(new Set(["a"]));
    expect(state.requests).toBe(1);
  });

  test("is joined by a call to get() from inside the request function", async () => {
    const again: Promise<AccessToken>[] = [];
    const { tokens, state } = sourceOf([
      async () => {
        again.push(tokens.get());
        return { access_token: "a" };
      },
    ]);
    await tokens.get();
    expect((await again[0])?.value).toBe("a");
    expect(state.requests).toBe(1);
  });

  test("goes on when a caller aborts: the abort ends only that caller's wait, with its reason", async () => {
    const response = deferred<AnyTokenResponse>();
    const { tokens, value, state } = sourceOf([() => response.promise]);
    const controller = new AbortController();
    const first = failureOf(tokens.get({ signal: controller.signal }));
    const second = value();
    await settled();
    controller.abort("enough");
    expect(await first).toBe("enough");
    response.resolve({ access_token: "a" });
    expect(await second).toBe("a");
    expect(state.requests).toBe(1);
  });

  test("has its token cached even if all callers have aborted", async () => {
    const response = deferred<AnyTokenResponse>();
    const { tokens, value, state } = sourceOf([() => response.promise]);
    const controller = new AbortController();
    const only = failureOf(tokens.get({ signal: controller.signal }));
    controller.abort("enough");
    await only;
    response.resolve({ access_token: "a" });
    await settled();
    expect(await value()).toBe("a");
    expect(state.requests).toBe(1);
  });

  test("is not started for a caller whose signal is already aborted", async () => {
    const { tokens, state } = sourceOf(series(3600));
    expect(await failureOf(tokens.get({ signal: AbortSignal.abort("no") }))).toBe("no");
    await settled();
    expect(state.requests).toBe(0);
  });

  test("adds one listener to a signal that callers share, and removes it at its end", async () => {
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    const { tokens } = sourceOf(series(3600));
    await Promise.all(Array.from({ length: 50 }, () => tokens.get({ signal })));
    await settled();
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove.mock.calls).toEqual(add.mock.calls);
  });

  test("leaves no timer running", async () => {
    const { tokens, clock } = sourceOf([requestError(503), ...series(3600)]);
    const token = tokens.get();
    await clock.pass(60_000);
    await token;
    expect(clock.timers).toBe(0);
  });

  test("makes no further attempt if it slept past its time limit and another request was started", async () => {
    useJitter();
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, state } = sourceOf([requestError(503), () => slow.promise, ...series(60, "x")]);
    const first = value();
    await clock.pass(1);
    clock.sleep(31_000);
    const second = value();
    await clock.pass(5000);
    expect(state.requests).toBe(2);
    slow.resolve({ access_token: "b", expires_in: 60 });
    expect(await Promise.all([first, second])).toEqual(["b", "b"]);
  });

  test("makes no further attempt once another has replaced it, even if the clock is set back", async () => {
    const { clock, value, state } = sourceOf([noResponse]);
    const waiting = [failureOf(value())];
    await settled();
    clock.shiftWall(31_000);
    waiting.push(failureOf(value()));
    await settled();
    clock.shiftWall(-20_000);
    // The first attempt looks as if the process was frozen, and gets one more second.
    await clock.pass(12_000);
    // The third one is the second attempt of the other request.
    expect(state.requests).toBe(3);
    await clock.pass(30_000);
    await Promise.all(waiting);
  });

  test("in the background keeps a program alive for its attempts, and not for the pauses between them", async () => {
    useJitter();
    const clock = new FakeClock();
    const holding = new Set<unknown>();
    const nodeClock: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimeout(callback, milliseconds) {
        const timer = clock.setTimeout(callback, milliseconds);
        holding.add(timer);
        return Object.assign(timer, { unref: () => holding.delete(timer) });
      },
      clearTimeout(timer) {
        holding.delete(timer);
        clock.clearTimeout(timer);
      },
    };
    const slow = deferred<AnyTokenResponse>();
    const { value } = sourceOf([...series(3600, "a"), () => slow.promise, ...series(3600, "b")], { clock: nodeClock });
    await value();
    await clock.pass(3_000_000);
    await value();
    await settled();
    expect(holding.size).toBe(1);
    slow.reject(requestError(503));
    await settled();
    expect(holding.size).toBe(0);
    expect(clock.timers).toBeGreaterThan(0);
  });

  test("that fails after the process was frozen does not affect the request that replaced it", async () => {
    const [frozen, slow] = [deferred<AnyTokenResponse>(), deferred<AnyTokenResponse>()];
    const { clock, value, state, types } = sourceOf([() => frozen.promise, () => slow.promise, ...series(60, "x")]);
    const first = value();
    await settled();
    clock.sleep(31_000);
    const second = value();
    await settled();
    frozen.reject(requestError(401));
    const third = value();
    await settled();
    slow.resolve({ access_token: "b", expires_in: 60 });
    expect(await Promise.all([first, second, third])).toEqual(["b", "b", "b"]);
    expect(state.requests).toBe(2);
    expect(types()).not.toContain("failed");
  });

  test("from before the process was frozen is not joined, and its late response replaces no newer token", async () => {
    const frozen = deferred<AnyTokenResponse>();
    const { tokens, clock, value, state } = sourceOf([() => frozen.promise, { access_token: "b", expires_in: 3600 }]);
    const waiting = value();
    await settled();
    clock.sleep(31_000);
    expect(await value()).toBe("b");
    frozen.resolve({ access_token: "a", expires_in: 3600 });
    expect(await waiting).toBe("a");
    expect(tokens.peekFresh()?.value).toBe("b");
    expect(state.requests).toBe(2);
  });
});

describe("waitUntil", () => {
  /** Counts calls, and how many of the promises have settled. */
  function counter() {
    const counts = { calls: 0, fulfilled: 0, rejected: 0 };
    const waitUntil = (promise: Promise<unknown>) => {
      counts.calls++;
      promise.then(
        () => counts.fulfilled++,
        () => counts.rejected++,
      );
    };
    return { counts, waitUntil };
  }

  test("is called with each refresh, during the call to get() that starts it", async () => {
    const { counts, waitUntil } = counter();
    const slow = deferred<AnyTokenResponse>();
    const { clock, tokens } = sourceOf([...series(60, "a"), () => slow.promise, ...series(60, "c")], { waitUntil });
    const first = tokens.get();
    // Before `get()` returns: later the context of the call would be gone.
    expect(counts).toEqual({ calls: 1, fulfilled: 0, rejected: 0 });
    await first;
    await settled();
    expect(counts).toEqual({ calls: 1, fulfilled: 1, rejected: 0 });

    await clock.pass(46_000);
    expect((await Promise.all([tokens.get(), tokens.get()])).map(({ value }) => value)).toEqual(["a", "a"]);
    await clock.pass(5000);
    expect(counts).toEqual({ calls: 2, fulfilled: 1, rejected: 0 });
    slow.resolve({ access_token: "b", expires_in: 60 });
    await settled();
    expect(counts).toEqual({ calls: 2, fulfilled: 2, rejected: 0 });

    tokens.invalidate(await tokens.get());
    const forced = tokens.get();
    expect(counts.calls).toBe(3);
    expect((await forced).value).toBe("c");
  });

  test("of a call overrides that of the source, and receives only the refresh which that call starts", async () => {
    const [ofSource, ofCall, ofOther] = [counter(), counter(), counter()];
    const { tokens } = sourceOf(series(60), { waitUntil: ofSource.waitUntil });
    await Promise.all([tokens.get(ofCall), tokens.get(ofOther), tokens.get()]);
    await tokens.get(ofOther);
    expect([ofSource, ofCall, ofOther].map(({ counts }) => counts.calls)).toEqual([0, 1, 0]);
  });

  test("receives a promise that fulfills even if the refresh fails", async () => {
    const { counts, waitUntil } = counter();
    const { tokens } = sourceOf([requestError(401)], { waitUntil });
    await failureOf(tokens.get());
    await settled();
    expect(counts).toEqual({ calls: 1, fulfilled: 1, rejected: 0 });
  });

  test("may throw, as it does outside of a request: get() still returns a token", async () => {
    const waitUntil = () => {
      throw new Error("there is no request");
    };
    const { value, tokens } = sourceOf(series(60), { waitUntil });
    expect(await value()).toBe("a");
    tokens.invalidate(await tokens.get());
    expect((await tokens.get({ waitUntil })).value).toBe("b");
  });
});

describe("a background refresh that its runtime has abandoned", () => {
  /** A clock whose timers never fire, if they are set while it abandons them. */
  class AbandoningClock extends FakeClock {
    isAbandoning = false;

    override setTimeout(callback: () => void, milliseconds: number) {
      return this.isAbandoning ? { at: Infinity, callback } : super.setTimeout(callback, milliseconds);
    }
  }

  /** A source with a token of 60 s, after 46 s: its background refresh was abandoned. */
  async function abandoned() {
    const clock = new AbandoningClock();
    const source = sourceOf([...series(60, "a"), () => new Promise(() => {}), ...series(60, "b")], { clock });
    await source.value();
    await clock.pass(46_000);
    clock.isAbandoning = true;
    expect(await source.value()).toBe("a");
    await settled();
    clock.isAbandoning = false;
    expect(source.state.requests).toBe(2);
    return { ...source, clock };
  }

  test.each([
    ["has expired", 60_000],
    ["is about to expire", 57_500],
  ])("delays callers by one second once the token %s; then they share a refresh of their own", async (_, moment) => {
    const { clock, value, state } = await abandoned();
    await clock.pass(moment - 46_000);
    const waiting = Promise.all(Array.from({ length: 100 }, value));
    await clock.pass(999);
    expect(await isPending(waiting)).toBe(true);
    expect(state.requests).toBe(2);
    await clock.pass(1);
    expect(new Set(await waiting)).toEqual(new Set(["b"]));
    expect(state.requests).toBe(3);
    expect(clock.timers).toBe(0);
  });

  test("delays no caller while the token is ageing", async () => {
    const { clock, value, state } = await abandoned();
    await clock.pass(5000);
    expect(await value()).toBe("a");
    expect(state.requests).toBe(2);
  });

  test("is told from a slow one that began in the blocking window: callers wait for that", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, state } = sourceOf([...series(60, "a"), () => slow.promise]);
    await value();
    await clock.pass(52_000);
    expect(await value()).toBe("a");
    await clock.pass(8000);
    const waiting = value();
    await clock.pass(1900);
    expect(await isPending(waiting)).toBe(true);
    expect(state.requests).toBe(2);
    slow.resolve({ access_token: "b", expires_in: 60 });
    expect(await waiting).toBe("b");
    expect(state.requests).toBe(2);
  });

  test("leaves callers their own time limit, and an error with `nextTryAt`", async () => {
    const clock = new AbandoningClock();
    const { value } = sourceOf([() => new Promise(() => {})], { clock });
    clock.isAbandoning = true;
    value().catch(() => {});
    await settled();
    clock.isAbandoning = false;
    const waiting = failureOf(value());
    await settled();
    clock.shiftWall(31_000);
    await clock.pass(31_000);
    expect(await waiting).toMatchObject({ name: "TokenTimeoutError", nextTryAt: new Date(clock.now() + 1000) });
  });
});

describe("a process that was frozen or blocked", () => {
  test.each([
    ["frozen", (clock: FakeClock) => clock.sleep(60_000), 10_000],
    ["blocked", (clock: FakeClock) => clock.advance(60_000), 0],
  ])(
    "%s past the time limits still reads a token that arrives within one second, and no cooldown follows",
    async (_, holdUp, dueMs) => {
      const arrived = deferred<AnyTokenResponse>();
      const { clock, value, state, types } = sourceOf([() => arrived.promise, ...series(3600, "b")]);
      const waiting = value();
      await settled();
      holdUp(clock);
      // The timer is due.
      await clock.pass(dueMs);
      await clock.pass(999);
      arrived.resolve({ access_token: "a", expires_in: 3600 });
      expect(await waiting).toBe("a");
      expect(await value()).toBe("a");
      expect(state.requests).toBe(1);
      expect(types()).not.toContain("failed");
    },
  );

  test("past the time limits requests a token again without a cooldown, and retries", async () => {
    const { clock, value, events } = sourceOf([() => new Promise(() => {}), requestError(503), ...series(3600, "b")]);
    const waiting = value();
    await settled();
    clock.sleep(60_000);
    await clock.pass(13_000);
    expect(await waiting).toBe("b");
    expect(events.find(({ type }) => type === "failed")).toMatchObject({ retryInMs: 0 });
  });
});

describe("a refresh that fails while the token is valid", () => {
  test("allows one immediate try after the expiry, even during a long `Retry-After`", async () => {
    const { clock, value, state } = sourceOf([
      ...series(600, "a"),
      requestError(429, { retryAfterMs: 200_000 }),
      ...series(600, "b"),
    ]);
    await value();
    await clock.pass(500_000);
    await value();
    await clock.pass(99_999);
    expect(await value()).toBe("a");
    expect(state.requests).toBe(2);
    await clock.pass(1);
    expect(await value()).toBe("b");
  });

  test("permanently also allows one immediate try after the expiry; then a cooldown follows", async () => {
    const { clock, value, state } = sourceOf([
      ...series(40, "a"),
      requestError(401),
      requestError(401),
      ...series(600, "b"),
    ]);
    await value();
    await clock.pass(35_000);
    await value();
    await clock.pass(5000);
    expect(await failureOf(value())).toMatchObject({ status: 401 });
    expect(await failureOf(value())).toMatchObject({ status: 401 });
    expect(state.requests).toBe(3);
    await clock.pass(60_000);
    expect(await value()).toBe("b");
  });

  test("makes no call fail: the token is returned, the failure is one event, and a later call refreshes again", async () => {
    const { clock, value, state, types } = sourceOf([...series(3600, "a"), requestError(503)]);
    await value();
    useJitter();
    await clock.pass(2_700_000);
    expect(await value()).toBe("a");
    await clock.pass(31_000);
    expect(types().filter((type) => type === "failed")).toHaveLength(1);
    const before = state.requests;
    expect(await value()).toBe("a");
    await settled();
    expect(state.requests).toBe(before + 1);
  });

  test("leaves get() returning the token in the blocking window too", async () => {
    const { clock, value } = sourceOf([...series(3600, "a"), requestError(400)]);
    await value();
    await clock.pass(3_595_000);
    expect(await value()).toBe("a");
  });

  test("delays no caller past the first attempt, even in the blocking window", async () => {
    useJitter();
    const { clock, value, tokens } = sourceOf([...series(600, "a"), requestError(503)]);
    await value();
    await clock.pass(592_000);
    const waiting = tokens.get();
    await settled();
    // The first attempt has failed, more are to come.
    expect((await waiting).value).toBe("a");
    expect((await tokens.get()).value).toBe("a");
    await clock.pass(7999);
    expect((await tokens.get()).value).toBe("a");
  });

  test.each([
    [8000, 7000],
    [1000, 500],
  ])("slowly delays callers with a token of %i ms remaining by %i ms", async (remainingMs, waitMs) => {
    const { clock, value, tokens } = sourceOf([...series(600, "a"), () => new Promise(() => {})]);
    await value();
    await clock.pass(600_000 - remainingMs);
    const waiting = tokens.get();
    await clock.pass(waitMs - 1);
    expect(await isPending(waiting)).toBe(true);
    await clock.pass(1);
    expect((await waiting).value).toBe("a");
  });

  test("slowly does not make get() return a token that expired while the machine slept", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, tokens } = sourceOf([...series(600, "a"), () => slow.promise]);
    await value();
    await clock.pass(592_000);
    const waiting = tokens.get();
    await settled();
    clock.sleep(9000);
    await clock.pass(7000);
    slow.resolve({ access_token: "b", expires_in: 600 });
    expect((await waiting).value).toBe("b");
  });

  test("slowly is followed by another one, if a caller came after the expiry", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, tokens } = sourceOf([...series(600, "a"), () => slow.promise, ...series(600, "b")]);
    await value();
    await clock.pass(592_000);
    await Promise.all([tokens.get(), clock.pass(8000)]);
    const waiting = tokens.get();
    await clock.pass(1000);
    slow.reject(requestError(503));
    await clock.pass(0);
    expect((await waiting).value).toBe("b");
  });

  test("slowly does not delay an abort, before the expiry or after it", async () => {
    const { clock, value, tokens } = sourceOf([...series(600, "a"), () => new Promise(() => {})]);
    await value();
    await clock.pass(592_000);
    for (const remainingMs of [8000, 0]) {
      const controller = new AbortController();
      const call = failureOf(tokens.get({ signal: controller.signal }));
      await clock.pass(10);
      controller.abort(`gone with ${remainingMs} ms left`);
      expect(await call).toBe(`gone with ${remainingMs} ms left`);
      await clock.pass(8000);
    }
  });

  test("in the blocking window is followed by another one as soon as the token has expired", async () => {
    const { clock, value, state } = sourceOf([...series(600, "a"), requestError(503), ...series(600, "b")]);
    await value();
    await clock.pass(596_000);
    const last = value();
    await clock.pass(3900);
    await last;
    await clock.pass(100);
    expect(await value()).toBe("b");
    expect(state.requests).toBeLessThan(12);
  });

  test("with a timeout also allows one immediate try after the expiry", async () => {
    const { clock, value, state, events } = sourceOf([
      ...series(600, "a"),
      ...Array(3).fill(noResponse),
      ...series(600, "b"),
    ]);
    await value();
    await clock.pass(569_500);
    await value();
    await clock.pass(30_000);
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { name: "TokenTimeoutError" }, retryInMs: 1000 });
    await clock.pass(499);
    expect(await value()).toBe("a");
    expect(state.requests).toBe(4);
    await clock.pass(1);
    expect(await value()).toBe("b");
  });

  test("never makes get() return an expired token", async () => {
    const { clock, value } = sourceOf([...series(60, "a"), requestError(400)]);
    await value();
    await clock.pass(60_000);
    expect(await failureOf(value())).toMatchObject({ status: 400 });
  });
});

describe("failures", () => {
  test("have a stack that names the caller of get(), also during a cooldown", async () => {
    const { tokens } = sourceOf([requestError(401)]);
    const callerOfThis = async () => await tokens.get();
    expect((await failureOf(callerOfThis())).stack).toContain("callerOfThis");
    expect((await failureOf(callerOfThis())).stack).toContain("callerOfThis");
  });

  test("that are transient are retried within one refresh", async () => {
    const { clock, tokens, state, types } = sourceOf([
      requestError(undefined),
      requestError(429),
      requestError(500),
      requestError(408),
      ...series(60),
    ]);
    const token = tokens.get();
    await clock.pass(10_000);
    expect((await token).value).toBe("a");
    expect(state.requests).toBe(5);
    expect(types()).toEqual(["requested", "requested", "requested", "requested", "requested", "refreshed"]);
  });

  test.each([400, 401, 403, 404, 302, 200])(
    "of status %i are permanent: the endpoint is requested once",
    async (status) => {
      const { value, state } = sourceOf([requestError(status)]);
      expect(await failureOf(value())).toMatchObject({ status });
      expect(state.requests).toBe(1);
    },
  );

  test("of a custom `request` are retried until the time limit, and are the cause of the error", async () => {
    useJitter();
    const { clock, value } = sourceOf([new Error("my own")]);
    const failure = failureOf(value());
    await clock.pass(40_000);
    expect(await failure).toMatchObject({
      name: "TokenTimeoutError",
      cause: { name: "TokenRequestError", cause: { name: "Error", message: "my own" } },
    });
  });

  test.each<[string, unknown]>([
    ["a frozen error", Object.freeze(new Error("down"))],
    ["a frozen error of ours", Object.freeze(requestError(503))],
    ["a frozen object", Object.freeze({ message: "down" })],
    ["an error whose members throw", Object.defineProperty({}, "message", { get: () => expect.fail("a getter") })],
    ["a string", "down"],
    ["null", null],
    ["undefined", undefined],
  ])("of a `request` that throws %s become an event and a new error", async (_, thrown) => {
    const { value, events } = sourceOf([() => Promise.reject(thrown)], { timeoutMs: 0 });
    const failure = await failureOf(value());
    expect(failure).toMatchObject({ name: "TokenTimeoutError", nextTryAt: expect.any(Date) });
    expect(failure).not.toBe(thrown);
    expect(events.map(({ type }) => type)).toEqual(["requested", "failed"]);
    Object.freeze(failure);
    expect((await failureOf(value())).message).toBe(failure.message);
  });

  test("of a source inside the `request` of others are copied: each source sets its own `nextTryAt`", async () => {
    const inner = sourceOf([requestError(400, { error: "invalid_scope" })]);
    const outer = [1, 2].map(() => sourceOf([async () => ({ access_token: (await inner.tokens.get()).value })]));
    const failure = await failureOf(inner.value());
    const before = failure.nextTryAt;
    for (const source of outer) {
      source.clock.advance(5000);
      expect(await failureOf(source.value())).toMatchObject({
        name: "TokenRequestError",
        error: "invalid_scope",
        nextTryAt: new Date(source.clock.now() + 30_000),
        cause: { message: failure.message },
      });
    }
    expect(failure.nextTryAt).toBe(before);
  });

  test.each([NaN, Infinity, -1, 2 ** 31, 1e300])(
    "with a `retryAfterMs` of %d cause fewer than 30 requests a minute",
    async (retryAfterMs) => {
      useJitter();
      const { clock, value, state } = sourceOf([requestError(503, { retryAfterMs })]);
      for (let second = 0; second < 60; second++) {
        const failure = failureOf(value());
        await clock.pass(1000);
        if (second > 30) expect(Number((await failure).nextTryAt)).toBeLessThanOrEqual(clock.now() + 300_000);
      }
      expect(state.requests).toBeLessThan(30);
    },
  );

  test("are retried after pauses that double, up to 10 s", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999_999);
    const { clock, value, events } = sourceOf([requestError(503)], { timeoutMs: 60_000 });
    const failure = failureOf(value());
    const times: number[] = [];
    for (let second = 0; second <= 600; second++) {
      while (times.length < events.filter(({ type }) => type === "requested").length) times.push(second / 10);
      await clock.pass(100);
    }
    await failure;
    expect(times.slice(0, 7).map(Math.round)).toEqual([0, 1, 2, 4, 8, 16, 26]);
  });

  test("end at the time limit, with the last one as the cause", async () => {
    useJitter();
    const last = requestError(503, { errorDescription: "down" });
    const { clock, value } = sourceOf([last]);
    const failure = failureOf(value());
    await clock.pass(30_000);
    expect(await failure).toMatchObject({
      name: "TokenTimeoutError",
      cause: { status: 503, errorDescription: "down", cause: { message: last.message } },
    });
  });

  test("without a response end the attempt after 10 s, and all attempts after 30 s", async () => {
    const { clock, value, state } = sourceOf([noResponse]);
    const failure = failureOf(value());
    await clock.pass(29_999);
    expect(await isPending(failure)).toBe(true);
    await clock.pass(1);
    expect(await failure).toMatchObject({ name: "TokenTimeoutError", cause: { cause: { name: "TimeoutError" } } });
    expect(state.requests).toBe(3);
  });

  test("leave the last attempt the remaining time", async () => {
    const { clock, value, state } = sourceOf([noResponse], { timeoutMs: 15_000 });
    const failure = failureOf(value());
    await clock.pass(15_000);
    expect(await failure).toMatchObject({
      message: expect.stringMatching(
        /^`request`: no token after 2 attempts within 15 s\. Last failure: `request`: no complete response /,
      ),
      cause: { cause: { message: "No result within 5000 ms" } },
    });
    expect(state.requests).toBe(2);
  });

  test("start no second request beside one that ignores its signal, and take its late token", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, state } = sourceOf([() => slow.promise, ...series(60, "b")]);
    const first = value();
    await clock.pass(25_000);
    slow.resolve({ access_token: "a", expires_in: 60 });
    expect(await first).toBe("a");
    expect(state.requests).toBe(1);
    // It counts from its own request on.
    await clock.pass(35_000);
    expect(await value()).toBe("b");
  });

  test("start a second request once one that ignores its signal has failed", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, state } = sourceOf([() => slow.promise, ...series(60, "b")]);
    const first = value();
    await clock.pass(15_000);
    expect(state.requests).toBe(1);
    slow.reject(requestError(503));
    expect(await first).toBe("b");
    expect(state.requests).toBe(2);
  });

  test("by silence abort what is under way, with the reason", async () => {
    const signals: AbortSignal[] = [];
    const clock = new FakeClock();
    const request = ({ signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return new Promise<AnyTokenResponse>(() => {});
    };
    const failure = failureOf(createTokenSource({ request, clock }).get());
    await clock.pass(10_000);
    expect(signals[0]?.aborted).toBe(true);
    expect(signals[0]?.reason).toMatchObject({ name: "TimeoutError", message: "No result within 10000 ms" });
    await clock.pass(30_000);
    await failure;
  });

  test("pause a little longer by chance", async () => {
    useJitter();
    const { clock, value } = sourceOf([requestError(401)]);
    expect((await failureOf(value())).nextTryAt - clock.now()).toBe(31_500);
  });

  test("wait as long as the server says", async () => {
    const { clock, value, state } = sourceOf([requestError(429, { retryAfterMs: 7000 }), ...series(60)]);
    const token = value();
    await clock.pass(6999);
    expect(state.requests).toBe(1);
    await clock.pass(1);
    expect(await token).toBe("a");
  });

  test.each([
    [40_000, 40_000],
    [1e9, 300_000],
  ])(
    "with a `retryAfterMs` of %i, beyond the time limit, reject at once and cool down for %i ms",
    async (retryAfterMs, coolDownMs) => {
      const { clock, value, state } = sourceOf([requestError(429, { retryAfterMs }), ...series(60)]);
      expect(await failureOf(value())).toMatchObject({ status: 429 });
      await clock.pass(coolDownMs - 1);
      expect(await failureOf(value())).toMatchObject({ status: 429 });
      expect(state.requests).toBe(1);
      await clock.pass(1);
      expect(await value()).toBe("a");
    },
  );

  test("start a cooldown: get() rejects at once with an equal error, which has `nextTryAt`", async () => {
    const { clock, tokens, value, state } = sourceOf([requestError(401, { error: "invalid_client" }), ...series(60)]);
    const failure = await failureOf(value());
    expect(failure.nextTryAt).toEqual(new Date(clock.now() + 30_000));
    await clock.pass(29_999);
    const failures = await Promise.all(Array.from({ length: 100 }, () => failureOf(tokens.get())));
    for (const other of failures)
      expect({ ...other, message: other.message }).toEqual({ ...failure, message: failure.message });
    // Each caller gets an object of its own, to change or freeze.
    expect(new Set([failure, ...failures]).size).toBe(101);
    expect(state.requests).toBe(1);
    await clock.pass(1);
    expect(await value()).toBe("a");
  });

  test.each([
    ["transient", 503, [1, 2, 4, 8, 16, 32, 60, 60]],
    ["permanent", 401, [30, 60, 120, 240, 300, 300]],
  ])("that are %s make each cooldown longer, and a success resets it", async (_, status, seconds) => {
    const outcomes: Outcome[] = [...seconds.map(() => requestError(status)), ...series(1, "a"), requestError(status)];
    const { clock, value } = sourceOf(outcomes, { timeoutMs: 0 });
    for (const pause of seconds) {
      expect((await failureOf(value())).nextTryAt - clock.now()).toBe(pause * 1000);
      await clock.pass(pause * 1000);
    }
    await value();
    await clock.pass(1000);
    expect((await failureOf(value())).nextTryAt - clock.now()).toBe((seconds[0] ?? 0) * 1000);
  });

  test("after a cooldown are final after one attempt, until a request succeeds", async () => {
    useJitter();
    const { clock, value, state } = sourceOf([requestError(503)]);
    const first = failureOf(value());
    await clock.pass(30_000);
    await first;
    const before = state.requests;
    await clock.pass(1000);
    expect(await failureOf(value())).toMatchObject({ status: 503 });
    expect(state.requests).toBe(before + 1);
  });

  test("in the background cause no unhandled rejection", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const { clock, value } = sourceOf([...series(60, "a"), requestError(400)]);
    await value();
    await clock.pass(50_000);
    await value();
    await settled();
    await settled();
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("a server that reuses tokens", () => {
  test("gets at most 14 requests for the lifetime of an hour", async () => {
    const clock = new FakeClock();
    const died = clock.now() + 3_600_000;
    const remaining = () => Math.floor((died - clock.now()) / 1000);
    const { value, state, types } = sourceOf([async () => ({ access_token: "a", expires_in: remaining() })], { clock });
    await value();
    for (let second = 0; second < 3598; second++) {
      await value();
      await clock.pass(1000);
    }
    expect(types()).toContain("unchanged");
    // The window of 900 s is halved each time, down to one second.
    expect(state.requests).toBeLessThanOrEqual(14);
  });

  test("is not requested again before half of the remaining lifetime has passed, and the event says so", async () => {
    const { clock, value, events } = sourceOf([
      { access_token: "a", expires_in: 60 },
      { access_token: "a", expires_in: 14 },
    ]);
    await value();
    await clock.pass(46_000);
    await value();
    await settled();
    expect(events.at(-1)).toEqual({ type: "unchanged", durationMs: 0, retryInMs: 7000 });
  });

  test("has its remaining lifetime counted from the request, and the pause from a slow response", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, events } = sourceOf([...series(60, "a"), () => slow.promise]);
    await value();
    await clock.pass(46_000);
    await value();
    await clock.pass(4000);
    slow.resolve({ access_token: "a", expires_in: 14 });
    await settled();
    expect(events.at(-1)).toEqual({ type: "unchanged", durationMs: 4000, retryInMs: 5000 });
  });

  test("is requested again as soon as the token that it returned again has expired", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, tokens } = sourceOf([...series(60, "a"), () => slow.promise, ...series(60, "b")]);
    await value();
    await clock.pass(58_000);
    const waiting = tokens.get();
    await clock.pass(500);
    slow.resolve({ access_token: "a", expires_in: 1 });
    expect((await waiting).value).toBe("a");
    await clock.pass(600);
    expect(await value()).toBe("b");
  });

  test("whose gateway caches the response does not make a token expire later", async () => {
    const { clock, value, state } = sourceOf([...series(60, "a"), ...series(60, "a"), ...series(60, "b")]);
    await value();
    await clock.pass(50_000);
    await value();
    await clock.pass(10_000);
    expect(await value()).toBe("b");
    expect(state.requests).toBe(3);
  });

  test("is requested again a second later if the token has expired on arrival", async () => {
    const { clock, value, state } = sourceOf([
      { access_token: "a", expires_in: 0 },
      { access_token: "a", expires_in: -1 },
      ...series(60, "b"),
    ]);
    const token = value();
    await clock.pass(2000);
    expect(await token).toBe("b");
    expect(state.requests).toBe(3);
  });

  test("and returns only expired tokens until the time limit causes a TokenResponseError", async () => {
    const { clock, value, state } = sourceOf([{ access_token: "a", expires_in: 0 }]);
    const failure = failureOf(value());
    await clock.pass(30_000);
    const expected = "a lifetime that is not over yet";
    expect(await failure).toMatchObject({ name: "TokenResponseError", path: "/expires_in", expected });
    expect(state.requests).toBe(30);
  });
});

describe("an invalidated token", () => {
  test("is refreshed once before it is returned again, however many callers report it", async () => {
    const { tokens, value, state } = sourceOf(series(3600));
    const token = await tokens.get();
    for (let call = 0; call < 1000; call++) tokens.invalidate(token);
    expect(tokens.peekFresh()).toBeUndefined();
    expect(await Promise.all([value(), value()])).toEqual(["b", "b"]);
    tokens.invalidate(token);
    expect(await value()).toBe("b");
    expect(state.requests).toBe(2);
  });

  test("that came from an ordinary refresh is refreshed at once", async () => {
    const { clock, tokens, value } = sourceOf(series(100));
    tokens.invalidate(await tokens.get());
    await tokens.get();
    await clock.pass(80_000);
    await value();
    await settled();
    const fresh = await tokens.get();
    expect(fresh.value).toBe("c");
    tokens.invalidate(fresh);
    expect(await value()).toBe("d");
  });

  test("stays in use if the server returns it again", async () => {
    const { tokens, value, state, types } = sourceOf(series(3600, "aa"));
    tokens.invalidate(await tokens.get());
    expect(await value()).toBe("a");
    expect(tokens.peekFresh()?.value).toBe("a");
    expect(state.requests).toBe(2);
    expect(types().slice(-1)).toEqual(["unchanged"]);
  });

  test.each([400, 401, 503])("stays in use if the token endpoint answers %i", async (status) => {
    const { tokens, value, state } = sourceOf([...series(3600, "a"), requestError(status)]);
    tokens.invalidate(await tokens.get());
    expect(await value()).toBe("a");
    expect(await value()).toBe("a");
    expect(state.requests).toBe(2);
  });

  test("is returned again after 10 s if the forced refresh hangs", async () => {
    const { clock, tokens, value } = sourceOf([...series(3600, "a"), () => new Promise(() => {})]);
    tokens.invalidate(await tokens.get());
    const waiting = value();
    await clock.pass(9999);
    expect(await isPending(waiting)).toBe(true);
    await clock.pass(1);
    expect(await waiting).toBe("a");
  });

  test("is not confirmed by a response that was requested before the invalidation", async () => {
    const late = deferred<AnyTokenResponse>();
    const { clock, tokens, value, state } = sourceOf([...series(60, "a"), () => late.promise, ...series(60, "b")]);
    const token = await tokens.get();
    await clock.pass(50_000);
    await value();
    await settled();
    tokens.invalidate(token);
    const waiting = value();
    await settled();
    late.resolve({ access_token: "a", expires_in: 10 });
    expect(await waiting).toBe("b");
    expect(state.requests).toBe(3);
  });

  test("forces a refresh ten times at once, then once each 10 s; in between the token stays in use", async () => {
    const names = "abcdefghijklmnopqrstuvwxyz";
    const { clock, tokens, value, state } = sourceOf(series(3600, names));
    for (let report = 0; report < 20; report++) tokens.invalidate(await tokens.get());
    expect(await value()).toBe("k");
    expect(state.requests).toBe(11);
    await clock.pass(9999);
    tokens.invalidate(await tokens.get());
    expect(await value()).toBe("k");
    await clock.pass(1);
    tokens.invalidate(await tokens.get());
    expect(await value()).toBe("l");
    expect(state.requests).toBe(12);
  });

  test("that was already replaced causes an event, but no request", async () => {
    const { tokens, value, state, events } = sourceOf(series(3600));
    const first = await tokens.get();
    tokens.invalidate(first);
    await tokens.get();
    tokens.invalidate(first);
    expect(await value()).toBe("b");
    expect(state.requests).toBe(2);
    expect(events.filter(({ type }) => type === "invalidated")).toEqual([
      { type: "invalidated", isCurrent: true },
      { type: "invalidated", isCurrent: false },
    ]);
  });
});

describe("clocks", () => {
  test("a wall clock that is set back by an hour does not delay the expiry", async () => {
    const { clock, value } = sourceOf(series(60));
    await value();
    clock.shiftWall(-3_600_000);
    await clock.pass(60_000);
    expect(await value()).toBe("b");
  });

  test("a clock that jumps ahead of the expiry and back again does not make the token valid again", async () => {
    const { clock, tokens, value } = sourceOf([...series(60, "a"), requestError(400)]);
    await value();
    clock.shiftWall(3_600_000);
    expect(tokens.peekFresh()).toBeUndefined();
    clock.shiftWall(-3_600_000);
    expect(tokens.peekFresh()).toBeUndefined();
    expect(await failureOf(value())).toMatchObject({ status: 400 });
  });

  test("a token expires while the machine sleeps", async () => {
    const { clock, value } = sourceOf(series(3600));
    await value();
    clock.sleep(8 * 3_600_000);
    expect(await value()).toBe("b");
  });
});

describe("events", () => {
  test("report requests, refreshes, failures and invalidations, without secrets", async () => {
    const { clock, tokens, value, events } = sourceOf([...series(60, "a"), requestError(400), ...series(60, "b")]);
    const token = await tokens.get();
    await clock.pass(50_000);
    await value();
    await settled();
    tokens.invalidate(token);
    expect(events).toEqual([
      { type: "requested", attempt: 1, failure: undefined },
      { type: "refreshed", durationMs: 0, expiresAt: token.expiresAt },
      { type: "requested", attempt: 1, failure: undefined },
      { type: "failed", durationMs: 0, error: expect.any(TokenRequestError), retryInMs: 30_000 },
      { type: "invalidated", isCurrent: true },
    ]);
    expect(printed(events)).not.toMatch(/secret/);
  });

  test("may have a listener that throws", async () => {
    const onEvent = () => {
      throw new Error("listener");
    };
    const { value } = sourceOf(series(60), { onEvent });
    expect(await value()).toBe("a");
  });

  test("may have an async listener that rejects, without an unhandled rejection", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const onEvent = async () => {
      throw new Error("listener");
    };
    const { value, tokens } = sourceOf([...series(60, "a"), requestError(503)], { onEvent, timeoutMs: 0 });
    tokens.invalidate(await tokens.get());
    expect(await value()).toBe("a");
    await settled();
    await settled();
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("of an invalidation come after it: a listener cannot get the rejected token", async () => {
    const found: unknown[] = [];
    const onEvent = ({ type }: TokenEvent) => {
      if (type === "invalidated") found.push(tokens.peekFresh(), tokens.get());
    };
    const { tokens } = sourceOf(series(60), { onEvent });
    tokens.invalidate(await tokens.get());
    const [peeked, got] = found;
    expect(peeked).toBeUndefined();
    expect(await got).toMatchObject({ value: "b" });
  });
});

describe("a source with a custom `request`", () => {
  test.each([
    [
      ["a", "b"],
      ["a", "b"],
    ],
    ["a b", ["a", "b"]],
    [undefined, []],
  ])("and the scope %j has tokens of that scope", async (scope, expected) => {
    expect((await sourceOf([{ access_token: "t" }], { scope }).tokens.get()).scope).toEqual(expected);
  });

  test("uses the timers of the platform by default", async () => {
    let requests = 0;
    const request = async () => {
      if (requests++ === 0) throw requestError(503);
      return { access_token: "t" };
    };
    expect((await createTokenSource({ request }).get()).value).toBe("t");
  });
});

describe("a source with credentials", () => {
  test("requests one token for a thousand callers, and has the origin of the endpoint", async () => {
    const provider = await startProvider();
    const tokens = createTokenSource({ baseUrl: provider.baseUrl, ...CLIENT, scope: ["enterprise.company"] });
    expect(tokens.origin).toBe(provider.baseUrl);
    const all = await Promise.all(Array.from({ length: 1000 }, () => tokens.get()));
    expect(new Set(all).size).toBe(1);
    expect(all[0]?.scope).toEqual(["enterprise.company"]);
    expect(provider.tokenRequests).toBe(1);
    await provider.close();
  });

  test.each([
    ["baseUrl", { baseUrl: "http://example.com" }],
    ["clientSecret", { clientSecret: "" }],
    ["refreshWindowMs", { refreshWindowMs: -1 }],
    ["blockingWindowMs", { blockingWindowMs: NaN }],
    ["timeoutMs", { timeoutMs: Infinity }],
  ])("throws a TypeError that names an invalid `%s`", (name, wrong) => {
    const options = { baseUrl: "https://example.com", ...CLIENT, scope: "" };
    expect(() => createTokenSource({ ...options, ...wrong })).toThrow(TypeError);
    expect(() => createTokenSource({ ...options, ...wrong })).toThrow(name);
  });
});

test("get() returns an AccessToken", async () => {
  expect(await sourceOf(series(60)).tokens.get()).toBeInstanceOf(AccessToken);
});

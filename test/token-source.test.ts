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

/** An answer, or a failure, or what makes one of them. */
type Answer = AnyTokenResponse | Error | ((options: { signal: AbortSignal }) => Promise<AnyTokenResponse>);

/** No answer at all, until the attempt is over. */
const silence: Answer = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** A source whose answers are in the hands of the test; the last one is repeated. */
function sourceOf(answers: Answer[], options: Partial<TokenSourceOptions> = {}) {
  const clock = new FakeClock();
  const events: TokenEvent[] = [];
  const state = { requests: 0 };
  const request: TokenFunctionOptions["request"] = async (options) => {
    const answer = answers[Math.min(state.requests++, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    if (typeof answer === "function") return answer(options);
    return { ...answer };
  };
  const onEvent = (event: TokenEvent) => void events.push(event);
  const tokens = createTokenSource({ request, clock, onEvent, ...options });
  const value = async () => (await tokens.get()).value;
  return { tokens, clock, events, state, value, types: () => events.map(({ type }) => type) };
}

/** Tokens a, b, c … of one lifetime. */
const series = (expires_in: number, names = "abcdefgh"): Answer[] =>
  [...names].map((access_token) => ({ access_token, expires_in }));

const refusal = (status: number | undefined, more: object = {}) =>
  new TokenRequestError("https://x", { status, ...more });
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`got ${value}`),
    (error) => error,
  );

/** The provider's rest of an answer that comes when the test says so. */
function deferred<T>() {
  let [resolve, reject]: [(value: T) => void, (error: unknown) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}

/** Chance as it is in the middle; else there is none, so that moments are exact. */
const halfway = () => vi.spyOn(Math, "random").mockReturnValue(0.5);

beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

describe("what get() does, by what the token has left of an hour", () => {
  test.each([
    ["3600 s", 0, "a", 1, 1],
    ["901 s", 2699, "a", 1, 1],
    ["900 s, the refresh window: gives it, and renews behind", 2700, "a", 2, 2],
    ["11 s", 3589, "a", 2, 2],
    ["10 s, the last moment: waits", 3590, "b", 2, 2],
    ["none: waits", 3600, "b", 2, 2],
  ])("%s", async (_, seconds, given, requests) => {
    const { clock, state, value } = sourceOf(series(3600));
    await value();
    await clock.pass(seconds * 1000);
    expect(await value()).toBe(given);
    await settled();
    expect(state.requests).toBe(requests);
  });

  test.each([
    ["30 s", 30, 22_499, 22_500, 28_500],
    ["6 s", 6, 4499, 4500, 5700],
    ["two hours", 7200, 5_999_999, 6_000_000, 7_190_000],
    ["eight hours", 28_800, 27_599_999, 27_600_000, 28_790_000],
  ])("the windows of a token of %s are parts of its life", async (_, lifetime, fresh, windowOpens, blocking) => {
    const { clock, tokens, state } = sourceOf([...series(lifetime, "a"), () => new Promise(() => {})]);
    await tokens.get();
    await clock.pass(fresh);
    expect(tokens.peekFresh()?.value).toBe("a");
    await clock.pass(windowOpens - fresh);
    expect(tokens.peekFresh()).toBeUndefined();
    expect((await tokens.get()).value).toBe("a");
    await settled();
    expect(state.requests).toBe(2);
    await clock.pass(Math.min(blocking - windowOpens, 9_000));
    expect((await Promise.race([tokens.get(), settled()]))?.value).toBe(
      blocking - windowOpens <= 9000 ? undefined : "a",
    );
  });

  test("the refresh window opens later by chance, never earlier and never past the last moment", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999_999);
    const { clock, tokens } = sourceOf(series(3600));
    await tokens.get();
    await clock.pass(2_879_000);
    expect(tokens.peekFresh()?.value).toBe("a");
    await clock.pass(2000);
    expect(tokens.peekFresh()).toBeUndefined();
  });

  test("windows of one's own are seconds, and still at most parts of the life", async () => {
    const { clock, tokens } = sourceOf(series(3600), { refreshWindowMs: 60_000, blockingWindowMs: 1000 });
    await tokens.get();
    await clock.pass(3_539_999);
    expect(tokens.peekFresh()?.value).toBe("a");
    const short = sourceOf(series(30), { refreshWindowMs: 300_000 });
    await short.tokens.get();
    await short.clock.pass(22_000);
    expect(short.tokens.peekFresh()?.value).toBe("a");
  });

  test("a life counts from when the token was asked for, however slow the answer was", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, tokens } = sourceOf([() => slow.promise]);
    const asked = tokens.get();
    await clock.pass(9000);
    slow.resolve({ access_token: "a", expires_in: 60 });
    const { expiresAt } = await asked;
    expect(expiresAt?.getTime()).toBe(clock.now() + 51_000);
    await clock.pass(35_900);
    expect(tokens.peekFresh()?.value).toBe("a");
    // 45 s of the 60 are over.
    await clock.pass(100);
    expect(tokens.peekFresh()).toBeUndefined();
  });

  test("an unknown expiry is valid until an API refuses the token", async () => {
    const { clock, tokens, value, state } = sourceOf([{ access_token: "a" }, { access_token: "b" }]);
    const token = await tokens.get();
    await clock.pass(1e9);
    expect(await value()).toBe("a");
    tokens.invalidate(token);
    expect(await value()).toBe("b");
    expect(state.requests).toBe(2);
  });

  test("those who waited get what was asked for, however short it lives", async () => {
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

  test("is joined by whoever asks from within it", async () => {
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

  test("belongs to nobody: an abort ends its own wait with its reason, and the request goes on", async () => {
    const answer = deferred<AnyTokenResponse>();
    const { tokens, value, state } = sourceOf([() => answer.promise]);
    const controller = new AbortController();
    const first = failureOf(tokens.get({ signal: controller.signal }));
    const second = value();
    await settled();
    controller.abort("enough");
    expect(await first).toBe("enough");
    answer.resolve({ access_token: "a" });
    expect(await second).toBe("a");
    expect(state.requests).toBe(1);
  });

  test("is kept when all who waited have gone", async () => {
    const answer = deferred<AnyTokenResponse>();
    const { tokens, value, state } = sourceOf([() => answer.promise]);
    const controller = new AbortController();
    const only = failureOf(tokens.get({ signal: controller.signal }));
    controller.abort("enough");
    await only;
    answer.resolve({ access_token: "a" });
    await settled();
    expect(await value()).toBe("a");
    expect(state.requests).toBe(1);
  });

  test("is not begun for a caller who has gone already", async () => {
    const { tokens, state } = sourceOf(series(3600));
    expect(await failureOf(tokens.get({ signal: AbortSignal.abort("no") }))).toBe("no");
    await settled();
    expect(state.requests).toBe(0);
  });

  test("listens to a signal once, however many callers share it, and no longer than it lasts", async () => {
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    const { tokens } = sourceOf(series(3600));
    await Promise.all(Array.from({ length: 50 }, () => tokens.get({ signal })));
    await settled();
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove.mock.calls).toEqual(add.mock.calls);
  });

  test("leaves no timer behind", async () => {
    const { tokens, clock } = sourceOf([refusal(503), ...series(3600)]);
    const token = tokens.get();
    await clock.pass(60_000);
    await token;
    expect(clock.timers).toBe(0);
  });

  test("that slept through its deadline between two attempts makes no further one beside the next", async () => {
    halfway();
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, state } = sourceOf([refusal(503), () => slow.promise, ...series(60, "x")]);
    const first = value();
    await clock.pass(1);
    clock.sleep(31_000);
    const second = value();
    await clock.pass(5000);
    expect(state.requests).toBe(2);
    slow.resolve({ access_token: "b", expires_in: 60 });
    expect(await Promise.all([first, second])).toEqual(["b", "b"]);
  });

  test("that another has replaced makes no further attempt, even if the clock goes back", async () => {
    const { clock, value, state } = sourceOf([silence]);
    const waiting = [failureOf(value())];
    await settled();
    clock.setWall(31_000);
    waiting.push(failureOf(value()));
    await settled();
    clock.setWall(-20_000);
    // The first attempt was held up, as it seems, and gets a second more.
    await clock.pass(12_000);
    // The second of the other request, and none of the first.
    expect(state.requests).toBe(3);
    await clock.pass(30_000);
    await Promise.all(waiting);
  });

  test("in the background keeps a program alive for its attempts, and not for the pauses between them", async () => {
    halfway();
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
    slow.reject(refusal(503));
    await settled();
    expect(holding.size).toBe(0);
    expect(clock.timers).toBeGreaterThan(0);
  });

  test("that was frozen leaves alone the one that is under way when it ends", async () => {
    const [frozen, slow] = [deferred<AnyTokenResponse>(), deferred<AnyTokenResponse>()];
    const { clock, value, state, types } = sourceOf([() => frozen.promise, () => slow.promise, ...series(60, "x")]);
    const first = value();
    await settled();
    clock.sleep(31_000);
    const second = value();
    await settled();
    frozen.reject(refusal(401));
    const third = value();
    await settled();
    slow.resolve({ access_token: "b", expires_in: 60 });
    expect(await Promise.all([first, second, third])).toEqual(["b", "b", "b"]);
    expect(state.requests).toBe(2);
    expect(types()).not.toContain("failed");
  });

  test("that was frozen with the process is not joined, and its late answer overwrites nothing", async () => {
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
  /** Counts what it is called with, and how much of that has settled. */
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

  test("is called with each refresh, for as long as it takes, by the call that starts it", async () => {
    const { counts, waitUntil } = counter();
    const slow = deferred<AnyTokenResponse>();
    const { clock, tokens } = sourceOf([...series(60, "a"), () => slow.promise, ...series(60, "c")], { waitUntil });
    const first = tokens.get();
    // At once: a promise later the call would no longer be the one that runs.
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

  test("of a call takes the place of that of the source, and gets only what that call starts", async () => {
    const [ofSource, ofCall, ofOther] = [counter(), counter(), counter()];
    const { tokens } = sourceOf(series(60), { waitUntil: ofSource.waitUntil });
    await Promise.all([tokens.get(ofCall), tokens.get(ofOther), tokens.get()]);
    await tokens.get(ofOther);
    expect([ofSource, ofCall, ofOther].map(({ counts }) => counts.calls)).toEqual([0, 1, 0]);
  });

  test("is called with a promise that does not reject, though the refresh fails", async () => {
    const { counts, waitUntil } = counter();
    const { tokens } = sourceOf([refusal(401)], { waitUntil });
    await failureOf(tokens.get());
    await settled();
    expect(counts).toEqual({ calls: 1, fulfilled: 1, rejected: 0 });
  });

  test("may throw, as outside of a request", async () => {
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

  /** A source with a token of a minute, 46 s later, whose refresh in the background was abandoned. */
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
  ])("is waited for a second once the token %s, and then callers share one of their own", async (_, moment) => {
    const { clock, value, state } = await abandoned();
    await clock.pass(moment - 46_000);
    const waiting = Promise.all(Array.from({ length: 100 }, value));
    await clock.pass(999);
    expect(await Promise.race([waiting, settled()])).toBeUndefined();
    expect(state.requests).toBe(2);
    await clock.pass(1);
    expect(new Set(await waiting)).toEqual(new Set(["b"]));
    expect(state.requests).toBe(3);
    expect(clock.timers).toBe(0);
  });

  test("keeps no caller waiting while the token can be used", async () => {
    const { clock, value, state } = await abandoned();
    await clock.pass(5000);
    expect(await value()).toBe("a");
    expect(state.requests).toBe(2);
  });

  test("is told from one that is slow, for which all wait", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, state } = sourceOf([...series(60, "a"), () => slow.promise]);
    await value();
    await clock.pass(52_000);
    expect(await value()).toBe("a");
    await clock.pass(8000);
    const waiting = value();
    await clock.pass(1900);
    expect(await Promise.race([waiting, settled()])).toBeUndefined();
    expect(state.requests).toBe(2);
    slow.resolve({ access_token: "b", expires_in: 60 });
    expect(await waiting).toBe("b");
    expect(state.requests).toBe(2);
  });

  test("leaves a caller the time for a refresh of its own, and an error that says when to try again", async () => {
    const clock = new AbandoningClock();
    const { value } = sourceOf([() => new Promise(() => {})], { clock });
    clock.isAbandoning = true;
    value().catch(() => {});
    await settled();
    clock.isAbandoning = false;
    const waiting = failureOf(value());
    await settled();
    clock.setWall(31_000);
    await clock.pass(31_000);
    expect(await waiting).toMatchObject({ name: "TokenTimeoutError", nextTryAt: new Date(clock.now() + 1000) });
  });
});

describe("a process that was held up", () => {
  test.each([
    ["frozen", (clock: FakeClock) => clock.sleep(60_000), 10_000],
    ["blocked", (clock: FakeClock) => clock.advance(60_000), 0],
  ])(
    "%s past the time limits still reads a token that has arrived, and no cooldown follows",
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

  test("past the time limits without a token requests one at once, more than once: it is no known outage", async () => {
    const { clock, value, events } = sourceOf([() => new Promise(() => {}), refusal(503), ...series(3600, "b")]);
    const waiting = value();
    await settled();
    clock.sleep(60_000);
    await clock.pass(13_000);
    expect(await waiting).toBe("b");
    expect(events.find(({ type }) => type === "failed")).toMatchObject({ retryInMs: 0 });
  });
});

describe("a refresh that fails behind a valid token", () => {
  test("whose pause outlasts the token: the first one without a token asks all the same, as the outage may be over", async () => {
    const { clock, value, state } = sourceOf([
      ...series(600, "a"),
      refusal(429, { retryAfterMs: 200_000 }),
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

  test("permanently allows one immediate try once the token has expired, and then the cooldown counts", async () => {
    const { clock, value, state } = sourceOf([...series(40, "a"), refusal(401), refusal(401), ...series(600, "b")]);
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

  test("is nobody's error: the token is given to its end, the failure is an event, the next try waits", async () => {
    const { clock, value, state, types } = sourceOf([...series(3600, "a"), refusal(503)]);
    await value();
    halfway();
    await clock.pass(2_700_000);
    expect(await value()).toBe("a");
    await clock.pass(31_000);
    expect(types().filter((type) => type === "failed")).toHaveLength(1);
    const before = state.requests;
    expect(await value()).toBe("a");
    await settled();
    expect(state.requests).toBe(before + 1);
  });

  test("gives the token in the last moment too", async () => {
    const { clock, value } = sourceOf([...series(3600, "a"), refusal(400)]);
    await value();
    await clock.pass(3_595_000);
    expect(await value()).toBe("a");
  });

  test("keeps nobody waiting who has a token, not even in its last moment", async () => {
    halfway();
    const { clock, value, tokens } = sourceOf([...series(600, "a"), refusal(503)]);
    await value();
    await clock.pass(592_000);
    const waiting = tokens.get();
    await settled();
    // One attempt has failed, the next ones are to come.
    expect((await waiting).value).toBe("a");
    expect((await tokens.get()).value).toBe("a");
    await clock.pass(7999);
    expect((await tokens.get()).value).toBe("a");
  });

  test.each([
    [8000, 7000],
    [1000, 500],
  ])("while it is slow: with %i ms left the token is returned after %i ms", async (remainingMs, waitMs) => {
    const { clock, value, tokens } = sourceOf([...series(600, "a"), () => new Promise(() => {})]);
    await value();
    await clock.pass(600_000 - remainingMs);
    const waiting = tokens.get();
    await clock.pass(waitMs - 1);
    expect(await Promise.race([waiting, settled()])).toBeUndefined();
    await clock.pass(1);
    expect((await waiting).value).toBe("a");
  });

  test("while it is slow: a token that a clock has ended meanwhile is not returned", async () => {
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

  test("while it is slow: a caller that came after the expiry waits on", async () => {
    const slow = deferred<AnyTokenResponse>();
    const { clock, value, tokens } = sourceOf([...series(600, "a"), () => slow.promise, ...series(600, "b")]);
    await value();
    await clock.pass(592_000);
    await Promise.all([tokens.get(), clock.pass(8000)]);
    const waiting = tokens.get();
    await clock.pass(1000);
    slow.reject(refusal(503));
    await clock.pass(0);
    expect((await waiting).value).toBe("b");
  });

  test("and slow is no longer waited for by a caller that is aborted, before the expiry or after it", async () => {
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

  test("lets the first one try again who has no token any more", async () => {
    const { clock, value, state } = sourceOf([...series(600, "a"), refusal(503), ...series(600, "b")]);
    await value();
    await clock.pass(596_000);
    const last = value();
    await clock.pass(3900);
    await last;
    await clock.pass(100);
    expect(await value()).toBe("b");
    expect(state.requests).toBeLessThan(12);
  });

  test("by time allows one immediate try once the token has expired too", async () => {
    const { clock, value, state, events } = sourceOf([
      ...series(600, "a"),
      ...Array(3).fill(silence),
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

  test("never gives an expired one", async () => {
    const { clock, value } = sourceOf([...series(60, "a"), refusal(400)]);
    await value();
    await clock.pass(60_000);
    expect(await failureOf(value())).toMatchObject({ status: 400 });
  });
});

describe("failures", () => {
  test("have a stack that leads to the caller", async () => {
    const { tokens } = sourceOf([refusal(401)]);
    const callerOfThis = async () => await tokens.get();
    expect((await failureOf(callerOfThis())).stack).toContain("callerOfThis");
    // The second one is that of the cooldown.
    expect((await failureOf(callerOfThis())).stack).toContain("callerOfThis");
  });

  test("that may pass are retried within the one request", async () => {
    const { clock, tokens, state, types } = sourceOf([
      refusal(undefined),
      refusal(429),
      refusal(500),
      refusal(408),
      ...series(60),
    ]);
    const token = tokens.get();
    await clock.pass(10_000);
    expect((await token).value).toBe("a");
    expect(state.requests).toBe(5);
    expect(types()).toEqual(["requested", "requested", "requested", "requested", "requested", "refreshed"]);
  });

  test.each([400, 401, 403, 404, 302, 200])("%i is final: it is asked once", async (status) => {
    const { value, state } = sourceOf([refusal(status)]);
    expect(await failureOf(value())).toMatchObject({ status });
    expect(state.requests).toBe(1);
  });

  test("of a function of one's own are told as a request that brought nothing, with their cause", async () => {
    halfway();
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
    ["a frozen error of ours", Object.freeze(refusal(503))],
    ["a frozen object", Object.freeze({ message: "down" })],
    ["an error whose members throw", Object.defineProperty({}, "message", { get: () => expect.fail("a getter") })],
    ["a string", "down"],
    ["null", null],
    ["undefined", undefined],
  ])("of a function that throws %s are events, and errors of our own", async (_, thrown) => {
    const { value, events } = sourceOf([() => Promise.reject(thrown)], { timeoutMs: 0 });
    const failure = await failureOf(value());
    expect(failure).toMatchObject({ name: "TokenTimeoutError", nextTryAt: expect.any(Date) });
    expect(failure).not.toBe(thrown);
    expect(events.map(({ type }) => type)).toEqual(["requested", "failed"]);
    Object.freeze(failure);
    expect((await failureOf(value())).message).toBe(failure.message);
  });

  test("of sources that get their tokens from one source have a `nextTryAt` of their own each", async () => {
    const inner = sourceOf([refusal(400, { error: "invalid_scope" })]);
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
    "with a Retry-After of %d ms cause few requests",
    async (retryAfterMs) => {
      halfway();
      const { clock, value, state } = sourceOf([refusal(503, { retryAfterMs })]);
      for (let second = 0; second < 60; second++) {
        const failure = failureOf(value());
        await clock.pass(1000);
        if (second > 30) expect(Number((await failure).nextTryAt)).toBeLessThanOrEqual(clock.now() + 300_000);
      }
      expect(state.requests).toBeLessThan(30);
    },
  );

  test("pause longer each time, by chance, up to 10 s", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999_999);
    const { clock, value, events } = sourceOf([refusal(503)], { timeoutMs: 60_000 });
    const failure = failureOf(value());
    const times: number[] = [];
    for (let second = 0; second <= 600; second++) {
      while (times.length < events.filter(({ type }) => type === "requested").length) times.push(second / 10);
      await clock.pass(100);
    }
    await failure;
    expect(times.slice(0, 7).map(Math.round)).toEqual([0, 1, 2, 4, 8, 16, 26]);
  });

  test("end at the deadline, with the last one as the cause", async () => {
    halfway();
    const last = refusal(503, { errorDescription: "down" });
    const { clock, value } = sourceOf([last]);
    const failure = failureOf(value());
    await clock.pass(30_000);
    expect(await failure).toMatchObject({
      name: "TokenTimeoutError",
      cause: { status: 503, errorDescription: "down", cause: { message: last.message } },
    });
  });

  test("by silence: an attempt is given up after 10 s, all of them after 30", async () => {
    const { clock, value, state } = sourceOf([silence]);
    const failure = failureOf(value());
    await clock.pass(29_999);
    expect(await Promise.race([failure, settled()])).toBeUndefined();
    await clock.pass(1);
    expect(await failure).toMatchObject({ name: "TokenTimeoutError", cause: { cause: { name: "TimeoutError" } } });
    expect(state.requests).toBe(3);
  });

  test("leave the last attempt only the time that is left", async () => {
    const { clock, value, state } = sourceOf([silence], { timeoutMs: 15_000 });
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
    slow.reject(refusal(503));
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
    halfway();
    const { clock, value } = sourceOf([refusal(401)]);
    expect((await failureOf(value())).nextTryAt - clock.now()).toBe(31_500);
  });

  test("wait as long as the server says", async () => {
    const { clock, value, state } = sourceOf([refusal(429, { retryAfterMs: 7000 }), ...series(60)]);
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
    "where the server asks for %i ms, beyond the deadline, fail now and cool down for %i",
    async (retryAfterMs, coolDownMs) => {
      const { clock, value, state } = sourceOf([refusal(429, { retryAfterMs }), ...series(60)]);
      expect(await failureOf(value())).toMatchObject({ status: 429 });
      await clock.pass(coolDownMs - 1);
      expect(await failureOf(value())).toMatchObject({ status: 429 });
      expect(state.requests).toBe(1);
      await clock.pass(1);
      expect(await value()).toBe("a");
    },
  );

  test("cool down: the same error at once, and when to come again", async () => {
    const { clock, tokens, value, state } = sourceOf([refusal(401, { error: "invalid_client" }), ...series(60)]);
    const failure = await failureOf(value());
    expect(failure.nextTryAt).toEqual(new Date(clock.now() + 30_000));
    await clock.pass(29_999);
    const failures = await Promise.all(Array.from({ length: 100 }, () => failureOf(tokens.get())));
    for (const other of failures)
      expect({ ...other, message: other.message }).toEqual({ ...failure, message: failure.message });
    // Each caller may change or freeze its own.
    expect(new Set([failure, ...failures]).size).toBe(101);
    expect(state.requests).toBe(1);
    await clock.pass(1);
    expect(await value()).toBe("a");
  });

  test.each([
    ["passing", 503, [1, 2, 4, 8, 16, 32, 60, 60]],
    ["final", 401, [30, 60, 120, 240, 300, 300]],
  ])("cool down longer each time while they are %s, and a success clears it", async (_, status, seconds) => {
    const answers: Answer[] = [...seconds.map(() => refusal(status)), ...series(1, "a"), refusal(status)];
    const { clock, value } = sourceOf(answers, { timeoutMs: 0 });
    for (const pause of seconds) {
      expect((await failureOf(value())).nextTryAt - clock.now()).toBe(pause * 1000);
      await clock.pass(pause * 1000);
    }
    await value();
    await clock.pass(1000);
    expect((await failureOf(value())).nextTryAt - clock.now()).toBe((seconds[0] ?? 0) * 1000);
  });

  test("of a known outage keep nobody waiting: one attempt, then the answer", async () => {
    halfway();
    const { clock, value, state } = sourceOf([refusal(503)]);
    const first = failureOf(value());
    await clock.pass(30_000);
    await first;
    const before = state.requests;
    await clock.pass(1000);
    expect(await failureOf(value())).toMatchObject({ status: 503 });
    expect(state.requests).toBe(before + 1);
  });

  test("nobody hears of end no process", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const { clock, value } = sourceOf([...series(60, "a"), refusal(400)]);
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
  test("is not asked again before half of what is left has passed", async () => {
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
    // 900 s of window, halved each time down to a second.
    expect(state.requests).toBeLessThanOrEqual(14);
  });

  test("tells how long it is left alone: half of what is left", async () => {
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

  test("is left alone for half of what is left when its answer comes, however slow that was", async () => {
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

  test("is asked for another as soon as the one that it gave again has expired", async () => {
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

  test("whose gateway answers from its cache does not make a token live longer", async () => {
    const { clock, value, state } = sourceOf([...series(60, "a"), ...series(60, "a"), ...series(60, "b")]);
    await value();
    await clock.pass(50_000);
    await value();
    await clock.pass(10_000);
    expect(await value()).toBe("b");
    expect(state.requests).toBe(3);
  });

  test("in its last second is asked again a second later", async () => {
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

  test("and gives nothing but expired ones until the deadline is told so", async () => {
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

  test("that came by an ordinary refresh is refreshed at once", async () => {
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
    const { tokens, value, state } = sourceOf([...series(3600, "a"), refusal(status)]);
    tokens.invalidate(await tokens.get());
    expect(await value()).toBe("a");
    expect(await value()).toBe("a");
    expect(state.requests).toBe(2);
  });

  test("is waited for no longer than a first attempt", async () => {
    const { clock, tokens, value } = sourceOf([...series(3600, "a"), () => new Promise(() => {})]);
    tokens.invalidate(await tokens.get());
    const waiting = value();
    await clock.pass(9999);
    expect(await Promise.race([waiting, settled()])).toBeUndefined();
    await clock.pass(1);
    expect(await waiting).toBe("a");
  });

  test("is not decided on by a response that was requested before", async () => {
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

  test("forces ten refreshes at once, then one each 10 s; between them the token stays in use", async () => {
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

  test("that was replaced meanwhile changes nothing", async () => {
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
  test("the wall clock set back by an hour revives nothing", async () => {
    const { clock, value } = sourceOf(series(60));
    await value();
    clock.setWall(-3_600_000);
    await clock.pass(60_000);
    expect(await value()).toBe("b");
  });

  test("a jump forward ends a token, and the jump back does not revive it", async () => {
    const { clock, tokens, value } = sourceOf([...series(60, "a"), refusal(400)]);
    await value();
    clock.setWall(3_600_000);
    expect(tokens.peekFresh()).toBeUndefined();
    clock.setWall(-3_600_000);
    expect(tokens.peekFresh()).toBeUndefined();
    expect(await failureOf(value())).toMatchObject({ status: 400 });
  });

  test("a laptop asleep for a night has no token in the morning", async () => {
    const { clock, value } = sourceOf(series(3600));
    await value();
    clock.sleep(8 * 3_600_000);
    expect(await value()).toBe("b");
  });
});

describe("events", () => {
  test("tell what happened, and no secret", async () => {
    const { clock, tokens, value, events } = sourceOf([...series(60, "a"), refusal(400), ...series(60, "b")]);
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

  test("may be heard by a listener that throws", async () => {
    const onEvent = () => {
      throw new Error("listener");
    };
    const { value } = sourceOf(series(60), { onEvent });
    expect(await value()).toBe("a");
  });

  test("may be heard by an async listener that rejects: nothing is left unhandled", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const onEvent = async () => {
      throw new Error("listener");
    };
    const { value, tokens } = sourceOf([...series(60, "a"), refusal(503)], { onEvent, timeoutMs: 0 });
    tokens.invalidate(await tokens.get());
    expect(await value()).toBe("a");
    await settled();
    await settled();
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("of an invalidation come after it: a listener is not given the rejected token", async () => {
    const given: unknown[] = [];
    const onEvent = ({ type }: TokenEvent) => {
      if (type === "invalidated") given.push(tokens.peekFresh(), tokens.get());
    };
    const { tokens } = sourceOf(series(60), { onEvent });
    tokens.invalidate(await tokens.get());
    const [peeked, got] = given;
    expect(peeked).toBeUndefined();
    expect(await got).toMatchObject({ value: "b" });
  });
});

describe("made from a function", () => {
  test.each([
    [
      ["a", "b"],
      ["a", "b"],
    ],
    ["a b", ["a", "b"]],
    [undefined, []],
  ])("has the scope %j that it asks for", async (scope, expected) => {
    expect((await sourceOf([{ access_token: "t" }], { scope }).tokens.get()).scope).toEqual(expected);
  });

  test("needs no clock: pauses are those of the platform", async () => {
    let requests = 0;
    const request = async () => {
      if (requests++ === 0) throw refusal(503);
      return { access_token: "t" };
    };
    expect((await createTokenSource({ request }).get()).value).toBe("t");
  });
});

describe("made from credentials", () => {
  test("asks the token endpoint, and knows its origin", async () => {
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
  ])("checks its options when it is made: %s", (name, wrong) => {
    const options = { baseUrl: "https://example.com", ...CLIENT, scope: "" };
    expect(() => createTokenSource({ ...options, ...wrong })).toThrow(TypeError);
    expect(() => createTokenSource({ ...options, ...wrong })).toThrow(name);
  });
});

test("a token of the source is an AccessToken", async () => {
  expect(await sourceOf(series(60)).tokens.get()).toBeInstanceOf(AccessToken);
});

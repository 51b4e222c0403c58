// The decisions of a token source, as tables.

import { TokenRequestError, TokenResponseError, TokenTimeoutError } from "oauth2-token-response";
import { describe, expect, test } from "vitest";
import {
  cooldownMs,
  ExpiredTokenError,
  mayRefresh,
  retryDelayMs,
  type Stage,
  stageOf,
  unchangedCooldownMs,
  windowsFor,
} from "../src/token-source/refresh-policy.ts";

const LONGEST = { refreshMs: 1_200_000, blockingMs: 10_000 };
const failed = (status: number | undefined, retryAfterMs?: number) =>
  new TokenRequestError("https://x", { status, retryAfterMs });

describe("the windows of a lifetime", () => {
  test.each([
    [7_200_000, 0, 1_200_000, 10_000],
    [3_600_000, 0, 900_000, 10_000],
    [60_000, 0, 15_000, 3000],
    [60_000, 1, 12_000, 3000],
    [0, 0, 0, 0],
    [Infinity, 0, 1_200_000, 10_000],
  ])(
    "of %f ms, with a random number of %f, open %f and %f ms before its expiry",
    (lifetimeMs, random, refresh, blocking) => {
      expect(windowsFor(lifetimeMs, LONGEST, random)).toEqual({ refreshMs: refresh, blockingMs: blocking });
    },
  );

  test("never overlap the wrong way: the refresh window opens no later than the blocking window", () => {
    expect(windowsFor(100_000, { refreshMs: 5000, blockingMs: 5000 }, 1)).toEqual({
      refreshMs: 5000,
      blockingMs: 5000,
    });
  });
});

test.each<[number, Stage]>([
  [15_001, "fresh"],
  [15_000, "ageing"],
  [3001, "ageing"],
  [3000, "ending"],
  [1, "ending"],
  [0, "gone"],
  [-1, "gone"],
])("a token with windows of 15 s and 3 s and %i ms left is %s", (remainingMs, stage) => {
  expect(stageOf(remainingMs, { refreshMs: 15_000, blockingMs: 3000 })).toBe(stage);
});

test("a missing token is gone", () => {
  expect(stageOf(1e9, undefined)).toBe("gone");
});

describe("a refresh", () => {
  const none = { failureMs: 0, hadToken: false, unchangedMs: 0 };
  test.each<[boolean, Stage, boolean, object]>([
    [true, "ageing", false, {}],
    [true, "gone", false, {}],
    [false, "ageing", false, { unchangedMs: 1 }],
    [false, "ending", false, { unchangedMs: 1 }],
    [true, "gone", false, { unchangedMs: 1 }],
    [true, "fresh", true, { unchangedMs: 1 }],
    [false, "ageing", false, { failureMs: 1, hadToken: true }],
    [false, "fresh", true, { failureMs: 1, hadToken: true }],
    [true, "gone", false, { failureMs: 1, hadToken: true }],
    [false, "gone", false, { failureMs: 1, hadToken: false }],
    [true, "gone", false, { failureMs: 0, hadToken: false }],
  ])(
    "may start: %s, if the token is %s, it is forced: %s, and the cooldowns are %j",
    (expected, stage, isForced, cooldowns) => {
      expect(mayRefresh(stage, isForced, { ...none, ...cooldowns })).toBe(expected);
    },
  );
});

describe("the cooldown", () => {
  test.each<[string, number, number, TokenRequestError | TokenResponseError | TokenTimeoutError]>([
    ["a 503", 1, 1000, failed(503)],
    ["a 503", 2, 2000, failed(503)],
    ["a 503", 7, 60_000, failed(503)],
    ["a network error", 1, 1000, failed(undefined)],
    ["a timeout", 3, 4000, new TokenTimeoutError("late")],
    ["a malformed response", 1, 1000, new TokenResponseError("/expires_in", "seconds", "x")],
    ["a 400", 1, 30_000, failed(400)],
    ["a 401", 2, 60_000, failed(401)],
    ["a 401", 9, 300_000, failed(401)],
    ["a 429 with Retry-After", 1, 40_000, failed(429, 40_000)],
    ["a 429 with a Retry-After that is shorter", 7, 60_000, failed(429, 1000)],
    ["a 429 with a huge Retry-After", 1, 300_000, failed(429, 1e12)],
    ["a 429 with an endless Retry-After", 1, 300_000, failed(429, Infinity)],
    ["a 429 with a Retry-After that is not a number", 1, 1000, failed(429, NaN)],
    ["a 429 with a negative Retry-After", 1, 1000, failed(429, -1)],
  ])("after %s, failure %i in a row, is %i ms", (_, count, milliseconds, error) => {
    expect(cooldownMs(error, count, 0)).toBe(milliseconds);
  });

  test("is up to 10 % longer by jitter", () => {
    expect(cooldownMs(failed(503), 1, 1)).toBe(1100);
  });

  test.each([
    [100_000, 50_000],
    [2000, 1000],
    [500, 1000],
  ])("after an unchanged token with %i ms left is %i ms", (remainingMs, milliseconds) => {
    expect(unchangedCooldownMs(remainingMs)).toBe(milliseconds);
  });
});

describe("the delay before another attempt", () => {
  test.each<[string, number, number, unknown]>([
    ["a 503", 1, 500, failed(503)],
    ["a 503", 3, 2000, failed(503)],
    ["a 503", 10, 10_000, failed(503)],
    ["a 408", 1, 500, failed(408)],
    ["a 429 with Retry-After", 1, 7000, failed(429, 7000)],
    ["a 429 with a Retry-After that is not a number", 1, 500, failed(429, NaN)],
    ["a network error", 1, 500, failed(undefined)],
    ["a token that has expired on arrival", 5, 1000, new ExpiredTokenError(0)],
  ])("after %s, failure %i in a row, is %i ms", (_, count, milliseconds, failure) => {
    expect(retryDelayMs(failure, count, 1)).toBe(milliseconds);
  });
});

test.each<[string, unknown]>([
  ["a 400", failed(400)],
  ["a malformed response", new TokenResponseError("", "JSON", "")],
])("there is no other attempt after %s", (_, failure) => {
  expect(retryDelayMs(failure, 1, 1)).toBeUndefined();
});

// What the source decides, as tables.

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

describe("the windows of a token", () => {
  test.each([
    [7_200_000, 0, 1_200_000, 10_000],
    [3_600_000, 0, 900_000, 10_000],
    [60_000, 0, 15_000, 3000],
    [60_000, 1, 12_000, 3000],
    [0, 0, 0, 0],
    [Infinity, 0, 1_200_000, 10_000],
  ])(
    "that lives for %f ms, with chance %f, open %f and %f ms before its expiry",
    (lifetimeMs, random, refresh, blocking) => {
      expect(windowsFor(lifetimeMs, LONGEST, random)).toEqual({ refreshMs: refresh, blockingMs: blocking });
    },
  );

  test("the refresh window never opens after the blocking window", () => {
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
])("a token with %i ms left, whose windows are 15 s and 3 s, is %s", (remainingMs, stage) => {
  expect(stageOf(remainingMs, { refreshMs: 15_000, blockingMs: 3000 })).toBe(stage);
});

test("a token that does not exist is gone", () => {
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
  ])("may start: %s. Stage %s, forced: %s, cooldowns: %j", (expected, stage, isForced, cooldowns) => {
    expect(mayRefresh(stage, isForced, { ...none, ...cooldowns })).toBe(expected);
  });
});

describe("the cooldown", () => {
  test.each<[string, number, TokenRequestError | TokenResponseError | TokenTimeoutError, number]>([
    ["a 503", 1, failed(503), 1000],
    ["a 503", 2, failed(503), 2000],
    ["a 503", 7, failed(503), 60_000],
    ["a network error", 1, failed(undefined), 1000],
    ["a timeout", 3, new TokenTimeoutError("late"), 4000],
    ["a malformed response", 1, new TokenResponseError("/expires_in", "seconds", "x"), 1000],
    ["a 400", 1, failed(400), 30_000],
    ["a 401", 2, failed(401), 60_000],
    ["a 401", 9, failed(401), 300_000],
    ["a 429 with Retry-After", 1, failed(429, 40_000), 40_000],
    ["a 429 with a Retry-After that is shorter", 7, failed(429, 1000), 60_000],
    ["a 429 with a huge Retry-After", 1, failed(429, 1e12), 300_000],
    ["a 429 with an endless Retry-After", 1, failed(429, Infinity), 300_000],
    ["a 429 with a Retry-After that is not a number", 1, failed(429, NaN), 1000],
    ["a 429 with a negative Retry-After", 1, failed(429, -1), 1000],
  ])("after %s, failure %i in a row, is as long as it should be", (_, count, error, milliseconds) => {
    expect(cooldownMs(error, count, 0)).toBe(milliseconds);
  });

  test("is up to a tenth longer by chance", () => {
    expect(cooldownMs(failed(503), 1, 1)).toBe(1100);
  });

  test.each([
    [100_000, 50_000],
    [2000, 1000],
    [500, 1000],
  ])("after the same token, with %i ms left, is %i ms", (remainingMs, milliseconds) => {
    expect(unchangedCooldownMs(remainingMs)).toBe(milliseconds);
  });
});

describe("the delay before another attempt", () => {
  test.each<[string, unknown, number, number | undefined]>([
    ["a 503, first", failed(503), 1, 500],
    ["a 503, third", failed(503), 3, 2000],
    ["a 503, tenth", failed(503), 10, 10_000],
    ["a 408", failed(408), 1, 500],
    ["a 429 with Retry-After", failed(429, 7000), 1, 7000],
    ["a 429 with a Retry-After that is not a number", failed(429, NaN), 1, 500],
    ["a network error", failed(undefined), 1, 500],
    ["a token that had expired", new ExpiredTokenError(0), 5, 1000],
    ["a 400", failed(400), 1, undefined],
    ["a malformed response", new TokenResponseError("", "JSON", ""), 1, undefined],
  ])("after %s, is as long as it should be", (_, failure, count, milliseconds) => {
    expect(retryDelayMs(failure, count, 1)).toBe(milliseconds);
  });
});

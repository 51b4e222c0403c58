// How 401s lead to blame, and how many forced refreshes they may cause.

import { describe, expect, test } from "vitest";
import { Evidence } from "../src/token-source/evidence.ts";
import { FakeClock } from "./fake-clock.ts";

/** Returns for how many seconds an endpoint is blamed after replays that were accepted (`+`) or rejected (`-`), with pauses in seconds. */
function blamedSecondsAfter(story: (string | number)[]): number {
  const clock = new FakeClock();
  const evidence = new Evidence(clock);
  for (const step of story) {
    const forced = { verdicts: new Set<string>(), isRefunded: false };
    if (typeof step === "number") clock.advance(step * 1000);
    else if (step === "+") evidence.clear("GET /a", forced, true);
    else evidence.blame("GET /a", forced);
  }
  let seconds = 0;
  for (; evidence.isBlamed("GET /a"); seconds++) clock.advance(1000);
  return seconds;
}

describe("an endpoint", () => {
  test.each<[number, (string | number)[]]>([
    [0, []],
    [0, ["+"]],
    [5, ["-"]],
    [10, ["-", 5, "-"]],
    [20, ["-", 5, "-", 10, "-"]],
    [40, ["-", "-", "-", "-"]],
    [60, ["-", "-", "-", "-", "-"]],
    [60, ["-", "-", "-", "-", "-", "-", "-"]],
    [10, ["-", 119, "-"]],
    [5, ["-", 120, "-"]],
    [60, ["-", "-", "-", "-", "-", 119, "-"]],
    [0, ["-", "-", "+"]],
    [5, ["-", "-", "+", "-"]],
  ])("is blamed for %i s after the replays and pauses %j", (seconds, story) => {
    expect(blamedSecondsAfter(story)).toBe(seconds);
  });

  test("is blamed once per refresh, however many replays it rejects", () => {
    const clock = new FakeClock();
    const evidence = new Evidence(clock);
    const forced = { verdicts: new Set<string>(), isRefunded: false };
    for (let call = 0; call < 50; call++) evidence.blame("GET /a", forced);
    clock.advance(5000);
    expect(evidence.isBlamed("GET /a")).toBe(false);
  });

  test("that accepted one replay of a refresh is not blamed for another", () => {
    const evidence = new Evidence(new FakeClock());
    const forced = { verdicts: new Set<string>(), isRefunded: false };
    evidence.clear("POST /graphql", forced, true);
    evidence.blame("POST /graphql", forced);
    expect(evidence.isBlamed("POST /graphql")).toBe(false);
  });

  test("is blamed and cleared independently of other paths and methods", () => {
    const evidence = new Evidence(new FakeClock());
    const forced = { verdicts: new Set<string>(), isRefunded: false };
    evidence.blame("GET /sick", forced);
    evidence.clear("GET /good", forced, true);
    expect(evidence.isBlamed("GET /sick")).toBe(true);
    expect(evidence.isBlamed("GET /good")).toBe(false);
    expect(evidence.isBlamed("POST /sick")).toBe(false);
  });

  test("is forgotten when a hundred others have been blamed since", () => {
    const evidence = new Evidence(new FakeClock());
    const blame = (endpoint: string) => evidence.blame(endpoint, { verdicts: new Set(), isRefunded: false });
    blame("GET /first");
    for (let other = 0; other < 99; other++) blame(`GET /${other}`);
    expect(evidence.isBlamed("GET /first")).toBe(true);
    blame("GET /first");
    blame("GET /99");
    expect(evidence.isBlamed("GET /first")).toBe(true);
    expect(evidence.isBlamed("GET /0")).toBe(false);
  });
});

describe("the budget of forced refreshes", () => {
  /** Counts how many are granted now. */
  function granted(evidence: Evidence): number {
    let count = 0;
    while (evidence.spend()) count++;
    return count;
  }

  test.each([
    [0, 0],
    [9.999, 0],
    [10, 1],
    [35, 3],
    [100, 10],
    [3600, 10],
  ])("grants ten at once, and after %f s %i more", (seconds, more) => {
    const clock = new FakeClock();
    const evidence = new Evidence(clock);
    expect(granted(evidence)).toBe(10);
    clock.advance(seconds * 1000);
    expect(granted(evidence)).toBe(more);
  });

  test("counts fractions of its 10 s, even if it is asked in between", () => {
    const clock = new FakeClock();
    const evidence = new Evidence(clock);
    granted(evidence);
    let more = 0;
    for (let step = 0; step < 100; step++) {
      clock.advance(1001);
      more += granted(evidence);
    }
    expect(more).toBe(10);
  });

  test("is refunded once for a refresh that helped, and not for one that returned the same token", () => {
    const evidence = new Evidence(new FakeClock());
    const forced = evidence.spend();
    if (!forced) return expect.fail("nothing was granted");
    granted(evidence);
    evidence.clear("GET /a", forced, false);
    expect(granted(evidence)).toBe(0);
    evidence.clear("GET /a", forced, true);
    evidence.clear("GET /b", forced, true);
    expect(granted(evidence)).toBe(1);
  });

  test("never exceeds ten", () => {
    const evidence = new Evidence(new FakeClock());
    evidence.clear("GET /a", { verdicts: new Set(), isRefunded: false }, true);
    expect(granted(evidence)).toBe(10);
  });
});

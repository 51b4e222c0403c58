// The tests of known worlds: one for each, with its limits.

import { describe, expect, test } from "vitest";
import { ours } from "./clients.ts";
import { count, type KnownWorld } from "./known.ts";
import { play } from "./world.ts";

/** Worlds with more calls take seconds, and run with the slow tests. */
export const QUICK_CALLS = 10_000;

export function testLimits(worlds: readonly KnownWorld[]): void {
  describe("no call throws while there is a token, and good calls and token requests keep to their limits", () => {
    for (const world of worlds) {
      test(`${world.name}: at most ${world.failures} failed calls, ${world.tokenRequests} token requests`, async () => {
        const { failures, thrown, tokenRequests } = count(world, await play(world.options, ours));
        expect(thrown.slice(0, 3)).toEqual([]);
        expect(failures).toBeLessThanOrEqual(world.failures);
        expect(tokenRequests).toBeLessThanOrEqual(world.tokenRequests);
      });
    }
  });
}

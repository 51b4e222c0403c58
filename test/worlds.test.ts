// Simulated worlds with known limits. `npm run worlds` prints the same table for this package, for a naive client and for other packages.

import { describe, expect, test } from "vitest";
import { ours } from "./worlds/clients.ts";
import { count, KNOWN_WORLDS } from "./worlds/known.ts";
import { play } from "./worlds/world.ts";

describe("no call throws while there is a token, and good calls and token requests keep to their limits", () => {
  for (const world of KNOWN_WORLDS) {
    test(`${world.name}: at most ${world.failures} failed calls, ${world.tokenRequests} token requests`, async () => {
      const { failures, thrown, tokenRequests } = count(world, await play(world.options, ours));
      expect(thrown.slice(0, 3)).toEqual([]);
      expect(failures).toBeLessThanOrEqual(world.failures);
      expect(tokenRequests).toBeLessThanOrEqual(world.tokenRequests);
    });
  }
});

// A call never does worse with this package than with plain `fetch` and the newest unexpired token that was issued. Tested on
// generated worlds, without knowledge of how the package works. `npm run model` plays twenty times as many.

import fc from "fast-check";
import { expect, test } from "vitest";
import { naive, ours } from "./worlds/clients.ts";
import { generatedWorld } from "./worlds/generated.ts";
import { excessAfterRevocations, extravagancesIn, harmsIn } from "./worlds/oracle.ts";
import { play } from "./worlds/world.ts";

const RUNS = Number(process.env["MODEL_RUNS"] ?? 500);

test(`in ${RUNS} worlds no call does worse than with plain fetch, revocations cost no more than with a client that always replays, and token requests stay within their budget`, {
  timeout: 1_200_000,
}, async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  await fc.assert(
    fc.asyncProperty(generatedWorld, async (world) => {
      const played = await play(world, ours);
      expect(harmsIn(world, played)).toEqual([]);
      expect(extravagancesIn(world, played)).toEqual([]);
      expect(played.timersLeft, "timers left").toBe(0);
      expect(unhandled).toEqual([]);
      if (world.happenings.some(({ type }) => type === "revoke"))
        expect(excessAfterRevocations(world, played, await play(world, naive))).toEqual([]);
    }),
    // The same worlds in every run. `npm run model` plays random ones.
    { numRuns: RUNS, ...(process.env["MODEL_SEED"] !== "random" && { seed: 2026 }) },
  );
  process.off("unhandledRejection", onUnhandled);
});

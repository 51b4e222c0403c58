// Random worlds: the behaviour of the API and the token endpoint, when calls are made, and what happens meanwhile.

import fc from "fast-check";
import type { Behaviour, Call, Happening, WorldOptions } from "./scenario.ts";
import type { Outage } from "./token-endpoint.ts";

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ kind: "good" } as const) },
  { weight: 3, arbitrary: fc.constant({ kind: "sick" } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("flaky" as const), chance: fc.constantFrom(0.02, 0.1, 0.5) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("lagging" as const), lagMs: fc.constantFrom(1000, 4000, 20_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      { kind: "latest" } as const,
      { kind: "public" } as const,
      { kind: "mixed" } as const,
      { kind: "challenging" } as const,
      { kind: "status", status: 403 } as const,
      { kind: "status", status: 503 } as const,
    ),
  },
);

interface Stream {
  readonly behaviour: Behaviour;
  readonly at: number;
  readonly count: number;
  readonly everyMs: number;
  readonly urls: number;
  readonly abortAfterMs: number | undefined;
}

/** Each two successive streams share their paths and differ in the method. */
function callsOf(streams: readonly Stream[]): Call[] {
  return streams.flatMap(({ behaviour, at, count, everyMs, urls, abortAfterMs }, number) =>
    Array.from({ length: count }, (_, index) => ({
      at: at + index * everyMs,
      method: number % 2 === 0 ? "GET" : "POST",
      path: `/${Math.floor(number / 2)}/${index % urls}`,
      behaviour,
      isRejected: behaviour.kind === "mixed" && index % 3 === 0,
      // One caller in three aborts.
      abortAfterMs: index % 3 === 0 ? abortAfterMs : undefined,
    })),
  );
}

/** Worlds with this lifetime of tokens. Most happens at the start and around the end of the first lifetime. */
function worldOf(lifetime: number): fc.Arbitrary<WorldOptions> {
  const moment = fc.oneof(
    { weight: 3, arbitrary: fc.nat(30_000) },
    { weight: 1, arbitrary: fc.integer({ min: lifetime * 700, max: lifetime * 1050 }) },
    { weight: 1, arbitrary: fc.nat(1_200_000) },
  );
  /** Calls at regular intervals of one endpoint, of some, or of a new one each time. */
  const stream = fc.record({
    at: moment,
    behaviour,
    count: fc.integer({ min: 1, max: 50 }),
    everyMs: fc.constantFrom(0, 100, 1000, 1000, 3000, 10_000, 60_000),
    urls: fc.constantFrom(1, 1, 4, Number.MAX_SAFE_INTEGER),
    abortAfterMs: fc.option(fc.constantFrom(0, 30, 1000, 9000), { freq: 6, nil: undefined }),
  });
  const revocations = fc
    .record({ at: moment, count: fc.constantFrom(1, 1, 1, 2, 5, 15), everyMs: fc.constantFrom(3000, 12_000) })
    .map(({ at, count, everyMs }) =>
      Array.from({ length: count }, (_, index): Happening => ({ type: "revoke", at: at + index * everyMs })),
    );
  const jump: fc.Arbitrary<Happening> = fc.oneof(
    fc.record({
      at: moment,
      type: fc.constant("setWall" as const),
      ms: fc.constantFrom(-3_600_000, -5000, 5000, 3_600_000),
    }),
    fc.record({ at: moment, type: fc.constant("sleep" as const), ms: fc.constantFrom(5000, 600_000) }),
  );
  const outage = fc
    .record({
      from: moment,
      forMs: fc.constantFrom(1000, 20_000, 120_000),
      status: fc.constantFrom(0, 503, 503, 429, 400),
      retryAfterMs: fc.constantFrom(undefined, undefined, 5000, 60_000),
    })
    .map(({ forMs, ...rest }): Outage => ({ ...rest, until: rest.from + forMs }));

  return fc
    .record({
      seed: fc.integer(),
      issues: fc.constantFrom("new" as const, "reused" as const, "single" as const, "static" as const),
      // A token that expires on its way is of no use to anybody.
      latencyMs: fc.constantFrom(0, 300, 300, 2000, 8000).map((latencyMs) => Math.min(latencyMs, lifetime * 250)),
      outages: fc.array(outage, { maxLength: 2 }),
      streams: fc.array(stream, { minLength: 1, maxLength: 6 }),
      revocations: fc.array(revocations, { maxLength: 3 }),
      jumps: fc.oneof(fc.constant([]), fc.array(jump, { maxLength: 2 })),
      apiLatencyMs: fc.constantFrom(0, 100, 100, 2000),
    })
    .map(({ seed, issues, latencyMs, outages, streams, revocations, jumps, apiLatencyMs }) => ({
      seed,
      tokens: { issues, lifetime, latencyMs, outages },
      calls: callsOf(streams),
      happenings: [...revocations.flat(), ...jumps],
      apiLatencyMs,
    }));
}

export const generatedWorld: fc.Arbitrary<WorldOptions> = fc.constantFrom(8, 60, 600, 3600).chain(worldOf);

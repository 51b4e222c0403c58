// Worlds with known answers: how many good calls may fail in each, and how many tokens may be requested. The rates are plausible ones:
// if nothing else is said, a second passes from one good call to the next, a token lasts an hour, and every token request brings a new one.

import { chanceOf } from "./random.ts";
import {
  type Behaviour,
  type Call,
  errorOf,
  type Happening,
  hasFailed,
  isGood,
  type Played,
  type WorldOptions,
} from "./scenario.ts";
import type { Outage, TokenEndpointOptions } from "./token-endpoint.ts";

export interface KnownWorld {
  /** Its own for ever, so that others can link to it. */
  readonly number: number;
  readonly name: string;
  readonly options: WorldOptions;
  /** At most so many good calls may fail. */
  readonly failures: number;
  /** Calls that begin in this time may fail, because no client could get a token. */
  readonly excused?: Pick<Outage, "from" | "until">;
  readonly tokenRequests: number;
}

const SECOND = 1000;
const MINUTE = 60_000;

const GOOD: Behaviour = { kind: "good" };
const SICK: Behaviour = { kind: "sick" };

/** Calls at regular intervals. */
function calls(
  count: number,
  everyMs: number,
  behaviour: Behaviour,
  path: (index: number) => string,
  more: Partial<Call> = {},
): Call[] {
  const { at = 0, ...rest } = more;
  return Array.from({ length: count }, (_, index) => ({
    method: "GET",
    ...rest,
    at: at + index * everyMs,
    path: path(index),
    behaviour,
  }));
}

/** Revocations at random moments, one in each of `count` equal parts of the time. */
function revocations(count: number, withinMs: number, seed: number): Happening[] {
  const partMs = withinMs / count;
  return Array.from({ length: count }, (_, index) => ({
    type: "revoke" as const,
    at: Math.round((index + 0.1 + 0.8 * chanceOf(seed, index)) * partMs),
  }));
}

function world(
  calls: readonly Call[],
  happenings: readonly Happening[] = [],
  tokens: Partial<TokenEndpointOptions> = {},
  processes?: number,
): WorldOptions {
  return {
    seed: 2026,
    tokens: { issues: "new", lifetime: 3600, latencyMs: 300, outages: [], ...tokens },
    calls,
    happenings,
    ...(processes && { processes }),
  };
}

const few = (index: number) => `/good/${index % 4}`;
const each = (index: number) => `/good/${index}`;
const sickEach = (index: number) => `/sick/${index}`;
const one = () => "/one";

/** 1,200 good calls within 20 minutes, and something sick beside them. */
function besideSick(good: (index: number) => string, sick: Call[], count: number): WorldOptions {
  return world([...calls(1200, SECOND, GOOD, good), ...sick], revocations(count, 20 * MINUTE, 1));
}

const oneSick = calls(400, 3 * SECOND, SICK, one, { at: 500 });
const newSick = calls(400, 3 * SECOND, SICK, sickEach, { at: 500 });
const manyNewSick = calls(2400, SECOND / 2, SICK, sickEach, { at: 250 });

/** For each process 600 good calls within 10 minutes, and a sick URL every three seconds. */
const fleet = [0, 1, 2, 3, 4].flatMap((process) => [
  ...calls(600, SECOND, GOOD, few, { process, at: 100 * process }),
  ...calls(200, 3 * SECOND, SICK, () => `/sick/${process}`, { process, at: 550 + 100 * process }),
]);

const single = [0, 1, 2].flatMap((process) => calls(1200, 3 * SECOND, GOOD, few, { process, at: 1010 * process }));

const graphQl = [
  ...calls(600, SECOND, { kind: "mixed" }, one, { method: "POST" }),
  ...calls(60, 10 * SECOND, { kind: "mixed" }, one, { method: "POST", at: 500, isRejected: true }),
];

const sickHour = (count: number, urls: number) =>
  calls(count, (60 * MINUTE) / count, SICK, (index) => `/sick/${index % urls}`);

const spurious = calls(6000, SECOND, { kind: "flaky", chance: 0.01 }, few);

const outage = { from: 10 * MINUTE, until: 11 * MINUTE };

export const KNOWN_WORLDS: readonly KnownWorld[] = [
  {
    number: 1,
    name: "one broken URL called every 3 s, 7 revocations in 20 min, 1,200 good calls to 4 URLs",
    options: besideSick(few, oneSick, 7),
    failures: 0,
    tokenRequests: 60,
  },
  {
    number: 2,
    name: "one broken URL called every 3 s, 7 revocations in 20 min, 1,200 good URLs called once each",
    options: besideSick(each, oneSick, 7),
    failures: 0,
    tokenRequests: 60,
  },
  {
    number: 3,
    name: "another broken URL every 3 s, 5 revocations in 20 min, 1,200 good calls to 4 URLs",
    options: besideSick(few, newSick, 5),
    failures: 30,
    tokenRequests: 250,
  },
  {
    number: 4,
    name: "another broken URL every 3 s, 5 revocations in 20 min, 1,200 good URLs called once each",
    options: besideSick(each, newSick, 5),
    failures: 30,
    tokenRequests: 250,
  },
  {
    number: 5,
    name: "two more broken URLs each second, 5 revocations in 20 min, 1,200 good calls to 4 URLs",
    options: besideSick(few, manyNewSick, 5),
    failures: 30,
    tokenRequests: 250,
  },
  {
    number: 6,
    name: "one GraphQL URL that accepts 600 operations in 10 min and rejects one every 10 s, 1 revocation",
    options: world(graphQl, revocations(1, 10 * MINUTE, 1)),
    failures: 25,
    tokenRequests: 60,
  },
  ...(
    [
      [7, "new", 3600, 4],
      [8, "new", 18_000, 100],
      [9, "reused", 3600, 4],
      [10, "reused", 18_000, 100],
    ] as const
  ).map(([number, issues, count, urls]) => ({
    number,
    name: `an hour of nothing but 401s, ${count.toLocaleString("en")} calls to ${urls} URLs, tokens are ${issues}`,
    options: world(sickHour(count, urls), [], { issues }),
    failures: 0,
    tokenRequests: 400,
  })),
  ...(
    [
      [11, "new"],
      [12, "reused"],
    ] as const
  ).map(([number, issues]) => ({
    number,
    name: `1 % spurious 401s, 6,000 calls to 4 URLs in 100 min, tokens are ${issues}`,
    options: world(spurious, [], { issues }),
    failures: 25,
    tokenRequests: 100,
  })),
  {
    number: 13,
    name: "replicas lag 4 s behind each refresh, 2,400 calls in 40 min, tokens of 10 min",
    options: world(calls(2400, SECOND, { kind: "lagging", lagMs: 4000 }, few), [], { lifetime: 600 }),
    failures: 0,
    tokenRequests: 12,
  },
  {
    number: 14,
    name: "five processes with a store, each calls a broken URL every 3 s, 3 revocations, 3,000 good calls in 10 min",
    options: world(fleet, revocations(3, 10 * MINUTE, 1), {}, 5),
    failures: 20,
    tokenRequests: 80,
  },
  {
    number: 15,
    name: "three processes with a store, one valid token per client, 3,600 calls in an hour, tokens of 30 min",
    options: world(single, [], { issues: "single", lifetime: 1800 }, 3),
    failures: 0,
    tokenRequests: 5,
  },
  {
    number: 16,
    name: "a revocation while the token endpoint is down for 60 s, 1,200 calls in 20 min",
    options: world(calls(1200, SECOND, GOOD, few), [{ at: outage.from + 500, type: "revoke" }], {
      outages: [{ ...outage, status: 503 }],
    }),
    failures: 0,
    excused: { ...outage, until: outage.until + 15 * SECOND },
    tokenRequests: 20,
  },
  {
    number: 17,
    name: "one URL whose OPTIONS answers 204, whose GET is public and whose POST answers 401, each every 3 s for 20 min",
    options: world([
      ...calls(400, 3 * SECOND, { kind: "public" }, one, { method: "OPTIONS" }),
      ...calls(400, 3 * SECOND, { kind: "public" }, one, { at: 1000 }),
      ...calls(400, 3 * SECOND, SICK, one, { at: 2000, method: "POST" }),
    ]),
    failures: 0,
    tokenRequests: 40,
  },
  {
    number: 18,
    name: "one URL whose GET is called every second and whose POST answers 401 every 3 s, 7 revocations in 20 min",
    options: world(
      [...calls(1200, SECOND, GOOD, one), ...calls(400, 3 * SECOND, SICK, one, { at: 500, method: "POST" })],
      revocations(7, 20 * MINUTE, 1),
    ),
    failures: 0,
    tokenRequests: 60,
  },
  {
    number: 19,
    name: "eight broken URLs within 4 s, then a revocation, 60 good calls to 4 URLs",
    options: world(
      [...calls(60, SECOND, GOOD, few), ...calls(8, SECOND / 2, SICK, sickEach, { at: 250 })],
      [{ at: 4750, type: "revoke" }],
    ),
    failures: 0,
    tokenRequests: 10,
  },
  {
    number: 20,
    name: "replicas lag 4 s behind each refresh, one broken URL called every 3 s, 1,200 calls to 4 URLs in 20 min",
    options: world([...calls(1200, SECOND, { kind: "lagging", lagMs: 4000 }, few), ...oneSick]),
    failures: 0,
    tokenRequests: 60,
  },
  {
    number: 21,
    name: "one spurious 401 from a server that reuses its token, 7,000 calls in 117 min",
    options: world([...calls(7000, SECOND, GOOD, few), ...calls(1, 0, SICK, () => "/good/0", { at: 1500 })], [], {
      issues: "reused",
      lifetime: 7200,
    }),
    failures: 0,
    tokenRequests: 6,
  },
  {
    number: 22,
    name: "three revocations within 20 s, 7,476 calls to 4 URLs, ten a second",
    options: world(calls(7476, 100, GOOD, few), [
      { at: MINUTE, type: "revoke" },
      { at: MINUTE + 8050, type: "revoke" },
      { at: MINUTE + 19_050, type: "revoke" },
    ]),
    failures: 0,
    tokenRequests: 6,
  },
  {
    number: 23,
    name: "60 revocations, one every 5 s, 3,000 calls to one URL, ten a second",
    options: world(
      calls(3000, 100, GOOD, one),
      Array.from({ length: 60 }, (_, index) => ({ at: 1050 + 5000 * index, type: "revoke" as const })),
    ),
    failures: 0,
    tokenRequests: 62,
  },
];

/** What the limits of a known world are compared with. */
export interface Counts {
  /** Good calls that got a 401 or an error, without excused ones. */
  readonly failures: number;
  /** What calls threw although a token was available. */
  readonly thrown: readonly unknown[];
  readonly tokenRequests: number;
}

export function count({ excused }: KnownWorld, { records, tokenRequests }: Played): Counts {
  const isExcused = ({ at }: Call) => excused !== undefined && at >= excused.from && at < excused.until;
  const failed = records.filter((record) => isGood(record.call) && hasFailed(record));
  return {
    failures: failed.filter(({ call }) => !isExcused(call)).length,
    thrown: records.filter(({ plain }) => plain !== undefined).flatMap((record) => errorOf(record) ?? []),
    tokenRequests: tokenRequests.length,
  };
}

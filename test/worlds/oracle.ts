// What must be true of every world that was played. It compares with what plain `fetch` and the naive client got; of this package it
// knows nothing.

import { type CallRecord, hasFailed, type Played, type WorldOptions } from "./scenario.ts";

/** At the end of a lifetime, calls may wait for the next token: for the last 5 % of it, at most so long. */
const BLOCKING_MS = 10_000;
/** The newest token, its predecessor, and the one that a forced refresh brings. */
const MOST_REQUESTS = 3;

/** What became of calls that did worse than they would have with plain `fetch`, or were left alone. */
export function harmsIn(world: WorldOptions, { records }: Played): string[] {
  const blockingMs = Math.min(BLOCKING_MS, world.tokens.lifetime * 50);
  return records.flatMap((record) => {
    const harm = harmTo(record, blockingMs);
    const { method, path, at, behaviour } = record.call;
    return harm ? [`${method} ${path} (${behaviour.kind}) at ${at}: ${harm}`] : [];
  });
}

function harmTo(record: CallRecord, blockingMs: number): string | undefined {
  const { call, plain, remainingMs, requests, result, isAbortHeard } = record;
  if (!result) return "hangs";
  if (isAbortHeard === false) return "does not hear the abort";
  if (requests.length > MOST_REQUESTS) return `is sent ${requests.length} times`;
  if (call.behaviour.kind === "challenging" && requests.length > 1) return "is replayed, though not for its token";
  // Without a token plain `fetch` sends nothing either.
  if (isAbortHeard || plain === undefined) return undefined;
  if ("error" in result) return `plain fetch gets ${plain}, this throws ${result.error}`;
  const isEnding = remainingMs <= blockingMs;
  if (requests[0]?.at !== call.at && !isEnding) return "waits, though there is a token";
  // One that waited for the next token is sent later, when plain `fetch` might fare worse.
  const wouldFailLater = requests[0]?.plain === 401 || requests[0]?.plain === undefined;
  if (plain !== 401 && result.status === 401 && !wouldFailLater) return `plain fetch gets ${plain}, this 401`;
  return undefined;
}

/** Endpoints that accept every valid token at once. */
const RELIABLE = ["good", "latest", "public"];
/** Good calls may fail for so long after a revocation; then the next forced refresh is due. */
const BLIND_MS = 10_000;
/** After an outage, the token endpoint is left alone for so long: transient and permanent failures. */
const COOLDOWN_MS = 60_000;
const LONG_COOLDOWN_MS = 300_000;

/** Revocations after which more good calls failed than two, or than those of 10 s, beyond what the naive client failed. */
export function excessAfterRevocations(world: WorldOptions, ours: Played, naive: Played): string[] {
  const { tokens, apiLatencyMs = 100, happenings } = world;
  const moments = happenings.flatMap(({ type, at }) => (type === "revoke" ? [at] : [])).sort((a, b) => a - b);
  return moments.flatMap((from, index) => {
    const isConcerned = ({ call }: CallRecord) =>
      call.at >= from &&
      call.at < (moments[index + 1] ?? Infinity) &&
      RELIABLE.includes(call.behaviour.kind) &&
      call.abortAfterMs === undefined &&
      !isInOutage(world, call.at);
    const failuresOf = ({ records }: Played) => records.filter((record) => isConcerned(record) && hasFailed(record));
    // What was under way when the token was revoked has to arrive first.
    const blindUntil = from + BLIND_MS + 2 * (tokens.latencyMs + apiLatencyMs);
    const unforeseen = failuresOf(ours).filter(({ call }) => call.at >= blindUntil);
    const excess = failuresOf(ours).length - failuresOf(naive).length;
    return excess > 2 && unforeseen.length > 0
      ? [
          `revoked at ${from}: ${excess} more fail than of the naive client, the first too late one at ${unforeseen[0]?.call.at}`,
        ]
      : [];
  });
}

/** Whether the token endpoint is down, or is left alone because it was. */
function isInOutage({ tokens }: WorldOptions, at: number): boolean {
  return tokens.outages.some(({ from, until, status }) => {
    const cooldownMs = status === 400 ? LONG_COOLDOWN_MS : COOLDOWN_MS;
    // A refresh that began in the outage may take half a minute.
    return at >= from && at < until + 30_000 + 1.2 * cooldownMs;
  });
}

/** Refreshes that helped: they brought a token that was accepted where another one had just been rejected. */
function helpfulMoments({ records }: Played): number[] {
  const moments = new Map<string, number>();
  for (const { requests } of records)
    for (const { at, token = "", status } of requests.slice(1))
      if (status !== 401 && token !== requests[0]?.token) moments.set(token, Math.min(at, moments.get(token) ?? at));
  return [...moments.values()];
}

/**
 * Stretches of time in which too many tokens were requested. Allowed are
 *
 * - ordinary requests: one for each three quarters of a lifetime. A server that reuses its token is asked again each time that half of
 *   the remaining lifetime has passed. A clock that jumps may end a token;
 * - forced ones: ten at once, then one each 10 s, and one for each that helped. A clock that jumps is time that has passed;
 * - failed ones: twenty for each outage, and one for each 10 s of it.
 */
export function extravagancesIn(world: WorldOptions, played: Played): string[] {
  const { issues, lifetime, outages } = world.tokens;
  const isAskedAgain = issues === "reused" || issues === "static";
  const perLifetime = isAskedAgain ? 4 + Math.log2(lifetime) : 1;
  const jumps = world.happenings.filter(({ type }) => type !== "revoke").length;
  const helpful = helpfulMoments(played);
  const made = played.tokenRequests.filter(({ hasFailed }) => !hasFailed).map(({ at }) => at);
  const failed = played.tokenRequests.length - made.length;
  const failedAtMost = outages.reduce((sum, { from, until }) => sum + 20 + (until - from) / BLIND_MS, 0);
  const found = failed > failedAtMost ? [`${failed} requests to an endpoint that was down`] : [];
  made.forEach((from, first) => {
    made.slice(first).forEach((until, more) => {
      const seconds = (until - from) / 1000;
      const ordinary = perLifetime * (1 + jumps + seconds / (0.75 * lifetime));
      const helped = helpful.filter((at) => at >= from && at <= until).length;
      if (more + 1 > ordinary + 10 * (1 + jumps) + seconds / 10 + helped)
        found.push(`${more + 1} within ${seconds} s from ${from} on`);
    });
  });
  return found;
}

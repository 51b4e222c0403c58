// What must be true in every world. The results are compared with those of plain `fetch` and of the naive client, without knowledge
// of this package.

import { type CallRecord, hasFailed, type Played, type WorldOptions } from "./scenario.ts";

/** Calls may wait for the next token in the last 5 % of a lifetime, and at most in its last 10 s. */
const BLOCKING_MS = 10_000;
/** The newest token, its predecessor, and the one that a forced refresh brings. */
const MOST_REQUESTS = 3;

/** Calls that did worse than with plain `fetch`, or never ended. */
export function harmsIn(world: WorldOptions, { records }: Played): string[] {
  const blockingMs = Math.min(BLOCKING_MS, world.tokens.lifetime * 50);
  return records.flatMap((record) => {
    const harm = harmTo(record, blockingMs);
    const { method, path, at, behaviour } = record.call;
    return harm ? [`${method} ${path} (${behaviour.kind}) at ${at}: ${harm}`] : [];
  });
}

function harmTo(record: CallRecord, blockingMs: number): string | undefined {
  const { call, plain, remainingMs, requests, result, hasAborted } = record;
  if (!result) return "hangs";
  if (hasAborted === false) return "ignores the abort";
  if (requests.length > MOST_REQUESTS) return `is sent ${requests.length} times`;
  if (call.behaviour.kind === "challenging" && requests.length > 1)
    return "is replayed, although its 401 does not blame the token";
  // Without a token plain `fetch` sends nothing either.
  if (hasAborted || plain === undefined) return undefined;
  if ("error" in result) return `plain fetch gets ${plain}, this throws ${result.error}`;
  const isEnding = remainingMs <= blockingMs;
  if (requests[0]?.at !== call.at && !isEnding) return "waits, although there is a token";
  // A call that waited for the next token is sent later, when plain `fetch` might get a 401.
  const wouldFailLater = requests[0]?.plain === 401 || requests[0]?.plain === undefined;
  if (plain !== 401 && result.status === 401 && !wouldFailLater) return `plain fetch gets ${plain}, this 401`;
  return undefined;
}

/** Endpoints that accept every valid token at once. */
const RELIABLE = ["good", "latest", "public"];
/** Good calls may fail for this long after a revocation, until the next forced refresh is due. */
const BLIND_MS = 10_000;
/** The cooldown after an outage: for transient and for permanent failures. */
const COOLDOWN_MS = 60_000;
const LONG_COOLDOWN_MS = 300_000;

/** Revocations after which more than two good calls fail in excess of the naive client, and some later than 10 s afterwards. */
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
    // Requests under way during the revocation have to arrive first.
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

/** Whether the token endpoint is down, or in the cooldown afterwards. */
function isInOutage({ tokens }: WorldOptions, at: number): boolean {
  return tokens.outages.some(({ from, until, status }) => {
    const cooldownMs = status === 400 ? LONG_COOLDOWN_MS : COOLDOWN_MS;
    // A refresh that began in the outage may take half a minute.
    return at >= from && at < until + 30_000 + 1.2 * cooldownMs;
  });
}

/** When refreshes helped: their token was accepted in a replay after another one had been rejected. */
function helpfulMoments({ records }: Played): number[] {
  const moments = new Map<string, number>();
  for (const { requests } of records)
    for (const { at, token = "", status } of requests.slice(1))
      if (status !== 401 && token !== requests[0]?.token) moments.set(token, Math.min(at, moments.get(token) ?? at));
  return [...moments.values()];
}

/**
 * Finds periods with too many token requests. Allowed are
 *
 * - ordinary requests: one for each three quarters of a lifetime. From a server that reuses its token, one each time that
 *   half of the remaining lifetime has passed. A clock that jumps may end a token;
 * - forced ones: ten at once, then one each 10 s, and one for each that helped. A clock that jumps is time that has passed;
 * - failed ones: twenty for each outage, and one for each 10 s of it.
 */
export function extravagancesIn(world: WorldOptions, played: Played): string[] {
  const { issues, lifetime, outages } = world.tokens;
  const isReusing = issues === "reused" || issues === "static";
  const perLifetime = isReusing ? 4 + Math.log2(lifetime) : 1;
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

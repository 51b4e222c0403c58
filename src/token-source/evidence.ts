// Which 401s to believe: remembers the endpoints that reject every token, and keeps the budget of forced refreshes.
// This is only bookkeeping and sends nothing. `docs/how-it-decides.md` explains the rules.

import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { BLAME_MS, FORCED_AT_ONCE, FORCED_EVERY_MS, LONGEST_BLAME_MS, MAX_BLAMED_ENDPOINTS } from "./refresh-policy.ts";

/** A refresh that a 401 caused. The replays that follow it show whether the token was the reason for the 401. */
export interface ForcedRefresh {
  /** The endpoints that were cleared or blamed. Each gets one verdict, however many calls are replayed. */
  readonly verdicts: Set<string>;
  isRefunded: boolean;
}

interface Blame {
  readonly since: Mark;
  readonly pauseMs: number;
}

/** Decides which 401s may force a refresh. An endpoint is a method and a URL without its query. */
export class Evidence {
  readonly #clock: Clock;
  readonly #blame = new Map<string, Blame>();
  #budget = FORCED_AT_ONCE;
  #countedAt: Mark;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = markOf(clock);
  }

  /** Reports whether the endpoint's 401s are passed on to the caller for now. */
  isBlamed(endpoint: string): boolean {
    const blame = this.#blame.get(endpoint);
    return blame !== undefined && elapsedSince(blame.since, this.#clock) < blame.pauseMs;
  }

  /** Takes one forced refresh from the budget. Returns `undefined` if the budget is used up. */
  spend(): ForcedRefresh | undefined {
    this.#refund(elapsedSince(this.#countedAt, this.#clock) / FORCED_EVERY_MS);
    this.#countedAt = markOf(this.#clock);
    if (this.#budget < 1) return undefined;
    this.#budget -= 1;
    return { verdicts: new Set(), isRefunded: false };
  }

  /** Records that the endpoint accepted a replay. A refresh that returned a new token has helped, so it is refunded. */
  clear(endpoint: string, forced: ForcedRefresh, isNewToken: boolean): void {
    forced.verdicts.add(endpoint);
    this.#blame.delete(endpoint);
    if (!isNewToken || forced.isRefunded) return;
    forced.isRefunded = true;
    this.#refund(1);
  }

  /** Records that the endpoint rejected the replay too, so the token was not the reason for the 401. */
  blame(endpoint: string, { verdicts }: ForcedRefresh): void {
    if (verdicts.has(endpoint)) return;
    verdicts.add(endpoint);
    const last = this.#blame.get(endpoint);
    // An older blame says little: for a call that could not be replayed, nothing else clears it.
    const isRecent = last !== undefined && elapsedSince(last.since, this.#clock) < 2 * LONGEST_BLAME_MS;
    const pauseMs = isRecent ? Math.min(2 * last.pauseMs, LONGEST_BLAME_MS) : BLAME_MS;
    // Deleted first, so that the map stays in order of time and the oldest blame is dropped.
    this.#blame.delete(endpoint);
    this.#blame.set(endpoint, { since: markOf(this.#clock), pauseMs });
    if (this.#blame.size > MAX_BLAMED_ENDPOINTS) this.#blame.delete(this.#blame.keys().next().value as string);
  }

  #refund(count: number): void {
    this.#budget = Math.min(this.#budget + count, FORCED_AT_ONCE);
  }
}

// What 401s have taught: which endpoints reject tokens whatever is sent, and how many refreshes may still be forced.
// Bookkeeping only: it reads the clock, and requests nothing. How it is used stands in `docs/how-it-decides.md`.

import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { BLAME_MS, FORCED_AT_ONCE, FORCED_EVERY_MS, LONGEST_BLAME_MS, MAX_BLAMED_ENDPOINTS } from "./refresh-policy.ts";

/** A forced refresh, whose replays show whether the token was the reason for the 401. */
export interface Experiment {
  /** The endpoints that have a verdict: an endpoint is blamed once, however many calls are replayed. */
  readonly judged: Set<string>;
  isRefunded: boolean;
}

interface Blame {
  readonly since: Mark;
  readonly pauseMs: number;
}

/** Decides which 401s may force a refresh. An endpoint is a method with a URL, without the query. */
export class Evidence {
  readonly #clock: Clock;
  readonly #blame = new Map<string, Blame>();
  #budget = FORCED_AT_ONCE;
  #countedAt: Mark;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = markOf(clock);
  }

  /** Reports whether the endpoint's 401s are passed through for now. */
  isBlamed(endpoint: string): boolean {
    const blame = this.#blame.get(endpoint);
    return blame !== undefined && elapsedSince(blame.since, this.#clock) < blame.pauseMs;
  }

  /** Takes a forced refresh from the budget; `undefined` if there is none left. */
  spend(): Experiment | undefined {
    this.#refund(elapsedSince(this.#countedAt, this.#clock) / FORCED_EVERY_MS);
    this.#countedAt = markOf(this.#clock);
    if (this.#budget < 1) return undefined;
    this.#budget -= 1;
    return { judged: new Set(), isRefunded: false };
  }

  /** The endpoint accepted a replay. If the refresh brought another token, that helped, and is refunded. */
  clear(endpoint: string, experiment: Experiment, isNewToken: boolean): void {
    experiment.judged.add(endpoint);
    this.#blame.delete(endpoint);
    if (!isNewToken || experiment.isRefunded) return;
    experiment.isRefunded = true;
    this.#refund(1);
  }

  /** The endpoint rejected the replay too, so the token was not the reason. */
  blame(endpoint: string, { judged }: Experiment): void {
    if (judged.has(endpoint)) return;
    judged.add(endpoint);
    const pauseMs = Math.min(2 * (this.#blame.get(endpoint)?.pauseMs ?? BLAME_MS / 2), LONGEST_BLAME_MS);
    // Deleted first, so that the oldest blame comes first in the map.
    this.#blame.delete(endpoint);
    this.#blame.set(endpoint, { since: markOf(this.#clock), pauseMs });
    if (this.#blame.size > MAX_BLAMED_ENDPOINTS) this.#blame.delete(this.#blame.keys().next().value as string);
  }

  #refund(count: number): void {
    this.#budget = Math.min(this.#budget + count, FORCED_AT_ONCE);
  }
}

// The cached token: how far it is through its lifetime, what replaces it, and the token before it.

import type { AccessToken } from "../access-token.ts";
import type { TimedToken } from "../store/stored-values.ts";
import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import {
  PREDECESSOR_MS,
  type Stage,
  stageOf,
  unchangedCooldownMs,
  type Windows,
  windowsFor,
} from "./refresh-policy.ts";

interface CachedToken extends Windows, TimedToken {
  /** The remaining lifetime at `since`; 0 once the token was seen expired. */
  remainingMs: number;
  /** When it was adopted. */
  readonly adopted: Mark;
  /** Until then, counted from `since`, the server would return the same token again. */
  readonly unchangedUntilMs: number;
}

/** What became of a token that was requested. */
export type Adoption =
  | { readonly type: "refreshed"; readonly expiresAt: Date | undefined }
  | { readonly type: "late" }
  | { readonly type: "unchanged"; readonly retryInMs: number };

/** Holds the token of one source. */
export class TokenCache {
  readonly #clock: Clock;
  readonly #longest: Windows;
  #cached: CachedToken | undefined;
  #predecessor: CachedToken | undefined;

  constructor(clock: Clock, longest: Windows) {
    this.#clock = clock;
    this.#longest = longest;
  }

  /** The cached token, unless it has expired. */
  current(): AccessToken | undefined {
    return this.remainingMs() > 0 ? this.#cached?.token : undefined;
  }

  /** The cached token, while nothing needs to be done for it. */
  fresh(): AccessToken | undefined {
    return this.stage() === "fresh" ? this.#cached?.token : undefined;
  }

  /** The token before it, while APIs that lag may still accept nothing else. */
  predecessor(): AccessToken | undefined {
    const isRecent = this.#cached && this.#elapsedMs(this.#cached.adopted) < PREDECESSOR_MS;
    return isRecent && this.remainingMs(this.#predecessor) > 0 ? this.#predecessor?.token : undefined;
  }

  stage(): Stage {
    return stageOf(this.remainingMs(), this.#cached);
  }

  remainingMs(cached: CachedToken | undefined = this.#cached): number {
    if (!cached) return 0;
    const remainingMs = cached.remainingMs - this.#elapsedMs(cached.since);
    // What was seen expired stays expired, whatever the clocks say later.
    if (remainingMs <= 0) cached.remainingMs = 0;
    return Math.max(remainingMs, 0);
  }

  /** The rest of the cooldown after the server returned the same token. */
  unchangedMs(): number {
    return this.#cached ? this.#cached.unchangedUntilMs - this.#elapsedMs(this.#cached.since) : 0;
  }

  /** The lifetime of a token that was requested at `since`. */
  lifetimeMs({ value, expiresAt }: AccessToken, since: Mark): number {
    const statedMs = expiresAt ? expiresAt.getTime() - since.wall : Infinity;
    // While it is cached, the same token never gets a later expiry, even if a gateway answers from its cache.
    const isSame = this.current()?.value === value;
    return isSame ? Math.min(statedMs, this.#elapsedMs(since) + this.remainingMs()) : statedMs;
  }

  /** Adopts a token, unless it is a late response and one that was requested after it is cached. */
  adopt(found: TimedToken): Adoption {
    const [cached, current] = [this.#cached, this.current()];
    const ageMs = this.#elapsedMs(found.since);
    if (cached && current && ageMs > this.#elapsedMs(cached.since)) return { type: "late" };
    if (cached && current?.value === found.token.value) {
      const retryInMs = unchangedCooldownMs(found.remainingMs - ageMs);
      this.#cached = { ...cached, ...found, token: current, unchangedUntilMs: ageMs + retryInMs };
      return { type: "unchanged", retryInMs };
    }
    const windows = windowsFor(found.lifetimeMs, this.#longest, Math.random());
    this.#predecessor = cached;
    this.#cached = { ...found, ...windows, adopted: markOf(this.#clock), unchangedUntilMs: 0 };
    return { type: "refreshed", expiresAt: found.token.expiresAt };
  }

  #elapsedMs(since: Mark): number {
    return elapsedSince(since, this.#clock);
  }
}

// The cached token and its predecessor: their remaining lifetimes, and whether a new token replaces the cached one.
// What follows from the stage of a token is in `refresh-policy.ts`.

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
  /** The remaining lifetime at `since`. Set to 0 when the token has expired. */
  remainingMs: number;
  readonly adoptedAt: Mark;
  /** The end of the cooldown after the server returned the same token, in milliseconds after `since`. */
  readonly unchangedUntilMs: number;
}

/** What the cache did with a token. `late` means that a newer token is cached. */
export type Adoption =
  | { readonly type: "refreshed"; readonly expiresAt: Date | undefined }
  | { readonly type: "late" }
  | { readonly type: "unchanged"; readonly retryInMs: number };

/** Caches the token of one source. */
export class TokenCache {
  readonly #clock: Clock;
  readonly #longest: Windows;
  #cached: CachedToken | undefined;
  #predecessor: CachedToken | undefined;

  constructor(clock: Clock, longest: Windows) {
    this.#clock = clock;
    this.#longest = longest;
  }

  /** Returns the cached token, unless it has expired. */
  current(): AccessToken | undefined {
    return this.remainingMs() > 0 ? this.#cached?.token : undefined;
  }

  /** Returns the cached token, if it needs no refresh yet. */
  fresh(): AccessToken | undefined {
    return this.stage() === "fresh" ? this.#cached?.token : undefined;
  }

  /** Returns the previous token for a while after a refresh: some replicas of an API may not know the new one yet. */
  predecessor(): AccessToken | undefined {
    const isRecent = this.#cached && this.#elapsedMs(this.#cached.adoptedAt) < PREDECESSOR_MS;
    return isRecent && this.remainingMs(this.#predecessor) > 0 ? this.#predecessor?.token : undefined;
  }

  stage(): Stage {
    return stageOf(this.remainingMs(), this.#cached);
  }

  remainingMs(cached: CachedToken | undefined = this.#cached): number {
    if (!cached) return 0;
    const remainingMs = cached.remainingMs - this.#elapsedMs(cached.since);
    // An expired token stays expired, even if a clock is set back.
    if (remainingMs <= 0) cached.remainingMs = 0;
    return Math.max(remainingMs, 0);
  }

  /** Returns the remaining cooldown after the server returned the same token. */
  unchangedMs(): number {
    return this.#cached ? this.#cached.unchangedUntilMs - this.#elapsedMs(this.#cached.since) : 0;
  }

  /** Returns the lifetime of a token that was requested at `since`. */
  lifetimeMs({ value, expiresAt }: AccessToken, since: Mark): number {
    const statedMs = expiresAt ? expiresAt.getTime() - since.wall : Infinity;
    // The cached token never gets a later expiry: a gateway may have cached the response, with the full `expires_in`.
    const isSame = this.current()?.value === value;
    return isSame ? Math.min(statedMs, this.#elapsedMs(since) + this.remainingMs()) : statedMs;
  }

  /** Caches a token, unless the cached one was requested later. */
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
    this.#cached = { ...found, ...windows, adoptedAt: markOf(this.#clock), unchangedUntilMs: 0 };
    return { type: "refreshed", expiresAt: found.token.expiresAt };
  }

  #elapsedMs(since: Mark): number {
    return elapsedSince(since, this.#clock);
  }
}

// Shares one token between processes: a process takes the token that another one requested, or takes a lease and
// requests one. If the store fails, each process requests its own token. The format of the stored values is in
// `stored-values.ts`.

import type { TokenError, TokenRequestError } from "../errors.ts";
import { elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { sleep, withTimeout } from "../time/wait.ts";
import type { Attempt } from "../token-source/refresh.ts";
import { SharedFailureError } from "../token-source/refresh-policy.ts";
import { SealedStore, type SealedStoreOptions, type WriteResult } from "./sealed-store.ts";
import {
  type Entries,
  LEASE,
  readEntries,
  remainingCooldownMs,
  storeFailure,
  storeToken,
  type TimedToken,
  toTimedToken,
} from "./stored-values.ts";
import type { TokenStore } from "./token-store.ts";

/** While no token is cached, store commands get this many times longer. The store may be in another region. */
const PATIENCE_FACTOR = 4;
/** An attempt that requests a token sends at most this many store commands one after the other. */
const COMMANDS_IN_TURN = 6;
/** A lease lasts this much longer than an attempt, for the store commands before and after the request. */
const LEASE_MARGIN_MS = 1000;
/** A process waits this much longer than a lease lasts: if the holder has died, another one requests the token. */
const SUCCESSOR_MS = 1000;
/** How much of an attempt to spend waiting for another process before requesting a token ourselves. */
const WAITING_SHARE = 1 / 2;
/** While a process waits, it reads the store again after this time, or up to four times later. */
const POLL_MS = 50;
/** How many rejected tokens are remembered. One may still be stored, if the store failed to replace it. */
const MAX_REJECTED = 10;

/** One attempt of a refresh, with a store. */
export interface SharedAttempt extends Attempt {
  /** Requests a token from the endpoint. */
  readonly request: (signal: AbortSignal) => Promise<TimedToken>;
  /** The value of the token that an API rejected, if the refresh is a forced one. */
  readonly rejected: string | undefined;
  /** Called when the attempt begins to wait for another process. Callers that have a token then stop waiting. */
  release(): void;
}

/** The facts about a token source that are needed to share its token. */
export type SharedTokenOptions = Pick<SealedStoreOptions, "clock" | "onStoreFailed"> & {
  readonly secret: string | undefined;
  readonly identity: readonly string[] | undefined;
  readonly scope: string;
  readonly endpoint: string;
  readonly attemptTimeoutMs: number;
  readonly storeTimeoutMs: number;
  /** The cached token. */
  readonly cached: () => { readonly value: string | undefined; readonly remainingMs: number };
};

/** The state of one process that shares a token. */
export class SharedToken {
  /** How much longer an attempt may take than without a store: for the lease of another process, and for commands. */
  readonly patienceMs: number;
  readonly #options: SharedTokenOptions;
  readonly #store: SealedStore;
  readonly #leaseMs: number;
  /** How long this refresh has waited for other processes. */
  #waitedMs = 0;
  /** Whether this process, without a token, has made its one request during a cooldown of the others. */
  #hasTriedAlone = false;
  readonly #rejected = new Set<string>();

  constructor(options: SharedTokenOptions & { readonly store: TokenStore }) {
    const { secret, identity, storeTimeoutMs, cached } = options;
    if (!secret)
      throw new TypeError("`sharedSecret` is required with `request` and a `store`, to encrypt the stored values");
    if (!identity) {
      throw new TypeError(
        '`tokenName` is required with `request` and a `store`. Sources with the same name and `sharedSecret` share a token, so name provider, client and audience: "https://login.example.com my-client"',
      );
    }
    const timeoutMs = () => (cached().remainingMs > 0 ? 1 : PATIENCE_FACTOR) * storeTimeoutMs;
    this.#options = options;
    this.#store = new SealedStore({ ...options, secret, identity, timeoutMs });
    this.#leaseMs = options.attemptTimeoutMs + LEASE_MARGIN_MS;
    this.patienceMs = this.#leaseMs + SUCCESSOR_MS + COMMANDS_IN_TURN * PATIENCE_FACTOR * storeTimeoutMs;
  }

  /**
   * Makes one attempt: takes the stored token, waits for another process that requests one, or requests one.
   *
   * @throws {SharedFailureError} during a cooldown that another process has stored
   * @throws what `attempt.request` throws
   */
  async attempt(attempt: SharedAttempt): Promise<TimedToken> {
    const { clock } = this.#options;
    const begun = markOf(clock);
    if (attempt.count === 1) this.#waitedMs = 0;
    if (attempt.rejected !== undefined) this.#rejected.add(attempt.rejected);
    if (this.#rejected.size > MAX_REJECTED) this.#rejected.delete(this.#rejected.values().next().value as string);
    let entries = await readEntries(this.#store);
    const ignoresFailure = this.#mayTryAlone(entries);
    for (;;) {
      const since = markOf(clock);
      const adopted = this.#adoptOrThrow(entries, attempt, ignoresFailure);
      if (adopted) return adopted;
      attempt.signal.throwIfAborted();
      const lease = await this.#store.replace(LEASE, undefined, { content: {}, ttlMs: this.#leaseMs });
      if (lease.isDone !== false || !this.#mayWait(begun, attempt)) {
        return this.#requestUnder(lease, entries, attempt, ignoresFailure);
      }
      attempt.release();
      await sleep(POLL_MS * (1 + 3 * Math.random()), clock);
      entries = await readEntries(this.#store);
      this.#waitedMs += elapsedSince(since, clock);
    }
  }

  /** Reports whether to ignore a stored failure. It may concern only the other process, so each process tries once. */
  #mayTryAlone({ cooldown }: Entries): boolean {
    const { clock, cached } = this.#options;
    const isCooldown = cooldown.content?.failure !== undefined && remainingCooldownMs(cooldown, clock) > 0;
    if (!isCooldown || this.#hasTriedAlone || cached().remainingMs > 0) return false;
    this.#hasTriedAlone = true;
    return true;
  }

  /** Returns the stored token if it is adoptable, or throws the stored failure. Otherwise a token must be requested. */
  #adoptOrThrow(entries: Entries, attempt: SharedAttempt, ignoresFailure: boolean): TimedToken | undefined {
    const adopted = this.#adopt(entries, attempt);
    if (adopted) {
      this.#hasTriedAlone = false;
      return adopted;
    }
    const { clock, endpoint } = this.#options;
    const retryAfterMs = remainingCooldownMs(entries.cooldown, clock);
    const failure = entries.cooldown.content?.failure;
    if (retryAfterMs > 0 && failure && !ignoresFailure)
      throw new SharedFailureError(endpoint, { ...failure, retryAfterMs });
    return undefined;
  }

  /**
   * Returns the stored token, if it is better than the cached one.
   *
   * After a rejection, any token except the rejected ones is better. Otherwise the token must last longer than the
   * cached one. If both are the same, it is adopted during the cooldown after the same token, because a request would
   * only return it again.
   */
  #adopt({ token, cooldown }: Entries, { rejected }: SharedAttempt): TimedToken | undefined {
    const { clock, scope, cached } = this.#options;
    const { content, since } = token;
    if (!content || this.#rejected.has(content.response.access_token)) return undefined;
    const own = cached();
    const elapsedMs = elapsedSince(since, clock);
    if (content.response.access_token === own.value && own.remainingMs > 0) {
      const isUnchanged = remainingCooldownMs(cooldown, clock) > 0 && !cooldown.content?.failure;
      // Keeps its own remaining lifetime, because an attacker could shorten the stored one.
      return isUnchanged ? toTimedToken(content, since, own.remainingMs + elapsedMs, scope) : undefined;
    }
    const remainingMs = content.lifetimeMs === null ? Infinity : token.remainingMs;
    const isAdoptable = remainingMs - elapsedMs > (rejected === undefined ? own.remainingMs : 0);
    return isAdoptable ? toTimedToken(content, since, remainingMs, scope) : undefined;
  }

  /** Reports whether to wait for another process: for one lease per refresh, and while there is time for a request. */
  #mayWait(begun: Mark, { limitMs }: Attempt): boolean {
    const hasTime = elapsedSince(begun, this.#options.clock) < limitMs * WAITING_SHARE;
    return hasTime && this.#waitedMs < this.#leaseMs + SUCCESSOR_MS;
  }

  async #requestUnder(
    lease: WriteResult,
    entries: Entries,
    attempt: SharedAttempt,
    ignoresFailure: boolean,
  ): Promise<TimedToken> {
    try {
      // Another process may have requested a token between our read and our lease.
      const latest = lease.isDone ? await readEntries(this.#store) : entries;
      const adopted = this.#adoptOrThrow(latest, attempt, ignoresFailure);
      return adopted ?? (await this.#request(latest, attempt, ignoresFailure));
    } finally {
      // Also if the store did not respond to our write: the lease may be stored. Not awaited: callers need not wait.
      if (lease.text && lease.isDone !== false) this.#store.remove(LEASE, lease.text);
    }
  }

  async #request(entries: Entries, { request, signal }: SharedAttempt, ignoresFailure: boolean): Promise<TimedToken> {
    const { clock, attemptTimeoutMs: timeoutMs } = this.#options;
    let issued: TimedToken;
    try {
      issued = await withTimeout(request, { timeoutMs, clock, signal });
    } catch (error) {
      // During a cooldown of the others there is nothing new to store.
      if (!ignoresFailure) await storeFailure(this.#store, error as TokenError, entries);
      // If there was no response, this process may try once more.
      else if ((error as TokenRequestError).status === undefined) this.#hasTriedAlone = false;
      throw error;
    }
    this.#hasTriedAlone = false;
    await storeToken(this.#store, issued, entries, clock);
    return issued;
  }
}

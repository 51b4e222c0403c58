// One token for many processes: a process adopts what another one requested, or requests a token under a lease. The store is
// never a dependency: while it is away, each process requests its own.

import type { TokenError, TokenRequestError } from "../errors.ts";
import { elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { sleep, withTimeout } from "../time/wait.ts";
import type { Attempt } from "../token-source/refresh.ts";
import { SharedFailureError } from "../token-source/refresh-policy.ts";
import { SealedStore, type SealedStoreOptions, type Write } from "./sealed-store.ts";
import {
  type Entries,
  LEASE,
  publish,
  publishFailure,
  readEntries,
  restOfCooldownMs,
  type TimedToken,
  tokenOf,
} from "./stored-values.ts";
import type { TokenStore } from "./token-store.ts";

/** A caller without a token waits longer, for a store in another region: a token request takes about as long. */
const PATIENCE_FACTOR = 4;
/** How many commands follow each other in an attempt that neither adopts nor waits, and some to spare. */
const COMMANDS_IN_TURN = 6;
/** A lease lasts so much longer than an attempt may take, for what comes before and after the request. */
const LEASE_MARGIN_MS = 1000;
/** A process waits so much longer than a lease lasts, so that all who waited for a dead one adopt what its successor requests. */
const SUCCESSOR_MS = 1000;
/** How much of an attempt to spend waiting for another process before requesting a token ourselves, if its time is short. */
const WAITING_SHARE = 1 / 2;
/** A process that waits reads the store again after this long, or up to four times as long. */
const POLL_MS = 50;
/** How many rejected tokens are remembered: one of them may still be stored, if its successor could not be written. */
const MAX_REJECTED = 10;

/** One attempt to get a token for this process. */
export interface SharedAttempt extends Attempt {
  /** Requests one. */
  readonly request: (signal: AbortSignal) => Promise<TimedToken>;
  /** The value of the token that an API rejected, if that is why another is wanted. */
  readonly rejected: string | undefined;
  /** Called when the attempt begins to wait for another process: callers that have a token need not wait with it. */
  release(): void;
}

/** What a source says of itself to share its token. */
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

/** One process's side of the agreement. */
export class SharedToken {
  /** How much longer than an attempt of its own a shared one may take: one lease of another process, and commands of the store. */
  readonly patienceMs: number;
  readonly #options: SharedTokenOptions;
  readonly #store: SealedStore;
  readonly #leaseMs: number;
  /** How long this refresh has waited for other processes. */
  #waitedMs = 0;
  /** Whether this process, without a token, requested one during a cooldown of the others. It does so once before it has one. */
  #hasTriedAlone = false;
  readonly #rejected = new Set<string>();

  constructor(options: SharedTokenOptions & { readonly store: TokenStore }) {
    const { secret, identity, storeTimeoutMs, cached } = options;
    if (!secret)
      throw new TypeError("`sharedSecret` is needed: there is no client secret to seal the values of the `store`");
    if (!identity) {
      throw new TypeError(
        '`tokenName` is needed with `request` and a `store`: processes share a token if they have the same name and `sharedSecret`. Name provider, client and audience: "https://login.example.com my-client"',
      );
    }
    const timeoutMs = () => (cached().remainingMs > 0 ? 1 : PATIENCE_FACTOR) * storeTimeoutMs;
    this.#options = options;
    this.#store = new SealedStore({ ...options, secret, identity, timeoutMs });
    this.#leaseMs = options.attemptTimeoutMs + LEASE_MARGIN_MS;
    this.patienceMs = this.#leaseMs + SUCCESSOR_MS + COMMANDS_IN_TURN * PATIENCE_FACTOR * storeTimeoutMs;
  }

  /**
   * Adopts the fleet's token, waits for the process that requests one, or requests one.
   *
   * @throws what the request throws, or the failure of the process that made the last one
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

  /** A failure of the others may be their own, so a process without a token need not believe the first that it finds. */
  #mayTryAlone({ cooldown }: Entries): boolean {
    const { clock, cached } = this.#options;
    const isCooldown = cooldown.content?.failure !== undefined && restOfCooldownMs(cooldown, clock) > 0;
    if (!isCooldown || this.#hasTriedAlone || cached().remainingMs > 0) return false;
    this.#hasTriedAlone = true;
    return true;
  }

  /** Returns the fleet's token if there is one for us, throws the fleet's failure, or returns `undefined`: then one is requested. */
  #adoptOrThrow(entries: Entries, attempt: SharedAttempt, ignoresFailure: boolean): TimedToken | undefined {
    const adopted = this.#adopt(entries, attempt);
    if (adopted) {
      this.#hasTriedAlone = false;
      return adopted;
    }
    const { clock, endpoint } = this.#options;
    const retryAfterMs = restOfCooldownMs(entries.cooldown, clock);
    const failure = entries.cooldown.content?.failure;
    if (retryAfterMs > 0 && failure && !ignoresFailure)
      throw new SharedFailureError(endpoint, { ...failure, retryAfterMs });
    return undefined;
  }

  /**
   * After a rejection, any token but the rejected one is adopted. Otherwise one that lasts longer than ours is, and our own
   * while the server would only return it again.
   */
  #adopt({ token, cooldown }: Entries, { rejected }: SharedAttempt): TimedToken | undefined {
    const { clock, scope, cached } = this.#options;
    const { content, since } = token;
    if (!content || this.#rejected.has(content.response.access_token)) return undefined;
    const own = cached();
    const elapsedMs = elapsedSince(since, clock);
    if (content.response.access_token === own.value && own.remainingMs > 0) {
      const isUnchanged = restOfCooldownMs(cooldown, clock) > 0 && !cooldown.content?.failure;
      // Of its own token, a process believes nothing else: anyone who can write to the store could shorten it.
      return isUnchanged ? tokenOf(content, since, own.remainingMs + elapsedMs, scope) : undefined;
    }
    const remainingMs = content.lifetimeMs === null ? Infinity : token.remainingMs;
    const isAdoptable = remainingMs - elapsedMs > (rejected === undefined ? own.remainingMs : 0);
    return isAdoptable ? tokenOf(content, since, remainingMs, scope) : undefined;
  }

  /** However many attempts a refresh makes, it waits for one lease in all; and it leaves time for a request. */
  #mayWait(begun: Mark, { limitMs }: Attempt): boolean {
    const hasTime = elapsedSince(begun, this.#options.clock) < limitMs * WAITING_SHARE;
    return hasTime && this.#waitedMs < this.#leaseMs + SUCCESSOR_MS;
  }

  async #requestUnder(
    lease: Write,
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
      // Also if the store did not respond when we took it: it may have it. Not awaited: callers do not need it.
      if (lease.text && lease.isDone !== false) this.#store.remove(LEASE, lease.text);
    }
  }

  async #request(entries: Entries, { request, signal }: SharedAttempt, ignoresFailure: boolean): Promise<TimedToken> {
    const { clock, attemptTimeoutMs: timeoutMs } = this.#options;
    let issued: TimedToken;
    try {
      issued = await withTimeout(request, { timeoutMs, clock, signal });
    } catch (error) {
      // If this was tried in spite of the others' cooldown, they know already.
      if (!ignoresFailure) await publishFailure(this.#store, error as TokenError, entries);
      // Without a response this was no try.
      else if ((error as TokenRequestError).status === undefined) this.#hasTriedAlone = false;
      throw error;
    }
    this.#hasTriedAlone = false;
    await publish(this.#store, issued, entries, clock);
    return issued;
  }
}

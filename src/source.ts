// One token, always fresh: asked for once, however many want it, renewed before it expires, kept through an outage.
// What decides stands in `freshness.ts`; this room holds the state and does as it says.

import { type Clock, elapsedSince, type Mark, markOf, systemClock } from "./clock.ts";
import { checked, TokenRequestError, TokenResponseError } from "./errors.ts";
import type { TokenError, TokenEvent } from "./events.ts";
import type { Fleet, Member, TimedToken } from "./fleet.ts";
import { ACCEPTED_MS, coolDownMs, quietMs, type Windows, windowsOf } from "./freshness.ts";
import { type Grant, type GrantOptions, grantOf } from "./grant.ts";
import { type Attempt, askUntilDeadline, ExpiredTokenError, isPassing, RefusedTokenError } from "./retry.ts";
import type { TokenStore } from "./store.ts";
import { AccessToken } from "./token.ts";
import { type Wait, waitFor, waitOn } from "./wait.ts";

/** How a source keeps its token fresh. */
export interface FreshnessOptions {
  /** Seconds before the expiry from which on `get()` renews the token behind the caller's back (default: 1200, at most 25 % of its life). */
  readonly refreshWindow?: number | undefined;
  /** Seconds before the expiry from which on `get()` waits for the new token (default: 10, at most 5 % of its life). */
  readonly lastMoment?: number | undefined;
  /** How long a caller without a token may wait for one, retries included (default: 30,000 ms). */
  readonly deadlineMs?: number | undefined;
  /** Where a fleet keeps its token, such as `redisStore(redis)` (default: this source keeps its own). */
  readonly store?: TokenStore | undefined;
  /** For tests (default: the platform's). */
  readonly clock?: Clock | undefined;
  /** Is told what happens; what it throws is ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

export type TokenSourceOptions = FreshnessOptions & GrantOptions;

/** Gives one token to all who ask, for one client and one set of scopes: one source per process. */
export interface TokenSource {
  /** The origin that gives the tokens, where the source knows it. */
  readonly origin: string | undefined;
  /**
   * Gives a token that has not expired: the one in hand, or a new one.
   *
   * @param options.signal ends this caller's wait, and nobody else's
   * @throws {TokenRequestError | TokenResponseError} why there is none; `nextTryAt` says until when it rejects at once
   * @throws {TokenTimeoutError} when the deadline passed
   * @throws the signal's reason, when it is aborted
   */
  get(options?: { readonly signal?: AbortSignal | undefined }): Promise<AccessToken>;
  /** The token in hand, if `get()` would give it and do nothing else. */
  peek(): AccessToken | undefined;
  /** Tells that an API refused a token: it is not given again. */
  invalidate(token: AccessToken): void;
}

/** The token in hand. */
interface Held extends Windows, TimedToken {
  lifeMs: number;
  /** Until then, counted from `since`, the server would only give this very token again. */
  quietUntilMs: number;
  /** Whether it replaces one that was refused. */
  readonly isReplacement: boolean;
}

interface Pending {
  readonly since: Mark;
  readonly whole: Wait<AccessToken>;
  /** Ends when its first attempt does: who still has a token waits no longer. */
  readonly first: Wait<AccessToken>;
  hasFailed: boolean;
}

interface Failure {
  readonly error: TokenError;
  readonly since: Mark;
  readonly retryInMs: number;
  readonly count: number;
  /** Whether it happened while there was still a valid token, so that nobody has waited yet. */
  readonly isBehind: boolean;
}

/** Enough to know again whatever a server may still give. */
const MOST_REFUSED = 100;

/**
 * Makes a source of tokens: at most one request is under way, and its token serves all.
 *
 * It holds no timer while nobody waits, so it keeps no process alive.
 *
 * @throws {TypeError} when an option is invalid
 * @example
 * const tokens = createTokenSource({ baseUrl, clientId, clientSecret, scope: ["enterprise.company"] });
 * const { authorization } = await tokens.get();
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  return new Source(options);
}

class Source implements TokenSource {
  readonly origin: string | undefined;
  readonly #grant: Grant;
  readonly #clock: Clock;
  readonly #onEvent: FreshnessOptions["onEvent"];
  readonly #longest: Windows;
  readonly #deadlineMs: number;
  /** With a store. */
  readonly #fleet: Promise<Fleet | undefined> | undefined;
  /** What an API refused and a server may still give. */
  readonly #refused = new Set<string>();
  #held: Held | undefined;
  #pending: Pending | undefined;
  #failure: Failure | undefined;
  /** How many tokens in a row an API refused. */
  #refusals = 0;
  /** Whether the next token replaces one that was refused. */
  #isReplacing = false;

  constructor(options: TokenSourceOptions) {
    const { clock = systemClock, onEvent, refreshWindow = 1200, lastMoment = 10, deadlineMs = 30_000, store } = options;
    this.#longest = {
      refreshMs: checked("refreshWindow", refreshWindow) * 1000,
      lastMomentMs: checked("lastMoment", lastMoment) * 1000,
    };
    this.#deadlineMs = checked("deadlineMs", deadlineMs);
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#grant = grantOf(options);
    this.origin = this.#grant.origin;
    if (!store) return;
    const { secret } = this.#grant;
    if (!secret) throw new TypeError("`key` is needed: there is no client secret to seal what lies in the `store`");
    const onStoreFailed = (error: unknown, retryInMs: number) => this.#emit({ type: "storeFailed", error, retryInMs });
    // Loaded with a store only: nobody else's bundle pays for it.
    this.#fleet = import("./fleet.ts").then(
      ({ Fleet }) => new Fleet({ ...this.#grant, secret, store, clock, onStoreFailed }),
      (error) => void onStoreFailed(error, Infinity),
    );
  }

  async get({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<AccessToken> {
    signal?.throwIfAborted();
    const held = this.#held;
    const leftMs = this.#leftMs();
    if (held && leftMs > held.refreshMs) return held.token;

    const pending = this.#joinOrAsk(leftMs);
    const isWorthWaiting = pending && !pending.hasFailed;
    if (held && leftMs > (isWorthWaiting ? held.lastMomentMs : 0)) return held.token;
    if (!pending) throw this.#failure?.error;
    try {
      return await waitFor(leftMs > 0 ? pending.first : pending.whole, signal);
    } catch (error) {
      signal?.throwIfAborted();
      // There is, or was, a token to give: what becomes of this call is decided anew.
      if (leftMs > 0 || this.#leftMs() > 0) return this.get({ signal });
      throw error;
    }
  }

  peek(): AccessToken | undefined {
    const held = this.#held;
    return held && this.#leftMs() > held.refreshMs ? held.token : undefined;
  }

  invalidate({ value }: AccessToken): void {
    const held = this.#held;
    const isCurrent = held?.token.value === value;
    if (!this.#refused.has(value)) this.#fleet?.then((fleet) => fleet?.discard(value));
    this.#refused.add(value);
    if (this.#refused.size > MOST_REFUSED) this.#refused.delete(this.#refused.values().next().value as string);
    this.#emit({ type: "invalidated", isCurrent });
    if (!isCurrent) return;
    this.#held = undefined;
    this.#isReplacing = true;
    const wasAccepted = !held.isReplacement || this.#elapsedMs(held.since) >= ACCEPTED_MS;
    if (wasAccepted) this.#refusals = 0;
    else this.#fail(new RefusedTokenError(this.#grant.endpoint), held.since);
  }

  /** Milliseconds until the token in hand expires; 0 where there is none, or was. */
  #leftMs(): number {
    const held = this.#held;
    if (!held) return 0;
    const leftMs = held.lifeMs - this.#elapsedMs(held.since);
    // What was seen dead stays dead, whatever the clocks say later.
    if (leftMs <= 0) held.lifeMs = 0;
    return Math.max(leftMs, 0);
  }

  #elapsedMs(since: Mark): number {
    return elapsedSince(since, this.#clock);
  }

  /** The request under way, or a new one; none while it would only bring the same token, or after a failure. */
  #joinOrAsk(leftMs: number): Pending | undefined {
    // One that outlived its deadline was frozen with the process, and may never end.
    if (this.#pending && this.#elapsedMs(this.#pending.since) <= this.#deadlineMs) return this.#pending;
    if (leftMs > 0 && this.#held && this.#elapsedMs(this.#held.since) < this.#held.quietUntilMs) return undefined;
    if (this.#failure && this.#isCoolingDown(this.#failure, leftMs)) return undefined;

    // A microtask later: whoever asks this source again from within the request then finds it under way.
    let failFirst: ((failure: unknown) => void) | undefined;
    const onFailure = (failure: unknown) => {
      pending.hasFailed = true;
      failFirst?.(failure);
    };
    const whole: Promise<AccessToken> = Promise.resolve().then(() => this.#ask(pending, onFailure));
    const first = new Promise<AccessToken>((resolve, reject) => {
      failFirst = reject;
      whole.then(resolve, reject);
    });
    // Where nobody waits, a failure is an event and no unhandled rejection.
    first.catch(() => {});
    const pending = { since: markOf(this.#clock), whole: waitOn(whole), first: waitOn(first), hasFailed: false };
    this.#pending = pending;
    return pending;
  }

  #isCoolingDown({ error, since, retryInMs, isBehind }: Failure, leftMs: number): boolean {
    // Once the token has expired that was given through the outage, one try is due: it may be over.
    if (leftMs <= 0 && isBehind && isPassing(error)) return false;
    return this.#elapsedMs(since) < retryInMs;
  }

  /** Asks until there is a token, and judges it once for all who wait. */
  async #ask(mine: Pending, onFailure: (failure: unknown) => void): Promise<AccessToken> {
    try {
      const asked = await askUntilDeadline((attempt) => this.#attempt(attempt), {
        clock: this.#clock,
        deadlineMs: this.#deadlineMs,
        isShared: this.#fleet !== undefined,
        // Where it is known to be down, callers shall not wait for retries.
        once: this.#failure !== undefined,
        isSuperseded: () => this.#pending !== mine,
        endpoint: this.#grant.endpoint,
        onFailure,
      });
      // It may have been refused while the fleet was told of it.
      if (this.#refused.has(asked.token.value)) throw new RefusedTokenError(this.#grant.endpoint);
      if (this.#pending === mine) this.#adopt(asked, mine.since);
      return asked.token;
    } catch (error) {
      if (this.#pending === mine) this.#fail(error as TokenError, mine.since);
      throw error;
    } finally {
      // Only its own: one that was frozen may end when another is under way.
      if (this.#pending === mine) this.#pending = undefined;
    }
  }

  async #attempt(attempt: Attempt): Promise<Held> {
    const ask = (signal: AbortSignal) => this.#askOnce({ ...attempt, signal });
    const member: Member = {
      ask,
      inHand: () => ({ value: this.#held?.token.value, leftMs: this.#leftMs() }),
      isRefused: (value) => this.#refused.has(value),
    };
    const fleet = this.#fleet && (await this.#fleet);
    const found = await (fleet ? fleet.attempt(member, attempt) : ask(attempt.signal));
    const windows = windowsOf(found.wholeMs, this.#longest, Math.random());
    return { ...found, ...windows, quietUntilMs: 0, isReplacement: this.#isReplacing };
  }

  async #askOnce({ signal, count, failure }: Attempt): Promise<TimedToken> {
    this.#emit({ type: "requested", attempt: count, failure });
    const since = markOf(this.#clock);
    const response = await this.#grant.request({ signal }).catch((error) => {
      if (error instanceof TokenRequestError || error instanceof TokenResponseError) throw error;
      throw new TokenRequestError(this.#grant.endpoint, {}, { cause: error });
    });
    const token = AccessToken.from(response, { requestedAt: new Date(since.wall), scope: this.#grant.scope });
    if (this.#refused.has(token.value)) throw new RefusedTokenError(this.#grant.endpoint);
    const isSame = this.#held?.token.value === token.value;
    const toldMs = token.expiresAt ? token.expiresAt.getTime() - since.wall : Infinity;
    const elapsedMs = this.#elapsedMs(since);
    // The same token never lives longer than it did, even if a gateway answers from its cache.
    const lifeMs = isSame ? Math.min(toldMs, elapsedMs + this.#leftMs()) : toldMs;
    if (lifeMs <= elapsedMs) throw new ExpiredTokenError(response.expires_in);
    return { token, since, lifeMs, wholeMs: lifeMs };
  }

  #adopt(asked: Held, since: Mark): void {
    const held = this.#held;
    const durationMs = this.#elapsedMs(since);
    this.#failure = undefined;
    this.#isReplacing = false;
    if (held?.token.value === asked.token.value) {
      const ageMs = this.#elapsedMs(asked.since);
      const retryInMs = quietMs(asked.lifeMs - ageMs);
      const { token, refreshMs, lastMomentMs } = held;
      this.#held = { ...asked, token, refreshMs, lastMomentMs, quietUntilMs: ageMs + retryInMs };
      this.#emit({ type: "kept", durationMs, retryInMs });
    } else {
      this.#held = asked;
      this.#emit({ type: "refreshed", durationMs, expiresAt: asked.token.expiresAt });
    }
  }

  #fail(error: TokenError, since: Mark): void {
    const isRefused = error instanceof RefusedTokenError;
    if (isRefused) this.#refusals += 1;
    const count = isRefused ? this.#refusals : (this.#failure?.count ?? 0) + 1;
    const retryInMs = coolDownMs(error, count, Math.random());
    this.#failure = { error, count, retryInMs, since: markOf(this.#clock), isBehind: this.#leftMs() > 0 };
    error.nextTryAt = new Date(this.#clock.now() + retryInMs);
    this.#emit({ type: "failed", durationMs: this.#elapsedMs(since), error, retryInMs });
  }

  #emit(event: TokenEvent): void {
    try {
      this.#onEvent?.(event);
    } catch {
      // Whoever watches must not be able to stop the work.
    }
  }
}

// One token, always fresh: asked for once, however many want it, renewed before it expires, kept through an outage.
// What decides is in `refresh-policy.ts`; this module holds the state and does as it says.

import { AccessToken } from "../access-token.ts";
import { checked, TokenRequestError, TokenResponseError } from "../errors.ts";
import type { SharedStore } from "../store/share.ts";
import type { LocalState, SharedToken, TimedToken } from "../store/shared-token.ts";
import { type Clock, elapsedSince, type Mark, markOf, systemClock } from "../time/clock.ts";
import { type Wait, waitFor, waitOn } from "../time/wait.ts";
import type { TokenError, TokenEvent } from "./events.ts";
import { type Attempt, attemptUntilTimeout } from "./refresh.ts";
import {
  ACCEPTED_MS,
  BLOCKING_WINDOW_MS,
  ExpiredTokenError,
  failureCooldownMs,
  isTransient,
  REFRESH_TIMEOUT_MS,
  REFRESH_WINDOW_MS,
  RejectedTokenError,
  unchangedCooldownMs,
  type Windows,
  windowsOf,
} from "./refresh-policy.ts";
import { createTokenRequester, type TokenRequester, type TokenRequesterOptions } from "./token-requester.ts";

/** How a source keeps its token fresh. */
export interface RefreshOptions {
  /** Milliseconds before the expiry from which on `get()` refreshes the token in the background (default: 1,200,000, at most 25 % of its lifetime). */
  readonly refreshWindowMs?: number | undefined;
  /** Milliseconds before the expiry from which on `get()` waits for the new token (default: 10,000, at most 5 % of its lifetime). */
  readonly blockingWindowMs?: number | undefined;
  /** How long a caller without a token may wait for one, retries included (default: 30,000 ms). */
  readonly timeoutMs?: number | undefined;
  /** Where processes share the token, such as `redisStore(redis)` (default: this source keeps its own). */
  readonly store?: SharedStore | undefined;
  /** For tests (default: the platform's). */
  readonly clock?: Clock | undefined;
  /** Is told what happens; what it throws is ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

export type TokenSourceOptions = RefreshOptions & TokenRequesterOptions;

/** Gives one token to all callers, for one client and one set of scopes: one source per process. */
export interface TokenSource {
  /** The origin that gives the tokens, where the source knows it. */
  readonly origin: string | undefined;
  /**
   * Gives a token that has not expired: the cached one, or a new one.
   *
   * @param options.signal ends this caller's wait, and nobody else's
   * @throws {TokenRequestError | TokenResponseError} why there is none; `nextTryAt` says until when it rejects at once
   * @throws {TokenTimeoutError} when the time limit passed
   * @throws the signal's reason, when it is aborted
   */
  get(options?: { readonly signal?: AbortSignal | undefined }): Promise<AccessToken>;
  /** The cached token, if `get()` would return it and do nothing else. */
  peekFresh(): AccessToken | undefined;
  /** Reports that an API rejected a token: it is not returned again. */
  invalidate(token: AccessToken): void;
}

/** The cached token. */
interface CachedToken extends Windows, TimedToken {
  remainingMs: number;
  /** Until then, counted from `since`, the server would only give this very token again. */
  unchangedUntilMs: number;
  /** Whether it replaces one that was rejected. */
  readonly isReplacement: boolean;
}

interface Refresh {
  readonly since: Mark;
  readonly completion: Wait<AccessToken>;
  /** Ends when its first attempt does: who still has a token waits no longer. */
  readonly firstAttempt: Wait<AccessToken>;
  hasFailed: boolean;
}

interface Failure {
  readonly error: TokenError;
  readonly since: Mark;
  readonly retryInMs: number;
  readonly count: number;
  /** Whether it happened while there was still a valid token, so that nobody has waited yet. */
  readonly isInBackground: boolean;
}

/** Enough to know again whatever a server may still give. */
const MAX_REJECTED = 100;

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
  readonly #requester: TokenRequester;
  readonly #clock: Clock;
  readonly #onEvent: RefreshOptions["onEvent"];
  readonly #maxWindows: Windows;
  readonly #timeoutMs: number;
  /** With a store. */
  readonly #shared: SharedToken | undefined;
  /** What an API rejected and a server may still return. */
  readonly #rejected = new Set<string>();
  #cached: CachedToken | undefined;
  #refresh: Refresh | undefined;
  #failure: Failure | undefined;
  /** How many tokens in a row an API rejected. */
  #rejections = 0;
  /** Whether the next token replaces one that was rejected. */
  #isReplacing = false;

  constructor(options: TokenSourceOptions) {
    const { clock = systemClock, onEvent, store } = options;
    const { refreshWindowMs = REFRESH_WINDOW_MS, blockingWindowMs = BLOCKING_WINDOW_MS } = options;
    const { timeoutMs = REFRESH_TIMEOUT_MS } = options;
    this.#maxWindows = {
      refreshWindowMs: checked("refreshWindowMs", refreshWindowMs),
      blockingWindowMs: checked("blockingWindowMs", blockingWindowMs),
    };
    this.#timeoutMs = checked("timeoutMs", timeoutMs);
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#requester = createTokenRequester(options);
    this.origin = this.#requester.origin;
    if (!store) return;
    // JavaScript hears it only here.
    if (typeof store.createSharedToken !== "function") {
      throw new TypeError("`store` must be one that shares a token: wrap it in `share(store)`");
    }
    const { secret } = this.#requester;
    if (!secret)
      throw new TypeError("`sharedSecret` is needed: there is no client secret to seal what lies in the `store`");
    const onStoreFailed = (error: unknown, retryInMs: number) => this.#emit({ type: "storeFailed", error, retryInMs });
    this.#shared = store.createSharedToken({ ...this.#requester, secret, clock, onStoreFailed });
  }

  async get({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<AccessToken> {
    signal?.throwIfAborted();
    const cached = this.#cached;
    const remainingMs = this.#remainingMs();
    if (cached && remainingMs > cached.refreshWindowMs) return cached.token;

    const refresh = this.#joinOrStart(remainingMs);
    const isWorthWaiting = refresh && !refresh.hasFailed;
    if (cached && remainingMs > (isWorthWaiting ? cached.blockingWindowMs : 0)) return cached.token;
    if (!refresh) throw this.#failure?.error;
    try {
      return await waitFor(remainingMs > 0 ? refresh.firstAttempt : refresh.completion, signal);
    } catch (error) {
      signal?.throwIfAborted();
      // There is, or was, a token to give: what becomes of this call is decided anew.
      if (remainingMs > 0 || this.#remainingMs() > 0) return this.get({ signal });
      throw error;
    }
  }

  peekFresh(): AccessToken | undefined {
    const cached = this.#cached;
    return cached && this.#remainingMs() > cached.refreshWindowMs ? cached.token : undefined;
  }

  invalidate({ value }: AccessToken): void {
    const cached = this.#cached;
    const isCurrent = cached?.token.value === value;
    if (!this.#rejected.has(value)) this.#shared?.discard(value);
    this.#rejected.add(value);
    if (this.#rejected.size > MAX_REJECTED) this.#rejected.delete(this.#rejected.values().next().value as string);
    this.#emit({ type: "invalidated", isCurrent });
    if (!isCurrent) return;
    this.#cached = undefined;
    this.#isReplacing = true;
    const wasAccepted = !cached.isReplacement || this.#elapsedMs(cached.since) >= ACCEPTED_MS;
    if (wasAccepted) this.#rejections = 0;
    else this.#fail(new RejectedTokenError(this.#requester.endpoint), cached.since);
  }

  /** Milliseconds until the cached token expires; 0 where there is none, or was. */
  #remainingMs(): number {
    const cached = this.#cached;
    if (!cached) return 0;
    const remainingMs = cached.remainingMs - this.#elapsedMs(cached.since);
    // What was seen dead stays dead, whatever the clocks say later.
    if (remainingMs <= 0) cached.remainingMs = 0;
    return Math.max(remainingMs, 0);
  }

  #elapsedMs(since: Mark): number {
    return elapsedSince(since, this.#clock);
  }

  /** The request under way, or a new one; none while it would only bring the same token, or after a failure. */
  #joinOrStart(remainingMs: number): Refresh | undefined {
    // One that outlived its time limit was frozen with the process, and may never end.
    if (this.#refresh && this.#elapsedMs(this.#refresh.since) <= this.#timeoutMs) return this.#refresh;
    if (remainingMs > 0 && this.#cached && this.#elapsedMs(this.#cached.since) < this.#cached.unchangedUntilMs)
      return undefined;
    if (this.#failure && this.#isCoolingDown(this.#failure, remainingMs)) return undefined;

    // A microtask later: whoever asks this source again from within the request then finds it under way.
    let failFirst: ((failure: unknown) => void) | undefined;
    const onFailure = (failure: unknown) => {
      refresh.hasFailed = true;
      failFirst?.(failure);
    };
    const completion: Promise<AccessToken> = Promise.resolve().then(() => this.#run(refresh, onFailure));
    const firstAttempt = new Promise<AccessToken>((resolve, reject) => {
      failFirst = reject;
      completion.then(resolve, reject);
    });
    // Where nobody waits, a failure is an event and no unhandled rejection.
    firstAttempt.catch(() => {});
    const refresh = {
      since: markOf(this.#clock),
      completion: waitOn(completion),
      firstAttempt: waitOn(firstAttempt),
      hasFailed: false,
    };
    this.#refresh = refresh;
    return refresh;
  }

  #isCoolingDown({ error, since, retryInMs, isInBackground }: Failure, remainingMs: number): boolean {
    // Once the token has expired that was given through the outage, one try is due: it may be over.
    if (remainingMs <= 0 && isInBackground && isTransient(error)) return false;
    return this.#elapsedMs(since) < retryInMs;
  }

  /** Asks until there is a token, and judges it once for all who wait. */
  async #run(mine: Refresh, onFailure: (failure: unknown) => void): Promise<AccessToken> {
    try {
      const issued = await attemptUntilTimeout((attempt) => this.#attempt(attempt), {
        clock: this.#clock,
        timeoutMs: this.#timeoutMs,
        isShared: this.#shared !== undefined,
        // Where it is known to be down, callers shall not wait for retries.
        isSingleAttempt: this.#failure !== undefined,
        isSuperseded: () => this.#refresh !== mine,
        endpoint: this.#requester.endpoint,
        onFailure,
      });
      // It may have been rejected while the store was told of it.
      if (this.#rejected.has(issued.token.value)) throw new RejectedTokenError(this.#requester.endpoint);
      if (this.#refresh === mine) this.#adopt(issued, mine.since);
      return issued.token;
    } catch (error) {
      if (this.#refresh === mine) this.#fail(error as TokenError, mine.since);
      throw error;
    } finally {
      // Only its own: one that was frozen may end when another is under way.
      if (this.#refresh === mine) this.#refresh = undefined;
    }
  }

  async #attempt(attempt: Attempt): Promise<CachedToken> {
    const request = (signal: AbortSignal) => this.#requestOnce({ ...attempt, signal });
    const local: LocalState = {
      request,
      cached: () => ({ value: this.#cached?.token.value, remainingMs: this.#remainingMs() }),
      isRejected: (value) => this.#rejected.has(value),
    };
    const found = await (this.#shared ? this.#shared.attempt(local, attempt) : request(attempt.signal));
    const windows = windowsOf(found.lifetimeMs, this.#maxWindows, Math.random());
    return { ...found, ...windows, unchangedUntilMs: 0, isReplacement: this.#isReplacing };
  }

  async #requestOnce({ signal, count, failure }: Attempt): Promise<TimedToken> {
    this.#emit({ type: "requested", attempt: count, failure });
    const since = markOf(this.#clock);
    const response = await this.#requester.request({ signal }).catch((error) => {
      if (error instanceof TokenRequestError || error instanceof TokenResponseError) throw error;
      throw new TokenRequestError(this.#requester.endpoint, {}, { cause: error });
    });
    const token = AccessToken.from(response, { requestedAt: new Date(since.wall), scope: this.#requester.scope });
    if (this.#rejected.has(token.value)) throw new RejectedTokenError(this.#requester.endpoint);
    const isSame = this.#cached?.token.value === token.value;
    const reportedMs = token.expiresAt ? token.expiresAt.getTime() - since.wall : Infinity;
    const elapsedMs = this.#elapsedMs(since);
    // The same token never lives longer than it did, even if a gateway answers from its cache.
    const remainingMs = isSame ? Math.min(reportedMs, elapsedMs + this.#remainingMs()) : reportedMs;
    if (remainingMs <= elapsedMs) throw new ExpiredTokenError(response.expires_in);
    return { token, since, remainingMs, lifetimeMs: remainingMs };
  }

  #adopt(issued: CachedToken, since: Mark): void {
    const cached = this.#cached;
    const durationMs = this.#elapsedMs(since);
    this.#failure = undefined;
    this.#isReplacing = false;
    if (cached?.token.value === issued.token.value) {
      const ageMs = this.#elapsedMs(issued.since);
      const retryInMs = unchangedCooldownMs(issued.remainingMs - ageMs);
      const { token, refreshWindowMs, blockingWindowMs } = cached;
      this.#cached = { ...issued, token, refreshWindowMs, blockingWindowMs, unchangedUntilMs: ageMs + retryInMs };
      this.#emit({ type: "unchanged", durationMs, retryInMs });
    } else {
      this.#cached = issued;
      this.#emit({ type: "refreshed", durationMs, expiresAt: issued.token.expiresAt });
    }
  }

  #fail(error: TokenError, since: Mark): void {
    const isRejected = error instanceof RejectedTokenError;
    if (isRejected) this.#rejections += 1;
    const count = isRejected ? this.#rejections : (this.#failure?.count ?? 0) + 1;
    const retryInMs = failureCooldownMs(error, count, Math.random());
    this.#failure = { error, count, retryInMs, since: markOf(this.#clock), isInBackground: this.#remainingMs() > 0 };
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

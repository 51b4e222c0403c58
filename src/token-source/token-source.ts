// The token source: returns one fresh token to all callers, and runs at most one refresh at a time. It only
// coordinates. `refresh-policy.ts` decides when to refresh, `evidence.ts` which 401s to believe, and `token-cache.ts`
// holds the token.

import type { AccessToken } from "../access-token.ts";
import { asTokenError, checkNonNegative, type TokenError, TokenTimeoutError } from "../errors.ts";
import type { SharedToken } from "../store/shared-token.ts";
import type { TimedToken } from "../store/stored-values.ts";
import { type Clock, elapsedSince, type Mark, systemClock } from "../time/clock.ts";
import { callSafely, emitter, type TokenEvent } from "./events.ts";
import { Evidence, type ForcedRefresh } from "./evidence.ts";
import { createLastFailure, type LastFailure } from "./last-failure.ts";
import { type Attempt, Refresh, retry } from "./refresh.ts";
import {
  ATTEMPT_TIMEOUT_MS,
  BLOCKING_WINDOW_MS,
  FROZEN_MS,
  isTransient,
  longestWaitMs,
  mayRefresh,
  REFRESH_WINDOW_MS,
  STORE_TIMEOUT_MS,
  type Stage,
  TIMEOUT_MS,
} from "./refresh-policy.ts";
import { TokenCache } from "./token-cache.ts";
import { createTokenRequester } from "./token-requester.ts";
import { createTokenRequests, type TokenRequests } from "./token-requests.ts";
import type { DurationOption, GetOptions, TokenSource, TokenSourceOptions, WaitUntil } from "./token-source-options.ts";

/** A token to be used instead of a rejected one. */
export interface Replacement {
  readonly token: AccessToken;
  /** The forced refresh that returned the token, if a rejection caused it. */
  readonly forced?: ForcedRefresh | undefined;
}

/**
 * Creates a token source, which returns one fresh token to all callers.
 *
 * At most one refresh runs at a time. No timer runs between calls, so a source does not keep the process alive.
 *
 * @param options the token endpoint and the client, or a `request` function; and how to keep the token fresh
 * @returns a source that has not requested anything yet
 * @throws {TypeError} if an option is invalid
 * @see [RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
 * @example
 * const tokens = createTokenSource({ baseUrl, clientId, clientSecret, scope: ["enterprise.company"] });
 * const { authorization } = await tokens.get();
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  return new Source(options);
}

/** How often `get()` decides again before it gives up. Each round takes a second, or as long as an attempt. */
const MAX_ROUNDS = 10;

/** A token source, with the methods that handling a 401 needs beyond the public interface. */
export class Source implements TokenSource {
  readonly origin: string | undefined;
  readonly evidence: Evidence;
  readonly requests: TokenRequests;
  readonly #clock: Clock;
  readonly #emit: (event: TokenEvent) => void;
  readonly #waitUntil: WaitUntil | undefined;
  readonly #cache: TokenCache;
  readonly #timeoutMs: number;
  readonly #attemptTimeoutMs: number;
  readonly #failure: LastFailure;
  readonly #shared: SharedToken | undefined;
  /** The name of the token endpoint, for messages. */
  readonly #endpoint: string;
  #refresh: Refresh | undefined;
  /** How many rejections were reported. */
  #rejections = 0;
  /** Whether `invalidate` reported the cached token, and no refresh has ended since. */
  #isInvalidated = false;

  /** Reports whether {@link createTokenSource} created a source. Objects that only inherit from one do not count. */
  static is(source: object): source is Source {
    return #cache in source;
  }

  constructor(options: TokenSourceOptions) {
    const { clock = systemClock, store } = options;
    const duration = (name: DurationOption, byDefault: number) => checkNonNegative(name, options[name] ?? byDefault);
    this.#cache = new TokenCache(clock, {
      refreshMs: duration("refreshWindowMs", REFRESH_WINDOW_MS),
      blockingMs: duration("blockingWindowMs", BLOCKING_WINDOW_MS),
    });
    this.#timeoutMs = duration("timeoutMs", TIMEOUT_MS);
    this.#attemptTimeoutMs = duration("attemptTimeoutMs", ATTEMPT_TIMEOUT_MS);
    const defaultLifetime = duration("defaultLifetimeMs", 0) / 1000 || undefined;
    this.#clock = clock;
    this.#waitUntil = options.waitUntil;
    this.#emit = emitter(options.onEvent);
    this.evidence = new Evidence(clock);
    this.#failure = createLastFailure(clock);
    const requester = createTokenRequester(options);
    this.requests = createTokenRequests(requester, this.#cache, clock, defaultLifetime);
    this.#endpoint = requester.endpoint;
    this.origin = requester.origin;
    if (!store) return;
    // For plain JavaScript. In TypeScript it does not compile.
    if (typeof store.createSharedToken !== "function") {
      throw new TypeError("`store` cannot share a token: wrap it in `share(store)`");
    }
    this.#shared = store.createSharedToken({
      ...requester,
      clock,
      attemptTimeoutMs: Math.min(this.#attemptTimeoutMs, this.#timeoutMs),
      storeTimeoutMs: duration("storeTimeoutMs", STORE_TIMEOUT_MS),
      cached: () => ({ value: this.#cache.current()?.value, remainingMs: this.#cache.remainingMs() }),
      onStoreFailed: (error, retryInMs) => this.#emit({ type: "storeFailed", error, retryInMs }),
    });
  }

  async get(options?: GetOptions): Promise<AccessToken> {
    options?.signal?.throwIfAborted();
    return this.peekFresh() ?? this.#getStale({ ...options });
  }

  peekFresh(): AccessToken | undefined {
    // Called in any case, because it records that a token has expired. A clock may be set back later.
    const fresh = this.#cache.fresh();
    return this.#isInvalidated ? undefined : fresh;
  }

  invalidate(token: AccessToken): void {
    // Set before the event, because its listener may call `get()`.
    this.#isInvalidated ||= token.value === this.#cache.current()?.value;
    this.reject(token);
  }

  /** Records that an API answered 401 to a token. Returns whether the token is the cached one. */
  reject({ value }: AccessToken): boolean {
    const isCurrent = this.#cache.current()?.value === value;
    this.#rejections += 1;
    this.#emit({ type: "invalidated", isCurrent });
    return isCurrent;
  }

  /** Returns the token before the cached one, as long as some replicas of an API may not know the cached one yet. */
  predecessor(): AccessToken | undefined {
    return this.#cache.predecessor();
  }

  /**
   * Returns a replacement for a rejected token: a newer cached token, or the result of a forced refresh.
   *
   * All calls that were answered 401 share one forced refresh. The server may return the same token again.
   *
   * @returns `undefined` if no refresh may be forced now, or if it failed
   * @throws the signal's reason, when it is aborted
   */
  async replace(
    { value }: AccessToken,
    options: GetOptions,
    until: "firstAttempt" | "completion" = "completion",
  ): Promise<Replacement | undefined> {
    const { signal } = options;
    const rejection = this.#rejections;
    for (;;) {
      const current = this.#cache.current();
      if (current?.value !== value) return current && { token: current };
      const refresh = this.#refreshIfDue(this.#cache.stage(), options, value);
      if (!refresh) return undefined;
      const { forced } = refresh;
      try {
        const token = await refresh.wait(until, signal);
        // If the refresh began before the rejection and returned the same token, it proves nothing.
        if (token && forced && (token.value !== value || refresh.rejections >= rejection)) return { token, forced };
      } catch {
        signal?.throwIfAborted();
        if (forced || refresh === this.#refresh) return undefined;
      }
    }
  }

  /** Returns a token if the cached one is not fresh. */
  async #getStale(options: GetOptions): Promise<AccessToken> {
    const { signal } = options;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (this.#isInvalidated) await this.#refreshInvalidated(options);
      const current = this.#cache.current();
      const stage = this.#cache.stage();
      const refresh = stage === "fresh" ? undefined : this.#refreshIfDue(stage, options);
      const mustWait = stage === "gone" || (stage === "ending" && refresh && !refresh.hasFailed);
      if (current && !mustWait) return current;
      if (!refresh) throw this.#failure.errorForCaller();
      try {
        const token =
          stage === "gone"
            ? await refresh.wait("completion", signal)
            : await refresh.wait("firstAttempt", signal, longestWaitMs(this.#cache.remainingMs()));
        if (token) return token;
        // Read again, because it may have expired meanwhile.
        const cached = this.#cache.current();
        if (cached && !refresh.isAbandoned) return cached;
      } catch (error) {
        signal?.throwIfAborted();
        // Otherwise decide again: there was a token before, there is one now, or the process was frozen.
        if (stage === "gone" && !this.#cache.current() && this.#failure.current()) {
          throw this.#failure.errorForCaller(error as TokenError);
        }
      }
    }
    const current = this.#cache.current();
    if (current) return current;
    const message = `${this.#endpoint}: no token within ${this.#timeoutMs / 1000} s`;
    throw this.#failure.errorForCaller(new TokenTimeoutError(message));
  }

  async #refreshInvalidated(options: GetOptions): Promise<void> {
    const token = this.#cache.current();
    // Waits only for the first attempt, because the token may still work for this caller.
    if (token) await this.replace(token, options, "firstAttempt");
    this.#isInvalidated = false;
  }

  #elapsedMs(since: Mark): number {
    return elapsedSince(since, this.#clock);
  }

  /** The refresh under way. If it has exceeded its time limit, it was frozen with the process and may never end. */
  #joinableRefresh(): Refresh | undefined {
    const refresh = this.#refresh;
    const isAlive = refresh && !refresh.isAbandoned && this.#elapsedMs(refresh.since) <= this.#timeoutMs;
    return isAlive ? refresh : undefined;
  }

  /** Returns the refresh under way, or starts one if it may start now. A rejected token makes it a forced one. */
  #refreshIfDue(stage: Stage, { waitUntil = this.#waitUntil }: GetOptions, rejected?: string): Refresh | undefined {
    const underWay = this.#joinableRefresh();
    if (underWay) return underWay;
    const isForced = rejected !== undefined;
    const cooldowns = {
      failureMs: this.#failure.cooldownMs(),
      hadToken: this.#failure.current()?.hadToken ?? false,
      unchangedMs: this.#cache.unchangedMs(),
    };
    if (!mayRefresh(stage, isForced, cooldowns)) return undefined;
    const forced = isForced ? this.evidence.spend() : undefined;
    if (isForced && !forced) return undefined;
    const refresh = new Refresh(this.#clock, forced, this.#rejections, (self) => this.#run(self, rejected));
    this.#refresh = refresh;
    // Some runtimes' `waitUntil` throws outside of a request.
    const ended = refresh.completion.catch(() => {});
    if (waitUntil) callSafely(waitUntil, ended);
    return refresh;
  }

  /** Requests a token, with retries, and puts it into the cache. */
  async #run(mine: Refresh, rejected: string | undefined): Promise<AccessToken> {
    let latest: Promise<TimedToken> | undefined;
    const request = async ({ signal, count, failure }: Attempt) => {
      // A `request` function may ignore its signal, and still run. It is called again only after a transient failure.
      const earlier = await latest?.catch((error: unknown) => {
        if (!isTransient(asTokenError(error, this.#endpoint))) throw error;
      });
      if (earlier) return earlier;
      this.#emit({ type: "requested", attempt: count, failure });
      latest = this.requests.send(signal);
      return latest;
    };
    try {
      const found = await retry((attempt) => this.#attempt(attempt, request, rejected, mine), {
        clock: this.#clock,
        timeoutMs: this.#timeoutMs,
        attemptTimeoutMs: this.#attemptTimeoutMs + (this.#shared?.patienceMs ?? 0),
        // While the endpoint is down, callers should not wait for retries.
        once: this.#failure.current() !== undefined,
        isSuperseded: () => this.#refresh !== mine,
        endpoint: this.#endpoint,
        onFailure: () => mine.fail(),
      });
      this.#adopt(found, mine.since);
      return found.token;
    } catch (error) {
      if (this.#refresh === mine) this.#fail(error as TokenError, mine.since);
      // A token that arrives too late for the callers is still worth caching.
      latest?.then((found) => this.#adopt(found, mine.since)).catch(() => {});
      throw error;
    } finally {
      // After a freeze, another refresh may have taken the place of this one.
      if (this.#refresh === mine) this.#refresh = undefined;
    }
  }

  #attempt(
    attempt: Attempt,
    requestOnce: (attempt: Attempt) => Promise<TimedToken>,
    rejected: string | undefined,
    mine: Refresh,
  ): Promise<TimedToken> {
    if (!this.#shared) return requestOnce(attempt);
    const request = (signal: AbortSignal) => requestOnce({ ...attempt, signal });
    const release = () => {
      // After a rejection callers need another token, so they wait for the other process too.
      if (!mine.forced) mine.fail();
    };
    return this.#shared.attempt({ ...attempt, request, rejected, release });
  }

  #adopt(found: TimedToken, since: Mark): void {
    const adoption = this.#cache.adopt(found);
    if (adoption.type === "late") return;
    const durationMs = this.#elapsedMs(since);
    this.#failure.clear();
    if (adoption.type === "refreshed") this.#isInvalidated = false;
    this.#emit({ ...adoption, durationMs });
  }

  #fail(error: TokenError, since: Mark): void {
    const durationMs = this.#elapsedMs(since);
    // If the process was frozen during the refresh, this is not a failure of the endpoint.
    const wasFrozen = durationMs > this.#timeoutMs + FROZEN_MS;
    const retryInMs = wasFrozen ? 0 : this.#failure.record(error, this.#cache.current() !== undefined);
    this.#emit({ type: "failed", durationMs, error: this.#failure.errorForCaller(error), retryInMs });
  }
}

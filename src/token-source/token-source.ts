// A token source: one token, requested once however many callers want it, refreshed before it expires, kept through an outage.
// What it decides stands in `refresh-policy.ts`, what 401s teach in `evidence.ts`, the token itself in `token-cache.ts`.

import { AccessToken, type AnyTokenResponse } from "../access-token.ts";
import { asTokenError, checkNonNegative, copyOfError, type TokenError, TokenTimeoutError } from "../errors.ts";
import type { SharedToken } from "../store/shared-token.ts";
import type { TimedToken } from "../store/stored-values.ts";
import { type Clock, elapsedSince, type Mark, markOf, systemClock } from "../time/clock.ts";
import { callSafely, emitter, type TokenEvent } from "./events.ts";
import { Evidence, type Experiment } from "./evidence.ts";
import { type Attempt, Refresh, retry } from "./refresh.ts";
import {
  ATTEMPT_TIMEOUT_MS,
  BLOCKING_WINDOW_MS,
  cooldownMs,
  ExpiredTokenError,
  FROZEN_MS,
  isTransient,
  mayRefresh,
  patienceMs,
  REFRESH_WINDOW_MS,
  STORE_TIMEOUT_MS,
  type Stage,
  TIMEOUT_MS,
} from "./refresh-policy.ts";
import { TokenCache } from "./token-cache.ts";
import { createTokenRequester, type TokenRequester } from "./token-requester.ts";
import type { DurationOption, GetOptions, TokenSource, TokenSourceOptions, WaitUntil } from "./token-source-options.ts";

/** A token in place of a rejected one. */
export interface Replacement {
  readonly token: AccessToken;
  /** The forced refresh that brought it, if it was requested for this rejection. */
  readonly experiment?: Experiment | undefined;
}

interface Failure {
  readonly error: TokenError;
  readonly since: Mark;
  readonly retryInMs: number;
  readonly count: number;
  readonly hadToken: boolean;
}

/**
 * Creates a token source: at most one refresh is under way, and its token serves all callers.
 *
 * It has no timer while no call is under way, so it keeps no process alive.
 *
 * @throws {TypeError} if an option is invalid
 * @example
 * const tokens = createTokenSource({ baseUrl, clientId, clientSecret, scope: ["enterprise.company"] });
 * const { authorization } = await tokens.get();
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  return new Source(options);
}

/** How often `get()` decides anew: each time takes a second or an attempt. */
const MAX_TRIES = 10;

/** The token source, with what handling a 401 needs beyond the public interface. */
export class Source implements TokenSource {
  readonly origin: string | undefined;
  readonly evidence: Evidence;
  readonly #requester: TokenRequester;
  readonly #clock: Clock;
  readonly #emit: (event: TokenEvent) => void;
  readonly #waitUntil: WaitUntil | undefined;
  readonly #cache: TokenCache;
  readonly #timeoutMs: number;
  readonly #attemptTimeoutMs: number;
  readonly #defaultLifetime: number | undefined;
  readonly #shared: SharedToken | undefined;
  #refresh: Refresh | undefined;
  #failure: Failure | undefined;
  /** Given to the token requests, by which a `bearerFetch` of this source knows them. */
  readonly #requestSignals = new WeakSet<AbortSignal>();
  /** Set while a token request is made, which most functions do before they return a promise. */
  #isRequesting = false;
  /** How many rejections were reported. */
  #rejections = 0;
  /** Whether a user reported that the cached token was rejected, and no refresh has answered that yet. */
  #isInvalidated = false;

  /** Reports whether a source is one of ours, and not an object that inherits from one. */
  static is(source: object): source is Source {
    return #cache in source;
  }

  constructor(options: TokenSourceOptions) {
    const { clock = systemClock, store } = options;
    const duration = (name: DurationOption, standard: number) => checkNonNegative(name, options[name] ?? standard);
    this.#cache = new TokenCache(clock, {
      refreshMs: duration("refreshWindowMs", REFRESH_WINDOW_MS),
      blockingMs: duration("blockingWindowMs", BLOCKING_WINDOW_MS),
    });
    this.#timeoutMs = duration("timeoutMs", TIMEOUT_MS);
    this.#attemptTimeoutMs = duration("attemptTimeoutMs", ATTEMPT_TIMEOUT_MS);
    const { defaultLifetimeMs } = options;
    this.#defaultLifetime = defaultLifetimeMs === undefined ? undefined : duration("defaultLifetimeMs", 0) / 1000;
    this.#clock = clock;
    this.#waitUntil = options.waitUntil;
    this.#emit = emitter(options.onEvent);
    this.evidence = new Evidence(clock);
    this.#requester = createTokenRequester(options);
    this.origin = this.#requester.origin;
    if (!store) return;
    // TypeScript reports this when compiling; plain JavaScript only here.
    if (typeof store.createSharedToken !== "function") {
      throw new TypeError("`store` must be one that shares a token: wrap it in `share(store)`");
    }
    this.#shared = store.createSharedToken({
      ...this.#requester,
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
    // Read in any case: a token that was seen expired stays so, whatever the clocks say later.
    const fresh = this.#cache.fresh();
    return this.#isInvalidated ? undefined : fresh;
  }

  invalidate(token: AccessToken): void {
    // Set before the event, whose listener may want a token.
    this.#isInvalidated ||= token.value === this.#cache.current()?.value;
    this.reject(token);
  }

  /**
   * Reports whether a call is this source's own token request: it must not wait for the token.
   *
   * A `request` of the user's own may call the global `fetch`, and that may be a `bearerFetch` of this source.
   */
  isTokenRequest(url: string, signal: AbortSignal | undefined): boolean {
    if (url === this.#requester.url || (signal && this.#requestSignals.has(signal))) return true;
    return this.#isRequesting && !this.#cache.current();
  }

  /** Reports that an API answered 401 to a token; returns whether it is the cached one. */
  reject({ value }: AccessToken): boolean {
    const isCurrent = this.#cache.current()?.value === value;
    this.#rejections += 1;
    this.#emit({ type: "invalidated", isCurrent });
    return isCurrent;
  }

  /** The token before the cached one, while APIs may not know of the cached one yet. */
  predecessor(): AccessToken | undefined {
    return this.#cache.predecessor();
  }

  /**
   * Returns what replaces a rejected token: a newer one, or what a forced refresh brings, which may be the same token.
   *
   * All calls that were answered 401 share one forced refresh.
   *
   * @returns `undefined` if no refresh may be forced now, or it failed
   * @throws the signal's reason, when it is aborted
   */
  async replace(
    { value }: AccessToken,
    options: GetOptions,
    patience: "firstAttempt" | "completion" = "completion",
  ): Promise<Replacement | undefined> {
    const { signal } = options;
    const rejection = this.#rejections;
    for (;;) {
      const current = this.#cache.current();
      if (current?.value !== value) return current && { token: current };
      const refresh = this.#refreshIfDue(this.#cache.stage(), options, value);
      if (!refresh) return undefined;
      const { experiment } = refresh;
      try {
        const token = await refresh.wait(patience, signal);
        // What was requested before the rejection decides nothing, unless it is another token.
        if (token && experiment && (token.value !== value || refresh.rejections >= rejection)) {
          return { token, experiment };
        }
      } catch {
        signal?.throwIfAborted();
        if (experiment || refresh === this.#refresh) return undefined;
      }
    }
  }

  /** What `get()` does unless the token is fresh. */
  async #getStale(options: GetOptions): Promise<AccessToken> {
    const { signal } = options;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (this.#isInvalidated) await this.#answerInvalidation(options);
      const current = this.#cache.current();
      const stage = this.#cache.stage();
      const refresh = stage === "fresh" ? undefined : this.#refreshIfDue(stage, options);
      const mustWait = stage === "gone" || (stage === "ending" && refresh && !refresh.hasFailed);
      if (current && !mustWait) return current;
      if (!refresh) throw this.#errorForCaller(this.#failure?.error);
      try {
        const token =
          stage === "gone"
            ? await refresh.wait("completion", signal)
            : await refresh.wait("firstAttempt", signal, patienceMs(this.#cache.remainingMs()));
        if (token) return token;
        // Read again: a clock may have jumped.
        const rest = this.#cache.current();
        if (rest && !refresh.isAbandoned) return rest;
      } catch (error) {
        signal?.throwIfAborted();
        // If there is, or was, a token, or the process was frozen with the refresh, this call is decided anew.
        if (stage === "gone" && !this.#cache.current() && this.#failure)
          throw this.#errorForCaller(error as TokenError);
      }
    }
    const current = this.#cache.current();
    if (current) return current;
    const message = `${this.#requester.endpoint}: no token within ${this.#timeoutMs / 1000} s`;
    throw this.#errorForCaller(new TokenTimeoutError(message));
  }

  async #answerInvalidation(options: GetOptions): Promise<void> {
    const token = this.#cache.current();
    // No longer than a first attempt: most callers of `get()` have not seen the rejection.
    if (token) await this.replace(token, options, "firstAttempt");
    this.#isInvalidated = false;
  }

  #elapsedMs(since: Mark): number {
    return elapsedSince(since, this.#clock);
  }

  /** The refresh under way. One that outlived its time limit was frozen with the process, and may never end. */
  #joinable(): Refresh | undefined {
    const refresh = this.#refresh;
    const isAlive = refresh && !refresh.isAbandoned && this.#elapsedMs(refresh.since) <= this.#timeoutMs;
    return isAlive ? refresh : undefined;
  }

  /** The refresh under way, or a new one if one may start now; a rejected token forces it. */
  #refreshIfDue(stage: Stage, { waitUntil = this.#waitUntil }: GetOptions, rejected?: string): Refresh | undefined {
    const underWay = this.#joinable();
    if (underWay) return underWay;
    const isForced = rejected !== undefined;
    const cooldowns = {
      failureMs: this.#cooldownMs(),
      hadToken: this.#failure?.hadToken ?? false,
      unchangedMs: this.#cache.unchangedMs(),
    };
    if (!mayRefresh(stage, isForced, cooldowns)) return undefined;
    const experiment = isForced ? this.evidence.spend() : undefined;
    if (isForced && !experiment) return undefined;
    const refresh = new Refresh(this.#clock, experiment, this.#rejections, (self) => this.#run(self, rejected));
    this.#refresh = refresh;
    // It may throw: outside of a request there is nothing that could be kept alive.
    const ended = refresh.completion.catch(() => {});
    if (waitUntil) callSafely(waitUntil, ended);
    return refresh;
  }

  #abandon(refresh: Refresh): void {
    if (this.#refresh === refresh) this.#refresh = undefined;
  }

  /** Requests a token, and adopts it for all who wait. */
  async #run(mine: Refresh, rejected: string | undefined): Promise<AccessToken> {
    let latest: Promise<TimedToken> | undefined;
    const request = async (attempt: Attempt) => {
      // A `request` that ignores its signal is not called again while it may still succeed, nor if it failed for good.
      const earlier = await latest?.catch((error: unknown) => {
        if (!isTransient(asTokenError(error, this.#requester.endpoint))) throw error;
      });
      if (earlier) return earlier;
      latest = this.#requestOnce(attempt);
      return latest;
    };
    try {
      const found = await retry((attempt) => this.#attempt(attempt, request, rejected, mine), {
        clock: this.#clock,
        timeoutMs: this.#timeoutMs,
        attemptTimeoutMs: this.#attemptTimeoutMs + (this.#shared?.patienceMs ?? 0),
        // If the endpoint is known to be down, callers need not wait for retries.
        once: this.#failure !== undefined,
        isSuperseded: () => this.#refresh !== mine,
        endpoint: this.#requester.endpoint,
        onFailure: () => mine.fail(),
      });
      this.#adopt(found, mine.since);
      return found.token;
    } catch (error) {
      if (this.#refresh === mine) this.#fail(error as TokenError, mine.since);
      // What is too late for all who waited is still a token.
      latest?.then((found) => this.#adopt(found, mine.since)).catch(() => {});
      throw error;
    } finally {
      // Only its own: a refresh that was frozen may end when another is under way.
      this.#abandon(mine);
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
      // After a rejection callers wait for another token, whoever requests it.
      if (!mine.experiment) mine.fail();
    };
    return this.#shared.attempt({ ...attempt, request, rejected, release });
  }

  async #requestOnce({ signal, count, failure }: Attempt): Promise<TimedToken> {
    this.#emit({ type: "requested", attempt: count, failure });
    const since = markOf(this.#clock);
    const response = (await this.#request(signal)) as AnyTokenResponse;
    const token = AccessToken.from(response, {
      requestedAt: new Date(since.wall),
      scope: this.#requester.scope,
      defaultLifetime: this.#defaultLifetime,
    });
    const lifetimeMs = this.#cache.lifetimeMs(token, since);
    if (lifetimeMs <= this.#elapsedMs(since)) throw new ExpiredTokenError(response.expires_in);
    return { token, since, remainingMs: lifetimeMs, lifetimeMs };
  }

  #request(signal: AbortSignal): ReturnType<TokenRequester["request"]> {
    this.#requestSignals.add(signal);
    this.#isRequesting = true;
    try {
      return this.#requester.request({ signal });
    } finally {
      this.#isRequesting = false;
    }
  }

  #adopt(found: TimedToken, since: Mark): void {
    const adoption = this.#cache.adopt(found);
    if (adoption.type === "late") return;
    const durationMs = this.#elapsedMs(since);
    this.#failure = undefined;
    if (adoption.type === "refreshed") this.#isInvalidated = false;
    this.#emit({ ...adoption, durationMs });
  }

  #fail(error: TokenError, since: Mark): void {
    const durationMs = this.#elapsedMs(since);
    // A refresh that was frozen with the process says nothing of the endpoint.
    const wasFrozen = durationMs > this.#timeoutMs + FROZEN_MS;
    const count = (this.#failure?.count ?? 0) + 1;
    const retryInMs = wasFrozen ? 0 : cooldownMs(error, count, Math.random());
    const hadToken = this.#cache.current() !== undefined;
    if (!wasFrozen) this.#failure = { error, count, retryInMs, since: markOf(this.#clock), hadToken };
    this.#emit({ type: "failed", durationMs, error: this.#errorForCaller(error), retryInMs });
  }

  /** A new error for each caller, who may change or freeze it. */
  #errorForCaller(error: TokenError | undefined): TokenError {
    return copyOfError(error as TokenError, new Date(this.#clock.now() + this.#cooldownMs()));
  }

  /** The rest of the cooldown after a failure. */
  #cooldownMs(): number {
    const { since, retryInMs = 0 } = this.#failure ?? {};
    return since ? Math.max(retryInMs - this.#elapsedMs(since), 0) : 0;
  }
}

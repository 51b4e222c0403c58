// One refresh: its attempts and retries, and the callers that wait for it. A caller that gives up does not end the
// refresh. What an attempt does is in `token-source.ts`.

import type { AccessToken } from "../access-token.ts";
import { asTokenError, type TokenError, TokenTimeoutError } from "../errors.ts";
import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { setBackgroundTimer, sleep, withTimeout } from "../time/wait.ts";
import type { ForcedRefresh } from "./evidence.ts";
import { ExpiredTokenError, retryDelayMs } from "./refresh-policy.ts";

/** The interval of a refresh's heartbeat. */
const BEAT_MS = 400;
/** If a caller sees no heartbeat for this long, it starts another refresh. */
const SILENCE_MS = 1000;

/** A refresh under way. */
export class Refresh {
  readonly since: Mark;
  /** Set if a 401 caused the refresh. */
  readonly forced: ForcedRefresh | undefined;
  /** How many rejections had been reported when the refresh began. */
  readonly rejections: number;
  readonly completion: Promise<AccessToken>;
  /** Rejects when the first attempt fails, for callers that still have a token. */
  readonly firstAttempt: Promise<AccessToken>;
  hasFailed = false;
  /** Set when a caller saw no heartbeat for too long. */
  isAbandoned = false;
  readonly #clock: Clock;
  readonly #aborts = new Map<AbortSignal, Promise<never>>();
  #failFirst: () => void = () => {};
  #beats = 0;
  #beatTimer: unknown;

  constructor(
    clock: Clock,
    forced: ForcedRefresh | undefined,
    rejections: number,
    run: (self: Refresh) => Promise<AccessToken>,
  ) {
    this.#clock = clock;
    this.since = markOf(clock);
    this.forced = forced;
    this.rejections = rejections;
    // Starts a microtask later, so that a `request` function that calls `get()` joins this refresh.
    this.completion = Promise.resolve().then(() => run(this));
    this.firstAttempt = new Promise((resolve, reject) => {
      this.#failFirst = reject;
      this.completion.then(resolve, reject);
    });
    this.#beat();
    // If no caller waits, a failure must not become an unhandled rejection.
    this.firstAttempt.catch(() => {});
    this.#whenEnded(() => clock.clearTimeout(this.#beatTimer));
  }

  /** Records that the first attempt failed or will take long. Callers that have a token stop waiting. */
  fail(): void {
    this.hasFailed = true;
    this.#failFirst();
  }

  /**
   * Waits for the completion or the first attempt.
   *
   * Workers stop all work of a request when the request has ended: its promises never settle, and its timers never
   * fire. So each caller sets its own timer, and watches the heartbeat of the refresh.
   *
   * @returns the token; `undefined` when `limitMs` have passed or the heartbeat has stopped
   * @throws the signal's reason, when it is aborted
   */
  async wait(
    until: "completion" | "firstAttempt",
    signal: AbortSignal | undefined,
    limitMs: number = Infinity,
  ): Promise<AccessToken | undefined> {
    signal?.throwIfAborted();
    const promises = signal ? [this[until], this.#abortOf(signal)] : [this[until]];
    for (let restMs = limitMs; restMs > 0; restMs -= SILENCE_MS) {
      const beats = this.#beats;
      let timer: unknown;
      const silence = new Promise<undefined>((resolve) => {
        timer = this.#clock.setTimeout(() => resolve(undefined), Math.min(SILENCE_MS, restMs));
      });
      try {
        const token = await Promise.race([...promises, silence]);
        this.isAbandoned ||= !token && beats === this.#beats && restMs >= SILENCE_MS;
        if (token || this.isAbandoned) return token;
      } finally {
        this.#clock.clearTimeout(timer);
      }
    }
    return undefined;
  }

  /** Returns a promise that rejects when the signal aborts. All callers with the same signal share one listener. */
  #abortOf(signal: AbortSignal): Promise<never> {
    const known = this.#aborts.get(signal);
    if (known) return known;
    const aborted = new Promise<never>((_, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort);
      this.#whenEnded(() => signal.removeEventListener("abort", abort));
    });
    aborted.catch(() => {});
    this.#aborts.set(signal, aborted);
    return aborted;
  }

  #whenEnded(callback: () => void): void {
    this.completion.then(callback, callback);
  }

  #beat(): void {
    this.#beatTimer = setBackgroundTimer(this.#clock, BEAT_MS, () => {
      this.#beats += 1;
      this.#beat();
    });
  }
}

/** One attempt of a refresh. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** Starts at 1. */
  readonly count: number;
  /** The error of the previous attempt. */
  readonly failure: TokenError | undefined;
  /** The time limit of this attempt. */
  readonly limitMs: number;
}

/** For {@link retry}. */
export interface RetryOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly attemptTimeoutMs: number;
  /** Whether to make only one attempt. */
  readonly once: boolean;
  /** Reports whether another refresh has taken the place of this one. */
  readonly isSuperseded: () => boolean;
  /** The name of the token endpoint, for messages. */
  readonly endpoint: string;
  /** Called when an attempt fails. */
  readonly onFailure: () => void;
}

/**
 * Makes attempts until one succeeds, one fails permanently, or the time is over.
 *
 * @throws {TokenTimeoutError} when the time is over, with the last failure as its cause
 * @throws the failure itself, if it is permanent, if `once` is set, or if the server wants a longer wait than the time
 *   allows
 */
export async function retry<T>(
  attempt: (attempt: Attempt) => Promise<T>,
  { clock, timeoutMs, attemptTimeoutMs, once, isSuperseded, endpoint, onFailure }: RetryOptions,
): Promise<T> {
  const begun = markOf(clock);
  let failure: TokenError | undefined;
  for (let count = 1; ; count++) {
    const limitMs = Math.min(attemptTimeoutMs, timeoutMs - elapsedSince(begun, clock));
    const run = (signal: AbortSignal) => attempt({ signal, count, failure, limitMs });
    try {
      return await withTimeout(run, { timeoutMs: limitMs, clock });
    } catch (error) {
      failure = asTokenError(error, endpoint);
      onFailure();
    }
    const delayMs = retryDelayMs(failure, count, Math.random());
    if (once || delayMs === undefined) throw failure;
    const attempts = count === 1 ? "1 attempt" : `${count} attempts`;
    const message = `${endpoint}: no token after ${attempts} within ${timeoutMs / 1000} s. Last failure: ${failure.message}`;
    const timeout = new TokenTimeoutError(message, { cause: failure });
    if (elapsedSince(begun, clock) + delayMs >= timeoutMs) {
      // These failures are more specific than a timeout.
      const isSpecific = failure instanceof ExpiredTokenError || (failure as { retryAfterMs?: number }).retryAfterMs;
      throw isSpecific ? failure : timeout;
    }
    await sleep(delayMs, clock);
    // The machine may have slept meanwhile.
    if (isSuperseded() || elapsedSince(begun, clock) >= timeoutMs) throw timeout;
  }
}

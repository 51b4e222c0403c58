// One refresh: attempts until one succeeds, and the callers that wait for it. It belongs to none of them.

import type { AccessToken } from "../access-token.ts";
import { asTokenError, type TokenError, TokenTimeoutError } from "../errors.ts";
import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { setBackgroundTimer, sleep, withTimeout } from "../time/wait.ts";
import type { Experiment } from "./evidence.ts";
import { ExpiredTokenError, retryDelayMs } from "./refresh-policy.ts";

/** How often a refresh under way shows a heartbeat. */
const BEAT_MS = 400;
/** A caller that sees no heartbeat for this long starts a refresh of its own. */
const SILENCE_MS = 1000;

/** A refresh under way. */
export class Refresh {
  readonly since: Mark;
  /** Set if a 401 caused it. */
  readonly experiment: Experiment | undefined;
  /** How many rejections came before it. About later ones the same token says nothing. */
  readonly rejections: number;
  readonly completion: Promise<AccessToken>;
  /** Rejects when the first attempt fails: a caller that still has a token waits no longer. */
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
    experiment: Experiment | undefined,
    rejections: number,
    run: (self: Refresh) => Promise<AccessToken>,
  ) {
    this.#clock = clock;
    this.since = markOf(clock);
    this.experiment = experiment;
    this.rejections = rejections;
    // A microtask later: a `request` that calls `get()` then finds this refresh under way.
    this.completion = Promise.resolve().then(() => run(this));
    this.firstAttempt = new Promise((resolve, reject) => {
      this.#failFirst = reject;
      this.completion.then(resolve, reject);
    });
    this.#beat();
    // If no caller waits, a failure is an event, not an unhandled rejection.
    this.firstAttempt.catch(() => {});
    this.#whenEnded(() => clock.clearTimeout(this.#beatTimer));
  }

  /** The first attempt brings nothing, or not soon: callers that have a token wait no longer. */
  fail(): void {
    this.hasFailed = true;
    this.#failFirst();
  }

  /**
   * Waits for the completion or the first attempt, in the caller's own context.
   *
   * Some runtimes abandon what a request started once that request has ended: its promises never settle, its timers never
   * fire. This shows after about a second.
   *
   * @returns `undefined` when the caller's own time is over, or the refresh shows no heartbeat
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

  /** Rejects with the signal's reason once it is aborted. Callers that share a signal share one listener on it. */
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

/** One of several attempts. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** From 1 on. */
  readonly count: number;
  /** How the attempt before failed. */
  readonly failure: TokenError | undefined;
  /** How long it may take. */
  readonly limitMs: number;
}

/** How long to go on. */
export interface RetryOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly attemptTimeoutMs: number;
  /** One attempt only: for an endpoint that is known to be down. */
  readonly once: boolean;
  /** Reports whether another refresh has taken the place of this one. */
  readonly isSuperseded: () => boolean;
  /** The name of the token endpoint, for messages. */
  readonly endpoint: string;
  /** Called when an attempt fails. */
  readonly onFailure: () => void;
}

/**
 * Attempts until one succeeds, one fails permanently, or the time is over.
 *
 * @throws {TokenTimeoutError} when the time is over, with the last failure as its cause
 * @throws the failure itself, if another attempt would not help, or not in time, as the server says
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
    const message = `${endpoint}: no token by ${attempts} within ${timeoutMs / 1000} s. The last failure: ${failure.message}`;
    const timeout = new TokenTimeoutError(message, { cause: failure });
    if (elapsedSince(begun, clock) + delayMs >= timeoutMs) {
      const isTelling = failure instanceof ExpiredTokenError || (failure as { retryAfterMs?: number }).retryAfterMs;
      throw isTelling ? failure : timeout;
    }
    await sleep(delayMs, clock);
    // The machine may have slept in the meantime.
    if (isSuperseded() || elapsedSince(begun, clock) >= timeoutMs) throw timeout;
  }
}

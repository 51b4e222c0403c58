// The one request of a token source: attempts, the pauses between them, and the deadline of it all.

import { type Clock, elapsedSince, markOf } from "./clock.ts";
import { TokenRequestError, TokenResponseError, TokenTimeoutError } from "./errors.ts";

/** Long enough for a slow server, short enough to try again before the deadline. */
const ATTEMPT_MS = 10_000;
/** One that may wait for other members of a fleet first: for a dead one's lease, and another one's request. */
const SHARED_ATTEMPT_MS = 15_000;
/** A pause is up to this long after the first failure, and up to twice as long after each further one (full jitter). */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** A server that reuses tokens may send one in its last second; a second later it has another. */
const EXPIRED_PAUSE_MS = 1000;

/** A token that had expired when it arrived. */
export class ExpiredTokenError extends TokenResponseError {
  constructor(expiresIn: unknown) {
    super("/expires_in", "seconds that are not over yet", expiresIn);
  }
}

/** A token that an API refuses: it was given again, or replaced one that was refused as well. */
export class RefusedTokenError extends TokenRequestError {
  constructor(endpoint: string) {
    super(endpoint, {
      status: 401,
      error: "invalid_token",
      errorDescription: "The API refuses the tokens that it gives",
    });
  }
}

/** One of several attempts. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** From 1 on. */
  readonly count: number;
  /** What became of the one before. */
  readonly failure: unknown;
  /** When it is given up. */
  readonly limitMs: number;
}

/** How long to go on. */
export interface RetryOptions {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Whether an attempt may wait for other members of a fleet. */
  readonly isShared: boolean;
  /** One attempt only: for an endpoint that is known to be down. */
  readonly once: boolean;
  /** Whether another request has taken the place of this one, which had outlived its deadline. */
  readonly isSuperseded: () => boolean;
  /** Whom the attempts ask, for messages. */
  readonly endpoint: string;
  /** Is told of each failure when it happens. */
  readonly onFailure: (failure: unknown) => void;
}

/**
 * Attempts until one succeeds, one fails for good, or the deadline comes.
 *
 * @throws {TokenTimeoutError} at the deadline, with the last failure as its cause
 * @throws the failure itself where another attempt would not help, or not before the deadline, as the server says
 */
export async function askUntilDeadline<T>(
  attempt: (attempt: Attempt) => Promise<T>,
  { clock, deadlineMs, isShared, once, isSuperseded, endpoint, onFailure }: RetryOptions,
): Promise<T> {
  const begun = markOf(clock);
  let failure: unknown;
  for (let count = 1; ; count++) {
    const limitMs = Math.min(isShared ? SHARED_ATTEMPT_MS : ATTEMPT_MS, deadlineMs - elapsedSince(begun, clock));
    const about = { count, failure, limitMs };
    try {
      return await withinTime((signal) => attempt({ ...about, signal }), limitMs, clock, endpoint);
    } catch (error) {
      failure = error;
      onFailure(failure);
    }
    const pauseMs = pauseAfter(failure, count);
    if (once || pauseMs === undefined) throw failure;
    const timeout = new TokenTimeoutError(`${endpoint}: no token within ${deadlineMs / 1000} s`, { cause: failure });
    if (elapsedSince(begun, clock) + pauseMs >= deadlineMs) {
      const isTelling = failure instanceof ExpiredTokenError || (failure as TokenRequestError).retryAfterMs;
      throw isTelling ? failure : timeout;
    }
    await new Promise<void>((resolve) => clock.setTimeout(resolve, pauseMs));
    // The machine may have slept in the meantime.
    if (isSuperseded() || elapsedSince(begun, clock) >= deadlineMs) throw timeout;
  }
}

/** Whether the same request may succeed a little later: it did not arrive, or the server says so by its status. */
export function isPassing(failure: unknown): boolean {
  if (!(failure instanceof TokenRequestError)) return failure instanceof ExpiredTokenError;
  const { status = 500 } = failure;
  return status === 408 || status === 429 || status >= 500;
}

/** Milliseconds until another attempt; `undefined` where none would help. */
function pauseAfter(failure: unknown, count: number): number | undefined {
  if (failure instanceof ExpiredTokenError) return EXPIRED_PAUSE_MS;
  if (!(failure instanceof TokenRequestError) || !isPassing(failure)) return undefined;
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (count - 1), LONGEST_PAUSE_MS);
  return Math.max(Math.random() * longest, failure.retryAfterMs ?? 0);
}

/** Gives up what takes too long, whether or not it heeds its signal. */
export function withinTime<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  milliseconds: number,
  clock: Clock,
  endpoint: string,
): Promise<T> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      const cause = new DOMException(`${milliseconds / 1000} s are over`, "TimeoutError");
      const failure = new TokenRequestError(endpoint, {}, { cause });
      controller.abort(failure);
      reject(failure);
    }, milliseconds);
    attempt(controller.signal)
      .then(resolve, reject)
      .finally(() => clock.clearTimeout(timer));
  });
}

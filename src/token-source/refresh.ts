// The one request of a token source: attempts, the pauses between them, and the time limit of it all.

import { TokenRequestError, TokenTimeoutError } from "../errors.ts";
import { type Clock, elapsedSince, markOf } from "../time/clock.ts";
import { sleep, withTimeout } from "../time/wait.ts";
import { ATTEMPT_TIMEOUT_MS, ExpiredTokenError, retryPauseMs, SHARED_ATTEMPT_TIMEOUT_MS } from "./refresh-policy.ts";

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
export interface AttemptsOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Whether an attempt may wait for other processes. */
  readonly isShared: boolean;
  /** One attempt only: while the endpoint is known to be down. */
  readonly isSingleAttempt: boolean;
  /** Whether another request has taken the place of this one, which had outlived its time limit. */
  readonly isSuperseded: () => boolean;
  /** Whom the attempts ask, for messages. */
  readonly endpoint: string;
  /** Is told of each failure when it happens. */
  readonly onFailure: (failure: unknown) => void;
}

/**
 * Attempts until one succeeds, one fails permanently, or the time is over.
 *
 * @throws {TokenTimeoutError} when the time is over, with the last failure as its cause
 * @throws the failure itself where another attempt would not help, or not in time, as the server says
 */
export async function attemptUntilTimeout<T>(
  attempt: (attempt: Attempt) => Promise<T>,
  { clock, timeoutMs, isShared, isSingleAttempt, isSuperseded, endpoint, onFailure }: AttemptsOptions,
): Promise<T> {
  const begun = markOf(clock);
  const toError = (cause: DOMException) => new TokenRequestError(endpoint, {}, { cause });
  let failure: unknown;
  for (let count = 1; ; count++) {
    const limitMs = Math.min(
      isShared ? SHARED_ATTEMPT_TIMEOUT_MS : ATTEMPT_TIMEOUT_MS,
      timeoutMs - elapsedSince(begun, clock),
    );
    const about = { count, failure, limitMs };
    try {
      return await withTimeout((signal) => attempt({ ...about, signal }), { timeoutMs: limitMs, clock, toError });
    } catch (error) {
      failure = error;
      onFailure(failure);
    }
    const pauseMs = retryPauseMs(failure, count);
    if (isSingleAttempt || pauseMs === undefined) throw failure;
    const timeout = new TokenTimeoutError(`${endpoint}: no token within ${timeoutMs / 1000} s`, { cause: failure });
    if (elapsedSince(begun, clock) + pauseMs >= timeoutMs) {
      const isInformative = failure instanceof ExpiredTokenError || (failure as TokenRequestError).retryAfterMs;
      throw isInformative ? failure : timeout;
    }
    await sleep(pauseMs, clock);
    // The machine may have slept in the meantime.
    if (isSuperseded() || elapsedSince(begun, clock) >= timeoutMs) throw timeout;
  }
}

// Waiting for a result with a time limit and a signal, and waiting for some time. All timers of the package are set
// here or in `token-source/refresh.ts`.

import { type Clock, elapsedSince, markOf } from "./clock.ts";

/** A timer that fires this late shows that the process was frozen or busy. */
const LATE_MS = 100;
/** After a freeze, a response may be waiting in the socket. This is the time to read it. */
const READ_MS = 1000;

export interface TimeLimit {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Ends the wait earlier, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a function with a time limit.
 *
 * When the time is over, the function's signal aborts, and the promise rejects even if the function ignores it.
 *
 * `AbortSignal.any` and `AbortSignal.timeout` are not used: on Node 20 they may be garbage-collected before they fire.
 *
 * @throws {DOMException} a `TimeoutError` when the time is over
 * @throws the signal's reason, when it is aborted
 */
export function withTimeout<T>(
  run: (signal: AbortSignal) => Promise<T>,
  { timeoutMs, clock, signal }: TimeLimit,
): Promise<T> {
  const controller = new AbortController();
  const begun = markOf(clock);
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const abort = (reason: unknown) => {
      end();
      controller.abort(reason);
      reject(reason);
    };
    const onAbort = () => abort(signal?.reason);
    const expire = () => abort(new DOMException(`No result within ${timeoutMs} ms`, "TimeoutError"));
    let timer = clock.setTimeout(() => {
      // After a freeze, timers fire before sockets are read.
      const isLate = elapsedSince(begun, clock) > timeoutMs + LATE_MS;
      timer = clock.setTimeout(expire, isLate ? READ_MS : 0);
    }, timeoutMs);
    signal?.addEventListener("abort", onAbort);
    const end = () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    // In an async function, so that a synchronous throw is handled too.
    (async () => run(controller.signal))().then(resolve, reject).finally(end);
  });
}

/** Waits for some time, without keeping the process alive. */
export function sleep(milliseconds: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => setBackgroundTimer(clock, milliseconds, resolve));
}

/** Sets a timer that does not keep the process alive. A caller that waits for it needs another timer that does. */
export function setBackgroundTimer(clock: Clock, milliseconds: number, callback: () => void): unknown {
  const timer = clock.setTimeout(callback, milliseconds);
  (timer as { unref?: () => void } | undefined)?.unref?.();
  return timer;
}

// Waiting: for some work as long as its time limit and a signal let it, or for a while.

import { type Clock, elapsedSince, markOf } from "./clock.ts";

/** A timer that fires this late was held up together with the whole process. */
const LATE_MS = 100;
/** What arrived while the process was held up may still have to be read. */
const READ_MS = 1000;

export interface TimeLimit {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Ends the wait earlier, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs something with a signal that aborts when the time is over, and rejects then, whether or not it listens to the signal.
 *
 * Not `AbortSignal.any` with `AbortSignal.timeout`: on Node 20 the garbage collector may take them before they fire.
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
      // The result may be waiting in a socket: a process that was busy or frozen sees its timers first.
      const isLate = elapsedSince(begun, clock) > timeoutMs + LATE_MS;
      timer = clock.setTimeout(expire, isLate ? READ_MS : 0);
    }, timeoutMs);
    signal?.addEventListener("abort", onAbort);
    const end = () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    // Async, so that what it throws at once ends the wait too.
    (async () => run(controller.signal))().then(resolve, reject).finally(end);
  });
}

/** Waits for a while. A finished program does not wait with it. */
export function sleep(milliseconds: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => setBackgroundTimer(clock, milliseconds, resolve));
}

/** Sets a timer that does not keep a finished program alive: callers that wait for its effect have a timer that does. */
export function setBackgroundTimer(clock: Clock, milliseconds: number, callback: () => void): unknown {
  const timer = clock.setTimeout(callback, milliseconds);
  (timer as { unref?: () => void } | undefined)?.unref?.();
  return timer;
}

// Waiting: for a promise as long as a caller's own signal lets it, for a result within a time limit, or for a while.

import type { Clock } from "./clock.ts";

/** What callers wait for. */
export interface Wait<T> {
  readonly promise: Promise<T>;
  /** One listener for each signal, however many callers share it. */
  readonly bySignal: Map<AbortSignal, Promise<T>>;
}

export function waitOn<T>(promise: Promise<T>): Wait<T> {
  return { promise, bySignal: new Map() };
}

/** Waits for a promise until the signal aborts; callers who share a signal share one listener. */
export function waitFor<T>({ promise, bySignal }: Wait<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  let wait = bySignal.get(signal);
  if (!wait) {
    wait = new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort);
      promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    });
    bySignal.set(signal, wait);
  }
  return wait;
}

export interface TimeLimit {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Ends the wait earlier, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** What it rejects with when the time is over (default: the `TimeoutError` itself). */
  readonly toError?: (timeout: DOMException) => Error;
}

/**
 * Runs something with a signal that aborts when the time is over, and rejects then, whether or not the signal is heeded.
 *
 * Not `AbortSignal.any` with `AbortSignal.timeout`: on Node 20 the garbage collector may take them before they fire.
 */
export function withTimeout<T>(run: (signal: AbortSignal) => Promise<T>, limit: TimeLimit): Promise<T> {
  const { timeoutMs, clock, signal, toError = (timeout) => timeout } = limit;
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const abort = (reason: unknown) => {
      end();
      controller.abort(reason);
      reject(reason);
    };
    const expire = () => abort(toError(new DOMException(`No result within ${timeoutMs} ms`, "TimeoutError")));
    const onAbort = () => abort(signal?.reason);
    // Twice: a busy process sees its timers before its sockets, on which the result may wait.
    let timer = clock.setTimeout(() => {
      timer = clock.setTimeout(expire, 0);
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

export function sleep(milliseconds: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, milliseconds));
}

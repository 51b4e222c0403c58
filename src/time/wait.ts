// How many callers wait for one promise, each as long as its own signal lets it; and how long anything may take.

import { TokenRequestError } from "../errors.ts";
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

/** Waits for a request until the signal aborts; callers who share a signal share one listener. */
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

/** Gives up what takes too long, whether or not it heeds its signal. */
export function withTimeout<T>(
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

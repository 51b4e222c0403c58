// How many callers wait for one promise, each as long as its own signal lets it.

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

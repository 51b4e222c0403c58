import type { Clock } from "oauth2-token-response";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. Wall clock and monotonic clock can be moved apart. */
export class FakeClock implements Clock {
  #wall: number;
  #monotonic = 0;
  readonly #timers = new Set<Timer>();

  constructor(wall: number = Date.UTC(2026, 0, 1)) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimeout(callback: () => void, milliseconds: number): Timer {
    const timer = { at: this.#monotonic + milliseconds, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** The number of timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Moves only the wall clock, as a user or a time server does. */
  shiftWall(milliseconds: number): void {
    this.#wall += milliseconds;
  }

  /** Lets time pass: fires the timers that become due, in order, and waits for what they cause. */
  async pass(milliseconds: number): Promise<void> {
    await settled();
    const end = this.#monotonic + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.#goTo(next.at);
      this.#timers.delete(next);
      next.callback();
      await settled();
    }
    this.#goTo(end);
    await settled();
  }

  /** Moves both clocks and fires no timers, as when the event loop is blocked. */
  advance(milliseconds: number): void {
    this.#goTo(this.#monotonic + milliseconds);
  }

  /** Moves the wall clock, but neither the monotonic clock nor the timers, as when a laptop sleeps. */
  sleep(milliseconds: number): void {
    this.#wall += milliseconds;
  }

  #goTo(monotonic: number): void {
    this.#wall += Math.max(monotonic - this.#monotonic, 0);
    this.#monotonic = Math.max(monotonic, this.#monotonic);
  }
}

/** Calls of Web Crypto under way. They run on other threads, so that `setImmediate` does not wait for them. */
let ciphers = 0;
for (const name of ["decrypt", "deriveBits", "deriveKey", "encrypt", "importKey"] as const) {
  const work: (...args: never[]) => Promise<unknown> = crypto.subtle[name].bind(crypto.subtle);
  const counted = (...args: never[]) => {
    ciphers++;
    return work(...args).finally(() => ciphers--);
  };
  Object.defineProperty(crypto.subtle, name, { value: counted });
}

/** Resolves when everything has happened that needs no time to pass. */
export async function settled(): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (ciphers > 0);
}

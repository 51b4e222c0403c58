import type { Clock } from "oauth2-token-response";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to go on; both of its faces can be set. */
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

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Sets the wall clock alone, as a user or a time server does. */
  setWall(milliseconds: number): void {
    this.#wall += milliseconds;
  }

  /** Lets time pass, and whatever it sets off happen in its order. */
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

  /** Moves both clocks on, for what sets no timers. */
  advance(milliseconds: number): void {
    this.#goTo(this.#monotonic + milliseconds);
  }

  /** A night with the lid closed: the wall clock goes on, the other one and the timers do not. */
  sleep(milliseconds: number): void {
    this.#wall += milliseconds;
  }

  #goTo(monotonic: number): void {
    this.#wall += Math.max(monotonic - this.#monotonic, 0);
    this.#monotonic = Math.max(monotonic, this.#monotonic);
  }
}

/** How much Web Crypto is at work, on threads of its own: whoever waits for it has not settled. */
let ciphers = 0;
for (const name of ["decrypt", "deriveBits", "deriveKey", "encrypt", "importKey"] as const) {
  const work: (...args: never[]) => Promise<unknown> = crypto.subtle[name].bind(crypto.subtle);
  const counted = (...args: never[]) => {
    ciphers++;
    return work(...args).finally(() => ciphers--);
  };
  Object.defineProperty(crypto.subtle, name, { value: counted });
}

/** Everything that can happen without time has happened. */
export async function settled(): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (ciphers > 0);
}

// Clocks and timers. Elapsed time is measured on two clocks, because either may be wrong: the wall clock can be set
// back, and the monotonic clock can stop while the machine sleeps.

/** Reads the time and sets timers. Tests pass their own. */
export interface Clock {
  /** Returns the wall clock's time, in epoch milliseconds. It may be set back. */
  now(): number;
  /** Returns milliseconds since a fixed moment. This clock is never set, but may stop while the machine sleeps. */
  monotonic(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The clocks and timers of the platform. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // The platform fires a timer at once if its delay does not fit into 32 bits.
  setTimeout: (callback, milliseconds) => setTimeout(callback, Math.min(milliseconds, 2 ** 31 - 1)),
  clearTimeout: (timer) => clearTimeout(timer as number),
};

/** A moment on both clocks. */
export interface Mark {
  readonly wall: number;
  readonly monotonic: number;
}

export function markOf(clock: Clock): Mark {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}

/**
 * Returns the milliseconds since a mark.
 *
 * Of the two clocks the larger result is used, so neither sleep nor a clock that is set back makes a lifetime longer.
 */
export function elapsedSince(mark: Mark, clock: Clock): number {
  return Math.max(clock.now() - mark.wall, clock.monotonic() - mark.monotonic);
}

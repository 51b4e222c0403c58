// Time, as a token source sees it: two clocks, neither of which can be trusted alone, and timers.

/** Reads the time. Tests bring their own. */
export interface Clock {
  /** The wall clock, in epoch milliseconds: it may be set back. */
  now(): number;
  /** A clock that is never set, in milliseconds from any moment: it may stop while the machine sleeps. */
  monotonic(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The clocks and timers of the platform. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // A longer timer fires at once.
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

/** Milliseconds since a mark: the larger of what the clocks say, so that neither sleep nor a clock set back makes a lifetime longer. */
export function elapsedSince(mark: Mark, clock: Clock): number {
  return Math.max(clock.now() - mark.wall, clock.monotonic() - mark.monotonic);
}

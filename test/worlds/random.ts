// Reproducible random numbers. They depend on the seed and the call only, not on what happened before, so that two clients meet the
// same events in the same world.

/** A random number from 0 to 1, the same for the same arguments. */
export function chanceOf(...numbers: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const number of numbers) {
    state = Math.imul(state ^ number, 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 15), 0xc2b2ae35);
    state ^= state >>> 13;
  }
  return (state >>> 0) / 2 ** 32;
}

/** Runs a function while `Math.random` returns a reproducible sequence. */
export async function withSeed<T>(seed: number, run: () => Promise<T>): Promise<T> {
  const original = Math.random;
  let count = 0;
  Math.random = () => chanceOf(seed, count++);
  try {
    return await run();
  } finally {
    Math.random = original;
  }
}

// Chance that can be repeated. What happens to a call depends on the seed and the call, never on what happened before: so two
// clients in two copies of one world meet the same events.

/** A number from 0 to 1, always the same for the same numbers. */
export function chanceOf(...numbers: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const number of numbers) {
    state = Math.imul(state ^ number, 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 15), 0xc2b2ae35);
    state ^= state >>> 13;
  }
  return (state >>> 0) / 2 ** 32;
}

/** Runs something while `Math.random` gives a sequence that can be repeated. */
export async function withSeed<T>(seed: number, run: () => Promise<T>): Promise<T> {
  const { random } = Math;
  let count = 0;
  Math.random = () => chanceOf(seed, count++);
  try {
    return await run();
  } finally {
    Math.random = random;
  }
}

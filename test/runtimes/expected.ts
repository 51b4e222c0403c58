/** What `replay.ts` prints: each kind of body arrives complete, twice. */
export const EXPECTED: Record<string, string> = Object.fromEntries(
  Object.entries({ none: 0, string: 7, bytes: 100_000, blob: 100_000, parameters: 3, form: true }).flatMap(
    ([kind, length]) =>
      ["url", "request", "replayable", "middleware"].map((face) => [`${face} ${kind}`, `200 ${length},${length}`]),
  ),
);

// The pictures of the docs are drawn by running the code. This test fails when they are stale.

import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { drawLife } from "../../bench/draw/life.ts";

const { random } = Math;
afterEach(() => {
  Math.random = random;
});

test("docs/life.svg shows what a source does: `npm run draw` would draw the same", async () => {
  Math.random = () => 0.5;
  // `toBe` on the texts would print both.
  expect((await drawLife()) === readFileSync("docs/life.svg", "utf8")).toBe(true);
});

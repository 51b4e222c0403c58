// The first run is short.

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test("npm start takes less than 10 s", () => {
  const begun = performance.now();
  expect(spawnSync("npm", ["start", "--silent"]).status).toBe(0);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

// Before each test: jitter and backoff take the same chances in every run, so that a bound on the number of requests holds or does not.

import { beforeEach } from "vitest";
import { randomFrom } from "./random.ts";

beforeEach(() => {
  Math.random = randomFrom(2026);
});

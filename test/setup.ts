// Before each test: jitter and backoff take the same chances in every run, so that a bound on the number of requests holds or does not.
// And the endpoints are those of the fixture: the tests of `provider/` are about the described ones, and say so.

import { beforeEach, vi } from "vitest";
import { randomFrom } from "./random.ts";

vi.mock("../src/generated/endpoints.ts", () => import("./fixture/endpoints.ts"));

beforeEach(() => {
  Math.random = randomFrom(2026);
});

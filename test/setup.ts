// Seeds `Math.random` before each test: jitter and backoff are the same in every run, so that a limit on requests holds always or never.
// And the endpoints are those of the fixture: the tests of `provider/` are about the described ones, and say so.

import { beforeEach, vi } from "vitest";
import { randomFrom } from "./random.ts";

vi.mock("../src/generated/endpoints.ts", () => import("./fixture/endpoints.ts"));

beforeEach(() => {
  Math.random = randomFrom(2026);
});

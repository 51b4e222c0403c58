// The simulated worlds with so many calls that they take seconds.

import { KNOWN_WORLDS } from "./worlds/known.ts";
import { QUICK_CALLS, testLimits } from "./worlds/limits.ts";

testLimits(KNOWN_WORLDS.filter(({ options }) => options.calls.length > QUICK_CALLS));

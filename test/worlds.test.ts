// Simulated worlds with known limits. `npm run worlds` prints the same table for this package, for a naive client and for other packages.

import { KNOWN_WORLDS } from "./worlds/known.ts";
import { QUICK_CALLS, testLimits } from "./worlds/limits.ts";

testLimits(KNOWN_WORLDS.filter(({ options }) => options.calls.length <= QUICK_CALLS));

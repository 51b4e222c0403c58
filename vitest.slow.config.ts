import { configDefaults, defineConfig, type ViteUserConfig } from "vitest/config";
import config from "./vitest.config.ts";

// What takes long, needs packages of its own, or is measured by the clock: one file at a time, so that none slows another down.
const slow: ViteUserConfig = defineConfig({
  ...config,
  test: {
    ...config.test,
    include: [
      "test/**/*.slow.test.ts",
      ...["schemas", "fuzz", "model", "do-no-harm", "store-attack", "update-spec/spelling"].map(
        (name) => `test/${name}.test.ts`,
      ),
    ],
    // Of what is tried at random, more than `npm test` has the time for.
    env: { CHECK_RUNS: "20000", FUZZ_RUNS: "20000", MODEL_RUNS: "5000", SPELLING_RUNS: "2000", STORE_RUNS: "500" },
    exclude: configDefaults.exclude,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});

export default slow;

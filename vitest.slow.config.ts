import { configDefaults, defineConfig, type ViteUserConfig } from "vitest/config";
import config from "./vitest.config.ts";

// What takes long, needs packages of its own, or is measured by the clock: one file at a time, so that none slows another down.
const slow: ViteUserConfig = defineConfig({
  ...config,
  test: {
    ...config.test,
    include: ["test/**/*.slow.test.ts"],
    exclude: configDefaults.exclude,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});

export default slow;

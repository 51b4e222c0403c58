import { defineConfig, type ViteUserConfig } from "vitest/config";
import config from "../../vitest.config.ts";

// Three scenes at a time: with tokens of a few seconds, a busy machine would be too late.
const interop: ViteUserConfig = defineConfig({
  ...config,
  test: {
    ...config.test,
    include: ["test/interop/scenes.ts"],
    globalSetup: "test/interop/installed.ts",
    maxConcurrency: 3,
  },
});

export default interop;

import { defineConfig, type ViteUserConfig } from "vitest/config";
import config from "../../vitest.config.ts";

const clients: ViteUserConfig = defineConfig({
  ...config,
  test: {
    include: ["test/clients/*.test.ts"],
    globalSetup: "test/clients/generate.ts",
    setupFiles: "test/clients/fixtures/server.ts",
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default clients;

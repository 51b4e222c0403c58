import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  resolve: {
    // Tests and examples name the package as its users do; here that means the sources.
    alias: Object.entries({
      "": "index",
      "/expiry": "expiry",
      "/openapi-fetch": "bearer-fetch/openapi-fetch",
      "/redis": "store/redis",
      "/schemas": "generated/schemas",
      "/testing": "store/testing",
    }).map(([entryPoint, file]) => ({
      find: new RegExp(`^oauth2-token-response${entryPoint}$`),
      replacement: fileURLToPath(new URL(`src/${file}.ts`, import.meta.url)),
    })),
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "**/*.slow.test.ts", "test/clients"],
    globalSetup: "test/redis/installed.ts",
    setupFiles: "test/setup.ts",
    maxWorkers: 2,
    // No promise, but an end to what hangs: a busy machine is slow.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default config;

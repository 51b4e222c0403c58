import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

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
    testTimeout: 30_000,
  },
});

export default config;

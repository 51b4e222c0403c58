import { mergeConfig, type ViteUserConfig } from "vitest/config";
import config from "../../vitest.config.ts";

// Selects the tests that can fail because of a mutant. Other tests would only take time.
const wrapper: ViteUserConfig = mergeConfig(config, {});
wrapper.test = {
  ...wrapper.test,
  // Ends a test that hangs because of a mutant. The slowest tests compile generated code.
  testTimeout: 20_000,
  include: [
    ...[
      "expiry",
      "access-token",
      "token-request",
      "token-endpoint",
      "secrets",
      "wait",
      "evidence",
      "refresh-policy",
      "token-source",
      "bearer-fetch",
      "unauthorized",
      "global-fetch",
      "like-fetch",
      "scenes",
      "token-store",
      "shared-token",
    ],
    ...["generate", "generate-endpoints", "descriptions", "schemas", "provider/ours/description"],
    ...["extract", "classify", "differences", "detect", "overlay", "report", "spelling"].map(
      (name) => `update-spec/${name}`,
    ),
  ].map((name) => `test/${name}.test.ts`),
};

export default wrapper;

import { mergeConfig, type ViteUserConfig } from "vitest/config";
import config from "../../vitest.config.ts";

// The tests of the library, and of the scripts that decide. Others would be run for every mutant without effect.
const wrapper: ViteUserConfig = mergeConfig(config, {});
wrapper.test = {
  ...wrapper.test,
  // The limit for a mutant that makes a test hang. The slowest tests compile generated code.
  testTimeout: 20_000,
  include: [
    ...[
      "expiry",
      "access-token",
      "token-request",
      "secrets",
      "wait",
      "evidence",
      "refresh-policy",
      "token-source",
      "bearer-fetch",
      "unauthorized",
      "global-fetch",
      "token-store",
      "shared-token",
    ],
    ...["generate", "generate-endpoints", "descriptions", "schemas", "description"],
    ...["extract", "classify", "differences", "detect", "overlay", "report", "spelling"].map(
      (name) => `update-spec/${name}`,
    ),
  ].map((name) => `test/${name}.test.ts`),
};

export default wrapper;

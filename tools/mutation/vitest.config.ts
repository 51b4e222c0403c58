import { mergeConfig, type ViteUserConfig } from "vitest/config";
import config from "../../vitest.config.ts";

// The tests that run the wrapper itself, and what decides in the scripts; the others would be run for every mutant to no avail.
const wrapper: ViteUserConfig = mergeConfig(config, {});
wrapper.test = {
  ...wrapper.test,
  // A mutant that makes a test wait for ever is to cost no more than this. The slowest tests compile what is generated.
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
    ...["extract", "classify", "detect", "overlay", "report", "spelling"].map((name) => `update-spec/${name}`),
  ].map((name) => `test/${name}.test.ts`),
};

export default wrapper;

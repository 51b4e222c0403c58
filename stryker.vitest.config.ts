import { mergeConfig, type ViteUserConfig } from "vitest/config";
import config from "./vitest.config.ts";

// The tests that run the wrapper itself; the others would be run for every mutant to no avail.
const wrapper: ViteUserConfig = mergeConfig(config, {});
wrapper.test = {
  ...wrapper.test,
  include: ["expiry", "token", "client", "secrets", "source", "bearer"].map((name) => `test/${name}.test.ts`),
};

export default wrapper;

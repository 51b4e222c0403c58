import { defineConfig } from "orval";

export default defineConfig({
  api: {
    input: "../fixture/openapi.yaml",
    output: {
      target: "generated/orval.ts",
      client: "fetch",
      override: { mutator: { path: "orval-fetch.ts", name: "orvalFetch" } },
    },
  },
});

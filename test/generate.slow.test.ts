import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

test("`npm run generate` emits the same bytes in another time zone and locale", () => {
  const env = { ...process.env, TZ: "Pacific/Chatham", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" };
  const script = resolve("scripts/generate.ts");
  const out = execFileSync(process.execPath, ["--import", "tsx/esm", script, "--check"], { env, encoding: "utf8" });
  expect(out).toBe("generate: up to date.\n");
});

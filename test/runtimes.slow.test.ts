// A replay works on every Node that is supported. undici 7.18 to 7.24 throws "expected non-null body source" at a 401 to a
// request whose body was turned into a stream (nodejs/undici#4910); Node 24.14 and later have such versions.

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { EXPECTED } from "./runtimes/expected.ts";

test.each(["22.23.3", "24.21.0", "25.9.0"])(
  "bodies of every kind arrive complete in a replay, on Node %s",
  (version) => {
    // These run TypeScript by themselves. npx says nothing of its own, lest it stand in the program's output.
    const node = ["--yes", "--silent", `node@${version}`, "--no-warnings"];
    const program = `console.log(process.version); await import("./test/runtimes/replay.ts")`;
    const { stdout, stderr } = spawnSync("npx", [...node, "--input-type=module", "--eval", program], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const [found, outcomes = ""] = stdout.split("\n");
    expect(found).toBe(`v${version}`);
    expect(JSON.parse(outcomes)).toEqual(EXPECTED);
  },
);

// What a description does to a program of ours ends, and is said in a line.

import { expect, test } from "vitest";
import { outputOf } from "../../scripts/update-spec/limits.ts";

test("gives what is printed", async () => {
  expect(await outputOf(["--print", "process.cwd()"], { cwd: "/" })).toBe("/\n");
});

test.each([
  [
    "takes more memory than there is for it",
    "for (const all = [];; ) all.push(Array(1e6).fill(all))",
    /^the description takes more than 700 MB to go through$/,
  ],
  ["says why it fails", "process.stderr.write('because'); process.exitCode = 1", /^because$/],
  ["fails and does not say why", "process.exitCode = 1", /^Command failed: /],
  ["prints without an end", "for (;;) fs.writeSync(1, 'x'.repeat(2 ** 20))", /maxBuffer/],
])(
  "ends what %s",
  async (_, program, message) => {
    await expect(outputOf(["--eval", program], {})).rejects.toThrow(message);
  },
  20_000,
);

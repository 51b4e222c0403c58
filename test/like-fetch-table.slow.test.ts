// The table that compares `bearerFetch` with `fetch` detects wrappers with a fault.

import { afterAll, beforeAll, expect, test } from "vitest";
import { ONCE_MORE } from "./like-fetch/modes.ts";
import { runTable } from "./like-fetch/run-table.ts";
import { ROWS } from "./like-fetch/scenarios.ts";
import { type LikeFetchServer, startServer } from "./like-fetch/server.ts";
import { modeOf, WRONG } from "./like-fetch/wrong-wrappers.ts";

let server: LikeFetchServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

// Not `$fault`, which would be cut off after 40 characters.
test.each(WRONG.map((wrong) => [wrong.fault, wrong.row, wrong] as const))(
  'a wrapper that %s fails the row "%s"',
  async (_, title, wrong) => {
    const rows = ROWS.filter((row) => row.title === title);
    expect(rows).toHaveLength(1);
    const report = await runTable(rows, [modeOf(wrong)], server);
    expect(report.findings).toHaveLength(1);
  },
);

test("plain fetch does not differ from itself in any row", async () => {
  const { findings } = await runTable(ROWS, [ONCE_MORE], server);
  expect(findings).toEqual([]);
});

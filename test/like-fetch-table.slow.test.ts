// The table that compares `bearerFetch` with `fetch` sees what it is there to see: wrappers with a fault are caught.

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

test.each(WRONG)('a wrapper that $fault is caught by "$row"', async (wrong) => {
  const rows = ROWS.filter(({ title }) => title === wrong.row);
  expect(rows).toHaveLength(1);
  const report = await runTable(rows, [modeOf(wrong)], server);
  expect(report.findings).toHaveLength(1);
});

test("plain fetch differs from plain fetch in nothing", async () => {
  const { findings } = await runTable(ROWS, [ONCE_MORE], server);
  expect(findings).toEqual([]);
});

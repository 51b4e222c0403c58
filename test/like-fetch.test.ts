// `bearerFetch` does what `fetch` does, except for the header: at each stage of its token, and after a 401.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shown } from "./like-fetch/differences.ts";
import { MODES, type Mode } from "./like-fetch/modes.ts";
import { type Report, runTable } from "./like-fetch/run-table.ts";
import { ROWS } from "./like-fetch/scenarios.ts";
import { type LikeFetchServer, startServer } from "./like-fetch/server.ts";

let server: LikeFetchServer;
let report: Report;
const modes: Mode[] = Object.values(MODES);

beforeAll(async () => {
  server = await startServer();
  report = await runTable(ROWS, modes, server);
});
afterAll(() => server.close());

test("each row has a title of its own, and plain fetch can run it", () => {
  const titles = ROWS.map(({ title }) => title);
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  expect(report.impossible).toEqual([]);
});

describe.each(modes.map(({ name }) => [name]))("bearerFetch %s", (name) => {
  test.each(ROWS.map(({ title }) => [title]))("%s", (title) => {
    const found = report.findings.find(({ row, mode }) => row === title && mode === name);
    expect(found?.differences.map(shown).join("\n") ?? "", `${title}, ${name}`).toBe("");
  });
});

// The middleware does what `fetch` does with the Request that openapi-fetch creates, except for the header.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shown } from "./like-fetch/differences.ts";
import { MIDDLEWARE_MODES } from "./like-fetch/middleware-modes.ts";
import { type Report, runTable } from "./like-fetch/run-table.ts";
import { ROWS } from "./like-fetch/scenarios.ts";
import { type LikeFetchServer, startServer } from "./like-fetch/server.ts";

let server: LikeFetchServer;
let report: Report;

beforeAll(async () => {
  server = await startServer();
  report = await runTable(ROWS, MIDDLEWARE_MODES, server);
});
afterAll(() => server.close());

describe.each(MIDDLEWARE_MODES.map(({ name }) => [name]))("the middleware %s", (name) => {
  test.each(ROWS.map(({ title }) => [title]))("%s", (title) => {
    const found = report.findings.find(({ row, mode }) => row === title && mode === name);
    expect(found?.differences.map(shown).join("\n") ?? "", `${title}, ${name}`).toBe("");
  });
});

// Runs the table in the bundle of a runtime: a program, a page, a worker or a service worker. Posts a report.

import { MODES, ONCE_MORE } from "./modes.ts";
import { type Origins, runTable } from "./run-table.ts";
import { ROWS } from "./scenarios.ts";

/** Runs the table and returns a report, or the error that prevented it. */
export async function run(origins: Origins, version: string): Promise<string> {
  const begun = performance.now();
  try {
    const report = await runTable(ROWS, [ONCE_MORE, MODES.hot, MODES.rejected], origins);
    return JSON.stringify({ version, ...report, seconds: Math.round((performance.now() - begun) / 100) / 10 });
  } catch (error) {
    return JSON.stringify({ version, error: String(error instanceof Error ? error.stack : error) });
  }
}

/** The original, as rows replace the global one. */
const platformFetch = globalThis.fetch;

export async function report(origins: Origins, name: string, version: string): Promise<void> {
  const body = await run(origins, version);
  await platformFetch(`${origins.origin}/report/${name}`, { method: "POST", body });
}

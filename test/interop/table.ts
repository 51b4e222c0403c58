// Prints the results of the scenes as a table.

import type { Tally } from "./callers.ts";
import type { TokenProxy } from "./token-proxy.ts";

export class Row {
  readonly #cells: Record<string, string | number>;
  readonly #begun = performance.now();

  constructor(server: string) {
    this.#cells = { server, basic: "–", post: "–", extra: "–", calls: 0, failed: 0 };
    Object.assign(this.#cells, { "no token in the long outage": 0, "lost bodies": 0 });
    Object.assign(this.#cells, { "token requests": 0, "most in flight": 0 });
  }

  set(column: string, value: string): void {
    this.#cells[column] = value;
  }

  /** @param excused calls that failed while no token was available */
  add({ calls, lost, failed }: Tally, excused = 0): void {
    this.#add("calls", calls);
    this.#add("failed", failed.length - excused);
    this.#add("no token in the long outage", excused);
    this.#add("lost bodies", lost);
  }

  end({ requests, mostInFlight }: TokenProxy): void {
    this.#add("token requests", requests);
    this.#add("most in flight", mostInFlight);
    this.set("seconds", ((performance.now() - this.#begun) / 1000).toFixed(0));
  }

  get cells(): Readonly<Record<string, string | number>> {
    return this.#cells;
  }

  #add(column: string, count: number): void {
    this.#cells[column] = Number(this.#cells[column]) + count;
  }
}

export function table(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))];
  const line = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`;
  const lines = rows.map(({ cells }) => line(columns.map((column) => cells[column])));
  return [line(columns), line(columns.map(() => "---")), ...lines].join("\n");
}

// Runs rows with plain `fetch` and with other functions, on any runtime, and reports where they differ.

import { type Difference, differencesOf } from "./differences.ts";
import type { Mode } from "./modes.ts";
import { type Env, type Fetch, type Row, sleep } from "./row.ts";
import type { Arrival } from "./server.ts";

/** The origins of the server. The first two receive the token. */
export interface Origins {
  readonly origin: string;
  readonly second: string;
  readonly other: string;
  /** Given if the server runs in this process. */
  readonly arrivalsOf?: (id: string) => Promise<readonly Arrival[]>;
}

export interface Finding {
  readonly row: string;
  readonly mode: string;
  readonly differences: readonly Difference[];
}

export interface Report {
  readonly rows: number;
  readonly runs: number;
  readonly findings: readonly Finding[];
  /** Rows that plain `fetch` could not run here, such as those of `blob:` URLs in a service worker. */
  readonly impossible: readonly string[];
}

/** The outcome of one run of a row. */
interface Outcome {
  readonly value: unknown;
  readonly arrivals: readonly Arrival[];
}

/** The outcome with plain `fetch`. */
interface Reference {
  readonly good: Outcome;
  /** The outcome if every request is answered 401, for rows that may end so. */
  readonly denied?: Outcome;
}

/** A row that takes longer counts as hanging. */
const ROW_MS = 10_000;
const AT_ONCE = 4;

const platformFetch = globalThis.fetch;
/** The current global `fetch`. */
const globalFetch = ((...args) => (globalThis.fetch as Fetch)(...args)) as Fetch;

/** Pages and workers share a server, so each prefixes its runs with an id of its own. */
const realm = String(Math.random()).slice(2, 10).padEnd(8, "0");
let count = 0;

/** Runs each row once with plain `fetch` and once in each mode. */
export async function runTable(rows: readonly Row[], modes: readonly Mode[], origins: Origins): Promise<Report> {
  const findings: Finding[] = [];
  const impossible: string[] = [];
  const work = async (row: Row) => {
    const references = new Map<Fetch, Reference>();
    for (const mode of modes.filter(({ mayDiffer = [] }) => !mayDiffer.includes(row.title))) {
      const { plain = globalFetch } = mode;
      const reference = references.get(plain) ?? (await referenceOf(row, plain, origins));
      references.set(plain, reference);
      const fetch = await mode.make([origins.origin, origins.second], row);
      const outcome = await runRow(row, fetch, origins, "good");
      const differences = compare(row, mode, reference, outcome);
      if (differences.length > 0) findings.push({ row: row.title, mode: mode.name, differences });
    }
    for (const { good } of references.values()) {
      if (isFailure(good.value)) impossible.push(`${row.title}: ${JSON.stringify(good.value)}`);
    }
  };
  await inParallel(
    rows.filter(({ isAlone }) => !isAlone),
    AT_ONCE,
    work,
  );
  await inParallel(
    rows.filter(({ isAlone }) => isAlone),
    1,
    work,
  );
  return { rows: rows.length, runs: rows.length * (modes.length + 1), findings, impossible };
}

async function referenceOf(row: Row, plain: Fetch, origins: Origins): Promise<Reference> {
  const good = await runRow(row, plain, origins, "good");
  return row.mayBeRejected || row.isLong ? { good, denied: await runRow(row, plain, origins, "deny") } : { good };
}

async function runRow(row: Row, fetch: Fetch, origins: Origins, kind: "good" | "deny"): Promise<Outcome> {
  const id = `${kind}-${realm}-${String(++count).padStart(5, "0")}`;
  const base = (path: string) => `${origins.origin}/${path}/${id}`;
  const env: Env = {
    origin: origins.origin,
    url: (path, at = "origin") => `${origins[at]}/run/${id}/${path}`,
    arrived: async () => void (await (await platformFetch(base("arrived"))).text()),
    replaceFetch(mock) {
      const before = globalThis.fetch;
      globalThis.fetch = mock as typeof globalThis.fetch;
      return () => {
        globalThis.fetch = before;
      };
    },
  };
  const late = sleep(ROW_MS).then(() => ({ rowFailed: `hangs for ${ROW_MS} ms` }));
  const running = Promise.resolve().then(() => row.run(fetch, env));
  const value = await Promise.race([late, running.catch((error) => ({ rowFailed: String(error) }))]);
  const fetched = async () => (await platformFetch(base("arrivals"))).json();
  const arrivals = row.isUnseen ? [] : await (origins.arrivalsOf?.(id) ?? fetched());
  const withoutId = (found: unknown) => JSON.parse((JSON.stringify(found) ?? "null").replaceAll(id, "…"));
  return { value: withoutId(value), arrivals: withoutId(arrivals) };
}

/** Not compared if a body may have a known length in only one of two requests. */
const FRAMING = new Set(["content-length", "transfer-encoding"]);

const isFailure = (value: unknown) => typeof value === "object" && value !== null && "rowFailed" in value;

/** The differences to the closer one of the two references. */
function compare(row: Row, mode: Mode, { good, denied }: Reference, found: Outcome): Difference[] {
  const differences = differencesTo(row, mode, good, found, false);
  const mayBeDenied = mode.isRejected && (row.mayBeRejected || (row.isLong && mode.isCopying));
  if (differences.length === 0 || !denied || !mayBeDenied) return differences;
  const others = differencesTo(row, mode, denied, found, true);
  return others.length < differences.length ? others : differences;
}

function differencesTo(row: Row, mode: Mode, expected: Outcome, found: Outcome, isDenied: boolean): Difference[] {
  const isStale = ({ token }: Arrival) => token === "stale";
  // A rejected request is one more than plain `fetch` sends, and must be the same request.
  const counted = isDenied ? found.arrivals : found.arrivals.filter((arrival) => !isStale(arrival));
  // Deno sends the body of a Request that was cloned in chunks, although its length is known.
  const isFramed = !(row.mayBeRejected && mode.isRejected) && !("Deno" in globalThis);
  const comparable = (arrival: Arrival) => comparison(arrival, isFramed);
  const known = new Set(expected.arrivals.map(comparable));
  const rejected = found.arrivals.filter((arrival) => isStale(arrival) && !known.has(comparable(arrival)));
  /** Concurrent calls arrive in any order. */
  const sorted = (arrivals: readonly Arrival[]): unknown[] => {
    return arrivals
      .map(comparable)
      .sort()
      .map((text) => JSON.parse(text));
  };
  return [
    ...differencesOf("outcome", expected.value, found.value),
    ...differencesOf("server saw", sorted(expected.arrivals), sorted(counted)),
    ...rejected.map((arrival) => ({ at: "the rejected request", expected: "one of plain fetch", found: arrival })),
    ...(mode.isPlain ? [] : tokensIn(found.arrivals, row.mayLackToken === true, mode)),
  ];
}

/** Requests that lack the token or should not have it. */
function tokensIn(arrivals: readonly Arrival[], mayLack: boolean, { isRejected = false }: Mode): Difference[] {
  return arrivals.flatMap(({ at, url, token }) => {
    const isOurs = at !== "other";
    const isRight = isOurs
      ? token === "own" || token === "good" || (token === "none" && mayLack) || (token === "stale" && isRejected)
      : token === "none" || token === "own";
    return isRight ? [] : [{ at: `token to ${at} ${url}`, expected: isOurs ? "good" : "none", found: token }];
  });
}

function comparison({ token: _, ...arrival }: Arrival, isFramed: boolean): string {
  const headers = isFramed ? arrival.headers : arrival.headers.filter(([name]) => !FRAMING.has(name));
  return JSON.stringify({ ...arrival, headers });
}

async function inParallel<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}

// The functions that are compared with plain `fetch`: `bearerFetch` at each stage of its token.

import { bearerFetch, type Clock, createTokenSource, type TokenSource } from "../../src/index.ts";
import { type Fetch, type Row, sleep } from "./row.ts";

export interface Mode {
  readonly name: string;
  /** Makes the function for one run of one row. */
  readonly make: (origins: readonly string[], row: Row) => Promise<Fetch>;
  /** The first token is rejected by the server. */
  readonly isRejected?: boolean;
  /** Bodies are copied so that they can be sent again, up to a limit. */
  readonly isCopying?: boolean;
  /** Rows, by title, that may have another outcome. */
  readonly mayDiffer?: readonly string[];
  /** The reference (default: the global `fetch`). */
  readonly plain?: Fetch;
  /** It sends no token. */
  readonly isPlain?: boolean;
}

/** Long enough to show whether arguments are read before the token arrives. */
const TOKEN_REQUEST_MS = 5;
const SLOW_TOKEN_REQUEST_MS = 3000;
const LIFETIME_S = 3600;

/** A clock that can be moved forward. */
interface MovableClock extends Clock {
  forward(milliseconds: number): void;
}

function movableClock(): MovableClock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    monotonic: () => performance.now() + offset,
    setTimeout: (callback: () => void, milliseconds: number): unknown => setTimeout(callback, milliseconds),
    clearTimeout: (timer: unknown) => clearTimeout(timer as number),
    forward(milliseconds: number) {
      offset += milliseconds;
    },
  };
}

/** A source of the named tokens, and the function that sends them. */
export function start(
  origins: readonly string[],
  { isTokenSlow }: Row,
  names: string[],
): { clock: MovableClock; tokens: TokenSource; fetch: Fetch } {
  const clock = movableClock();
  let isFirst = true;
  const tokens = createTokenSource({
    clock,
    async request() {
      const isPrepared = isFirst && names.length > 1;
      isFirst = false;
      await sleep(isTokenSlow && !isPrepared ? SLOW_TOKEN_REQUEST_MS : TOKEN_REQUEST_MS);
      return { access_token: names.shift() ?? "good-last", expires_in: LIFETIME_S };
    },
  });
  return { clock, tokens, fetch: bearerFetch(tokens, { origins }) as Fetch };
}

export const MODES: Readonly<Record<"cold" | "hot" | "ageing" | "rejected", Mode>> = {
  cold: {
    name: "without a token yet",
    make: async (origins, row) => start(origins, row, ["good-1"]).fetch,
  },
  hot: {
    name: "with a token",
    async make(origins, row) {
      const { tokens, fetch } = start(origins, { ...row, isTokenSlow: false }, ["good-1"]);
      await tokens.get();
      return fetch;
    },
  },
  ageing: {
    name: "inside the refresh window",
    async make(origins, row) {
      const { clock, tokens, fetch } = start(origins, row, ["good-1", "good-2"]);
      await tokens.get();
      clock.forward(LIFETIME_S * 900);
      return fetch;
    },
  },
  rejected: {
    name: "after a 401 to its token",
    isRejected: true,
    async make(origins, row) {
      const { tokens, fetch } = start(origins, row, ["stale-1", "good-1"]);
      await tokens.get();
      return fetch;
    },
  },
};

/** Shows rows in which plain `fetch` differs from itself: they prove nothing. */
export const ONCE_MORE: Mode = {
  name: "plain fetch once more",
  isPlain: true,
  make:
    async () =>
    (...args) =>
      (globalThis.fetch as Fetch)(...args),
};

// The methods of a token source that handling a 401 needs. Our own sources have them. For a source that a user
// implements, they are built on its `get` and `invalidate`. The handling itself is in `handle-unauthorized.ts`.

import type { AccessToken } from "../access-token.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { Evidence } from "../token-source/evidence.ts";
import { TIMEOUT_MS } from "../token-source/refresh-policy.ts";
import { type Replacement, Source } from "../token-source/token-source.ts";
import type { GetOptions, TokenSource } from "../token-source/token-source-options.ts";

/** A token source: one of ours, or any object with `get` and `invalidate`. */
export type AnyTokenSource = Pick<TokenSource, "get" | "invalidate"> & Partial<TokenSource>;

/** The methods that replace a rejected token. */
export type Recovery = Pick<Source, "evidence" | "get" | "predecessor" | "reject" | "replace">;

/** Returns the token of a source. The signal ends the wait, even if a user's source ignores it. */
export function getToken(source: AnyTokenSource, signal: AbortSignal | undefined): Promise<AccessToken> {
  const get = async () => source.get({ signal });
  return !signal || Source.is(source) ? get() : withTimeout(get, { timeoutMs: Infinity, clock: systemClock, signal });
}

const userRecoveries = new WeakMap<AnyTokenSource, Recovery>();

/** Returns the same object each time, so that `bearerFetch` and the middleware share the evidence about one source. */
export function recoveryOf(source: AnyTokenSource): Recovery {
  if (Source.is(source)) return source;
  const recovery = userRecoveries.get(source) ?? createRecovery(source);
  userRecoveries.set(source, recovery);
  return recovery;
}

function createRecovery(source: AnyTokenSource): Recovery {
  const evidence = new Evidence(systemClock);
  let refresh: Promise<Replacement | undefined> | undefined;

  // A user's source may ignore the signal, and never settle.
  const limited = <T>(run: () => Promise<T>, signal: AbortSignal | undefined) =>
    withTimeout(run, { timeoutMs: TIMEOUT_MS, clock: systemClock, signal });
  const get = ({ signal }: GetOptions) => limited(async () => source.get({ signal }), signal);
  const force = async (rejected: AccessToken): Promise<Replacement | undefined> => {
    const forced = evidence.spend();
    if (!forced) return undefined;
    // A user's `invalidate` may be an async function.
    await source.invalidate(rejected);
    return { token: await get({}), forced };
  };
  return {
    evidence,
    predecessor: () => undefined,
    // Unknown here. `replace` finds out.
    reject: () => true,
    get,
    async replace(rejected: AccessToken, options: GetOptions) {
      const token = await get(options);
      if (token.value !== rejected.value) return { token };
      refresh ??= force(rejected)
        .catch(() => undefined)
        .finally(() => {
          refresh = undefined;
        });
      const shared = refresh;
      return limited(() => shared, options.signal);
    },
  };
}

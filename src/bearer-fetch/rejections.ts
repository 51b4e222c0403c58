// What handling a 401 needs of a token source. Ours offers it; for a source that a user implements, it is made of its `get` and
// `invalidate`.

import type { AccessToken } from "../access-token.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { Evidence } from "../token-source/evidence.ts";
import { TIMEOUT_MS } from "../token-source/refresh-policy.ts";
import { type Replacement, Source } from "../token-source/token-source.ts";
import type { GetOptions, TokenSource } from "../token-source/token-source-options.ts";

/** A token source, which may be a user's own. */
export type AnyTokenSource = Pick<TokenSource, "get" | "invalidate"> & Partial<TokenSource>;

/** What a source knows of its tokens, and does about a rejected one. */
export type Rejections = Pick<Source, "evidence" | "get" | "predecessor" | "reject" | "replace">;

/** The token of a source; a user's own may ignore the signal. */
export function tokenOf(source: AnyTokenSource, signal: AbortSignal | undefined): Promise<AccessToken> {
  const get = async () => source.get({ signal });
  return !signal || Source.is(source) ? get() : withTimeout(get, { timeoutMs: Infinity, clock: systemClock, signal });
}

const foreign = new WeakMap<AnyTokenSource, Rejections>();

/** The rejections of a source: one object for each source, so that all that use the source share its evidence. */
export function rejectionsOf(source: AnyTokenSource): Rejections {
  if (Source.is(source)) return source;
  const known = foreign.get(source) ?? foreignRejections(source);
  foreign.set(source, known);
  return known;
}

function foreignRejections(source: AnyTokenSource): Rejections {
  const evidence = new Evidence(systemClock);
  let forced: Promise<Replacement | undefined> | undefined;

  // What a user wrote may ignore the signal, and never end.
  const limited = <T>(run: () => Promise<T>, signal: AbortSignal | undefined) =>
    withTimeout(run, { timeoutMs: TIMEOUT_MS, clock: systemClock, signal });
  const get = ({ signal }: GetOptions) => limited(async () => source.get({ signal }), signal);
  const force = async (rejected: AccessToken): Promise<Replacement | undefined> => {
    const experiment = evidence.spend();
    if (!experiment) return undefined;
    // It may be an async function.
    await source.invalidate(rejected);
    return { token: await get({}), experiment };
  };
  return {
    evidence,
    predecessor: () => undefined,
    // Whether it is, `replace` finds out.
    reject: () => true,
    get,
    async replace(rejected: AccessToken, options: GetOptions) {
      const token = await get(options);
      if (token.value !== rejected.value) return { token };
      forced ??= force(rejected)
        .catch(() => undefined)
        .finally(() => {
          forced = undefined;
        });
      const shared = forced;
      return limited(() => shared, options.signal);
    },
  };
}

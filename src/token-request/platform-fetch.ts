// Finds the platform's `fetch`. It is looked up at each call, so that mocks and instrumentation that are installed
// later are used.
//
// A user may assign a `bearerFetch` to `globalThis.fetch`, and instrumentation may wrap that again. A "wrapper" here is
// a function that `bearerFetch` returned. It must never call itself in an endless loop.

type Fetch = typeof globalThis.fetch;

/** The `fetch` that each wrapper wraps. */
const wrapped = new WeakMap<Fetch, Fetch>();

/** Calls the global `fetch`, or the one below all wrappers. */
export const platformFetch: Fetch = (...args) => unwrapped()(...args);

/**
 * What a wrapper knows about a call:
 *
 * - *caller*: nothing.
 * - *own*: the wrapper sent it itself, and the global `fetch` passed it back.
 * - *loop*: there are so many calls that the global `fetch` must be calling the wrapper.
 */
export type CallKind = "caller" | "own" | "loop";

/**
 * Registers a wrapper.
 *
 * @param given the user's `fetch` option
 * @returns the function with which the wrapper sends its requests: by `given`, or by the global `fetch` unless that
 *   would call the wrapper again
 */
export function registerWrapper(
  wrapper: Fetch,
  given: Fetch | undefined,
): (kind: CallKind, ...args: Parameters<Fetch>) => Promise<Response> {
  const before = globalThis.fetch;
  wrapped.set(wrapper, given ?? before);
  /** The global functions that are known to call the wrapper. */
  const callers = new WeakSet<Fetch>();
  let isCalling = false;
  return (kind, ...args) => {
    // If the wrapper is called while it calls `fetch`, that `fetch` has called the wrapper.
    const isNested = isCalling;
    if (!given && (isNested || kind === "loop")) callers.add(globalThis.fetch);
    const wouldLoop = kind !== "caller" || callers.has(globalThis.fetch) || wrappers().includes(wrapper);
    const fetch = given ? (isNested ? before : given) : wouldLoop ? before : unwrapped();
    isCalling = true;
    try {
      return fetch(...args);
    } finally {
      isCalling = isNested;
    }
  };
}

function unwrapped(): Fetch {
  return wrappers().at(-1) as Fetch;
}

/** Returns the global `fetch`, the `fetch` that it wraps if it is a wrapper, and so on. */
function wrappers(): Fetch[] {
  const chain: Fetch[] = [];
  for (let fetch: Fetch | undefined = globalThis.fetch; fetch; fetch = wrapped.get(fetch)) chain.push(fetch);
  return chain;
}

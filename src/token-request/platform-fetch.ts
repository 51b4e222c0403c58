// The `fetch` of the platform. It is looked up at each call, so that mocks and instrumentation that are installed later are used.
//
// `globalThis.fetch` may be a wrapper of ours, or instrumentation around one, which calls the wrapper with what it sent itself.

type Fetch = typeof globalThis.fetch;

/** Our own wrappers, each with the `fetch` that it wraps. */
const wrapped = new WeakMap<Fetch, Fetch>();

/** The global `fetch`, without wrappers of ours. */
export const platformFetch: Fetch = (...args) => unwrapped()(...args);

/**
 * What a wrapper knows of a call: nothing; that it comes from what the wrapper sent itself, so that it must go to what is wrapped;
 * or that it has come back so often that the global `fetch` must be what calls the wrapper.
 */
export type Origin = "caller" | "own" | "loop";

/** Registers a wrapper, and returns the `fetch` for it to call: `given`, or the global one of the moment, unless that has no end. */
export function fetchFor(
  wrapper: Fetch,
  given: Fetch | undefined,
): (from: Origin, ...args: Parameters<Fetch>) => Promise<Response> {
  const before = globalThis.fetch;
  wrapped.set(wrapper, given ?? before);
  /** What is known to call the wrapper. */
  const callers = new WeakSet<Fetch>();
  let isCalling = false;
  return (from, ...args) => {
    // Called while it calls: what it calls is around it.
    const isInside = isCalling;
    if (!given && (isInside || from === "loop")) callers.add(globalThis.fetch);
    const isAround = from !== "caller" || callers.has(globalThis.fetch) || wrappers().includes(wrapper);
    const fetch = given ? (isInside ? before : given) : isAround ? before : unwrapped();
    isCalling = true;
    try {
      return fetch(...args);
    } finally {
      isCalling = isInside;
    }
  };
}

function unwrapped(): Fetch {
  return wrappers().at(-1) as Fetch;
}

/** The global `fetch`, what it wraps, and so on, as long as they are wrappers of ours. */
function wrappers(): Fetch[] {
  const chain: Fetch[] = [];
  for (let fetch: Fetch | undefined = globalThis.fetch; fetch; fetch = wrapped.get(fetch)) chain.push(fetch);
  return chain;
}

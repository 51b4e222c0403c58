// The `fetch` of the platform. It is looked up at each call, so that mocks and instrumentation that are installed later are used.
//
// `globalThis.fetch` may be a wrapper of ours, or instrumentation around one. Then two things would never end: a token request that
// went through the wrapper would wait for itself, and the wrapper would call itself through the instrumentation.

type Fetch = typeof globalThis.fetch;

/** Our own wrappers, each with the `fetch` that it wraps. */
const wrapped = new WeakMap<Fetch, Fetch>();
/** The token requests under way: by URL those of ours, by signal those of a user's `request`. */
const urls = new Set<string>();
const signals = new WeakSet<AbortSignal>();
/** Set while a token request is passed on, which is when most instrumentation calls what it wraps. */
let isPassedOn = false;

/** The global `fetch`, without wrappers of ours. */
export const platformFetch: Fetch = async (input, init) => {
  const url = String(input);
  urls.add(url);
  try {
    return await passOn(() => unwrapped()(input, init));
  } finally {
    urls.delete(url);
  }
};

/** Calls a user's `request`, which may call the global `fetch`. */
export function callRequest<T>(request: (options: { readonly signal: AbortSignal }) => T, signal: AbortSignal): T {
  signals.add(signal);
  return passOn(() => request({ signal }));
}

function passOn<T>(send: () => T): T {
  isPassedOn = true;
  try {
    return send();
  } finally {
    isPassedOn = false;
  }
}

/** Reports whether what a wrapper is called with is a token request. */
export function isTokenRequest(url: string, signal: AbortSignal | undefined): boolean {
  return isPassedOn || urls.has(url) || (signal !== undefined && signals.has(signal));
}

/**
 * Registers a wrapper, and returns the `fetch` for it to call: `given`, or the global one of the moment. If that one calls the
 * wrapper, it is what was global before.
 *
 * The first argument of the function says that the wrapper was called with what it sent itself.
 */
export function fetchFor(
  wrapper: Fetch,
  given: Fetch | undefined,
): (isOwn: boolean, ...args: Parameters<Fetch>) => Promise<Response> {
  const before = given ?? globalThis.fetch;
  wrapped.set(wrapper, before);
  /** What is known to call the wrapper. */
  const callers = new WeakSet<Fetch>();
  let isCalling = false;
  return (isOwn, ...args) => {
    if (isOwn || isCalling) callers.add(globalThis.fetch);
    const isCaller = callers.has(globalThis.fetch) || wrappers().includes(wrapper);
    const fetch = given ?? (isCaller ? before : unwrapped());
    isCalling = true;
    try {
      return fetch(...args);
    } finally {
      isCalling = false;
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

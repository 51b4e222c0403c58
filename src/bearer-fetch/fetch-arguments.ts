// The arguments of `fetch`, read once and at once, as `fetch` does: the caller may change them while a token is requested.

/** What a call of `fetch` was given. */
export interface FetchCall {
  /** To be passed on: a string as it was, or the caller's `Request`. */
  input: string | Request;
  /** To be passed on: a copy. */
  readonly init: RequestInit;
  /** The same as `input`, if it is a `Request`. */
  readonly request: Request | undefined;
  /** Absolute; empty if there is no such URL. */
  readonly url: string;
  /** Method and URL without the query: what a 401 is a claim about. */
  readonly endpoint: string;
  headers: Headers;
  readonly signal: AbortSignal | undefined;
}

/** The members of `RequestInit`, and those of Node, Workers and Next.js: `fetch` reads getters and inherited ones too. */
const INIT_MEMBERS =
  "body cache cf credentials dispatcher duplex headers integrity keepalive method mode next priority redirect referrer referrerPolicy signal window".split(
    " ",
  ) as (keyof RequestInit)[];

/** Reports whether `fetch` would read the members of a second argument; it rejects any other. */
export function isDictionary(init: unknown): boolean {
  return init == null || typeof init === "object" || typeof init === "function";
}

/** Copies an init dictionary, and reads each member once. */
export function readInit(given: RequestInit | null | undefined): RequestInit {
  const init: Record<string, unknown> = { ...given };
  if (!given || hasSpread(given, init)) return init;
  for (const name of INIT_MEMBERS) {
    if (name in init) continue;
    const value = given?.[name];
    if (value !== undefined) init[name] = value;
  }
  return init;
}

/** Reports whether a spread has read all: the usual case, and a fast one. */
function hasSpread(given: RequestInit, spread: object): boolean {
  const isPlain = Object.getPrototypeOf(given) === Object.prototype;
  return isPlain && Object.getOwnPropertyNames(given).length === Object.keys(spread).length;
}

/** Reads the arguments; throws what `fetch` rejects with, if they cannot be read. */
export function readArguments(
  input: unknown,
  given: RequestInit | null | undefined,
  isRequest: (input: unknown) => input is Request,
): FetchCall {
  const init = readInit(given);
  const request = isRequest(input) ? input : undefined;
  if (request && Object.keys(init).length === 0) Object.assign(init, referrerOf(request));
  const target = request ? request.url : `${input}`;
  const url = absolute(target);
  const method = init.method ?? request?.method ?? "GET";
  const headers = new Headers(init.headers === undefined ? request?.headers : init.headers);
  // From here on these are the headers: an iterator can be read only once.
  if (init.headers !== undefined) init.headers = headers;
  // `null` is no signal, not even that of the `Request`.
  const signal = ("signal" in init ? init.signal : request?.signal) ?? undefined;
  return { input: request ?? target, init, request, url, endpoint: endpointOf(`${method}`, url), headers, signal };
}

/** A `Request` loses its referrer when it is sent with any other option (Fetch Standard, `new Request`). */
export function referrerOf({ referrer, referrerPolicy }: Request): RequestInit {
  return referrer === undefined ? {} : { referrer, referrerPolicy };
}

/** An endpoint: the method and the URL without its query. */
export function endpointOf(method: string, url: string): string {
  return `${method.toUpperCase()} ${url.replace(/[?#].*/, "")}`;
}

/** What the platform's `fetch` takes for a `Request`; anything else it converts to a string. */
export function isPlatformRequest(input: unknown): input is Request {
  return typeof Request === "function" && input instanceof Request;
}

/** What another `fetch` may take for one. */
export function isAnyRequest(input: unknown): input is Request {
  return typeof input === "object" && input !== null && "url" in input && "headers" in input;
}

/** A page may have a base URL that is not its own. */
function absolute(url: string): string {
  const { document, location } = globalThis as { document?: { baseURI?: string }; location?: { href?: string } };
  const base = document?.baseURI ?? location?.href;
  return URL.canParse(url, base) ? new URL(url, base).href : "";
}

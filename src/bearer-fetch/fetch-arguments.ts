// Reads the arguments of `fetch`. Like `fetch`, it reads each of them once and before it returns, because the caller
// may change them while a token is requested. The body is handled in `body.ts`.

/** The arguments of one call of `fetch`. */
export interface FetchCall {
  /** The first argument of the real `fetch`. */
  input: string | Request;
  /** The second argument of the real `fetch`, a copy of the caller's. */
  readonly init: RequestInit;
  /** `input`, if it is a `Request`. */
  readonly request: Request | undefined;
  /** The absolute URL. Empty if it is invalid. */
  readonly url: string;
  /** The method and the URL without its query. 401s are counted per endpoint. */
  readonly endpoint: string;
  headers: Headers;
  readonly signal: AbortSignal | undefined;
}

/** The members of `RequestInit`, also those of Node, Workers and Next.js. A spread would miss getters of classes. */
const INIT_MEMBERS =
  "body cache cf credentials dispatcher duplex headers integrity keepalive method mode next priority redirect referrer referrerPolicy signal window".split(
    " ",
  ) as (keyof RequestInit)[];

/** Reports whether a second argument is one that `fetch` accepts. */
export function isDictionary(init: unknown): boolean {
  return init == null || typeof init === "object" || typeof init === "function";
}

/** Copies the second argument, and reads each member once. */
export function readInit(given: RequestInit | null | undefined): RequestInit {
  const init: Record<string, unknown> = { ...given };
  if (!given || isComplete(given, init)) return init;
  for (const name of INIT_MEMBERS) {
    if (name in init) continue;
    const value = given?.[name];
    if (value !== undefined) init[name] = value;
  }
  return init;
}

/** Reports whether a spread has copied all members. This is the usual case, and the fast one. */
function isComplete(given: RequestInit, spread: object): boolean {
  const isPlain = Object.getPrototypeOf(given) === Object.prototype;
  return isPlain && Object.getOwnPropertyNames(given).length === Object.keys(spread).length;
}

/**
 * Reads the arguments of a call.
 *
 * @throws what `fetch` would reject with, if they are invalid
 */
export function readArguments(
  input: unknown,
  given: RequestInit | null | undefined,
  isRequest: (input: unknown) => input is Request,
): FetchCall {
  const init = readInit(given);
  const request = isRequest(input) ? input : undefined;
  if (request && Object.keys(init).length === 0) Object.assign(init, referrerOf(request));
  const target = request ? request.url : `${input}`;
  const url = absoluteUrl(target);
  const method = init.method ?? request?.method ?? "GET";
  const headers = new Headers(init.headers === undefined ? request?.headers : init.headers);
  // The caller's headers may be an iterator, which is now used up.
  if (init.headers !== undefined) init.headers = headers;
  // `signal: null` means no signal, even if the `Request` has one.
  const signal = ("signal" in init ? init.signal : request?.signal) ?? undefined;
  return { input: request ?? target, init, request, url, endpoint: endpointOf(`${method}`, url), headers, signal };
}

/** Returns the referrer of a request. `fetch` drops it if the request is sent with other options (Fetch Standard). */
export function referrerOf({ referrer, referrerPolicy }: Request): RequestInit {
  return referrer === undefined ? {} : { referrer, referrerPolicy };
}

/** Returns the name of an endpoint: the method and the URL without its query. */
export function endpointOf(method: string, url: string): string {
  return `${method.toUpperCase()} ${url.replace(/[?#].*/, "")}`;
}

/** Reports whether the platform's `fetch` treats a value as a `Request`. It converts all others to strings. */
export function isPlatformRequest(input: unknown): input is Request {
  return typeof Request === "function" && input instanceof Request;
}

/** Reports whether a user's `fetch` may treat a value as a `Request`. */
export function isAnyRequest(input: unknown): input is Request {
  return typeof input === "object" && input !== null && "url" in input && "headers" in input;
}

/** Resolves a URL as `fetch` does. The base of a page may differ from its location. */
function absoluteUrl(url: string): string {
  const { document, location } = globalThis as { document?: { baseURI?: string }; location?: { href?: string } };
  const base = document?.baseURI ?? location?.href;
  return URL.canParse(url, base) ? new URL(url, base).href : "";
}

// The bearer header, and one replay after a 401: around `fetch`, and as openapi-fetch middleware. One core, two faces.

import type { Middleware } from "openapi-fetch";
import { readUpTo } from "./body.ts";
import { isSecure } from "./client.ts";
import type { TokenEvent } from "./events.ts";
import type { TokenSource } from "./source.ts";
import type { AccessToken } from "./token.ts";

/** Where a token may go, and who is told. */
export interface BearerOptions {
  /** The origins that get the token, such as `https://enterprise-api.easyship.com`; plain http only on loopback. */
  readonly origins?: readonly string[] | undefined;
  /** Is told of replays; what it throws is ignored. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

/** For {@link bearerFetch}. */
export interface BearerFetchOptions extends BearerOptions {
  /** Sends the requests (default: the global `fetch`). */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** A body that nobody wrote down is kept up to this size, for the case of a replay. */
const MAX_COPY_BYTES = 2 ** 20;
/** An answer that is thrown away is read up to this size, which frees its connection; more costs more than a new one. */
const MAX_DRAIN_BYTES = 2 ** 16;
/** A call may outlive its token, but not by many. */
const MOST_SENT = 10;

/**
 * A `Request` that knows what its body was made of, so that it can be sent again, at no cost to the first time.
 *
 * @example
 * const api = createClient<paths>({ baseUrl, Request: ReplayableRequest });
 */
export class ReplayableRequest extends Request {
  readonly #body: BodyInit | null | undefined;

  constructor(input: RequestInfo | URL, init?: RequestInit) {
    super(input, init);
    this.#body = init?.body ?? (input instanceof Request ? undefined : null);
  }

  /** What a request's body was made of: `null` if it has none, `undefined` if that is not known. */
  static bodyOf(request: Request): BodyInit | null | undefined {
    return #body in request ? request.#body : undefined;
  }

  /** openapi-fetch refuses from other middleware what is no instance of its client's class; any request will do. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Request[Symbol.hasInstance](value);
  }
}

/**
 * Makes openapi-fetch middleware that sends the source's token, and after a 401 once more with another.
 *
 * A request that has an `Authorization` already, or goes to another origin, is left alone. Where the client makes other
 * requests than {@link ReplayableRequest}, those with a body are copied before they are sent.
 *
 * @param options.origins the origins that get the token (default: that of the client's base URL)
 * @throws as `source.get()` does; nothing is sent then
 * @example
 * const api = createClient<paths>({ baseUrl, Request: ReplayableRequest });
 * api.use(bearer(tokens));
 */
export function bearer(source: TokenSource, { origins, onEvent }: BearerOptions = {}): Middleware {
  const sent = new Map<string, AccessToken>();
  let latest: AccessToken | undefined;
  const copies = new WeakMap<Request, Promise<ReplayBody>>();
  let base = "";
  let isOurs = amongOrigins(origins ?? []);

  const authorise = (request: Request, token: AccessToken): undefined => {
    request.headers.set("Authorization", token.authorization);
    if (token !== latest) {
      latest = token;
      sent.set(token.authorization, token);
      if (sent.size > MOST_SENT) sent.delete(sent.keys().next().value as string);
    }
    if (bodyOf(request) === undefined) copies.set(request, copyOf(request));
  };

  return {
    // No async functions: with a token in hand, a call waits for nothing.
    onRequest({ request, options: { baseUrl } }) {
      if (!origins && base !== baseUrl) {
        base = baseUrl;
        isOurs = amongOrigins([new URL(baseUrl, request.url).origin]);
      }
      if (!isOurs(request.url) || request.headers.has("Authorization")) return undefined;
      const token = source.peek();
      if (token) return authorise(request, token);
      return source.get({ signal: request.signal }).then((fresh) => authorise(request, fresh));
    },
    onResponse({ request, response, options: { fetch } }) {
      const token = isRefusal(response, isOurs) && sent.get(String(request.headers.get("Authorization")));
      if (!token) return undefined;
      const { signal } = request;
      const body = copies.get(request) ?? bodyOf(request);
      return replay({ source, onEvent, token, response, signal, body }, (next, again) => {
        const replayed = new Request(request, { body: again });
        replayed.headers.set("Authorization", next.authorization);
        return fetch(replayed);
      });
    },
  };
}

/**
 * Makes a `fetch` that sends the source's token, and after a 401 once more with another.
 *
 * A request that has an `Authorization` already, or goes to another origin, is left alone. A stream is sent once. A `Request`
 * with a body, unless it is a {@link ReplayableRequest}, is copied before it is sent.
 *
 * @param options.fetch sends the requests (default: the global one)
 * @param options.origins the origins that get the token (default: the one that the source asks)
 * @returns a function like `fetch`; it throws as `source.get()` does, and sends nothing then
 * @throws {TypeError} where neither source nor options tell an origin
 * @example
 * const authorised = bearerFetch(tokens);
 * const answer = await authorised("https://enterprise-api.easyship.com/companies");
 */
export function bearerFetch(source: TokenSource, options: BearerFetchOptions = {}): typeof globalThis.fetch {
  const { origins = source.origin && [source.origin], onEvent } = options;
  if (!origins) throw new TypeError("`origins` is needed: this source does not tell one");
  const isOurs = amongOrigins(origins);

  return async function bearerFetch(input, init) {
    const send = options.fetch ?? globalThis.fetch;
    const request = input instanceof Request ? input : undefined;
    const headers = new Headers(init?.headers ?? request?.headers);
    const url = request?.url ?? new URL(input as string | URL, globalThis.location?.href).href;
    if (!isOurs(url) || headers.has("Authorization")) return send(input, init);

    const signal = init?.signal ?? request?.signal;
    const token = source.peek() ?? (await source.get({ signal }));
    headers.set("Authorization", token.authorization);
    const known = init?.body ?? (request ? bodyOf(request) : null);
    const body = known === undefined && request ? copyOf(request) : known;
    const response = await send(input, { ...init, headers });
    if (!isRefusal(response, isOurs)) return response;

    const answer = await replay({ source, onEvent, token, response, signal, body }, (next, again) => {
      headers.set("Authorization", next.authorization);
      const unread = request ? new Request(request, { body: again }) : input;
      return send(unread, { ...init, headers });
    });
    return answer ?? response;
  };
}

/** What to send again: a body, `null` for none, `undefined` where it is gone. */
type ReplayBody = BodyInit | null | undefined;

/** A 401 to a request that carried the source's token. */
interface Refusal {
  readonly source: TokenSource;
  readonly onEvent: BearerOptions["onEvent"];
  readonly token: AccessToken;
  readonly response: Response;
  readonly signal: AbortSignal | undefined;
  readonly body: ReplayBody | Promise<ReplayBody>;
}

/** Sends a request once more with another token; `undefined` where the 401 is to stand. */
async function replay(
  { source, onEvent, token, response, signal, body }: Refusal,
  resend: (token: AccessToken, body: BodyInit | null) => Promise<Response>,
): Promise<Response | undefined> {
  if (!blamesToken(response.headers)) return undefined;
  // Before all else: or each upload that cannot be sent twice would fail until the token expires.
  source.invalidate(token);
  const again = await body;
  if (again === undefined || isStream(again)) return undefined;
  const next = await source.get({ signal }).catch(() => undefined);
  const isAborted = signal?.aborted;
  if (!isAborted && (!next || next.value === token.value)) return undefined;

  // Not awaited: a body that never ends must not hold up the answer that counts.
  readUpTo(MAX_DRAIN_BYTES, response.body).catch(() => {});
  signal?.throwIfAborted();
  const answer = await resend(next as AccessToken, again);
  try {
    onEvent?.({ type: "replayed", status: answer.status });
  } catch {
    // Whoever watches must not be able to stop the work.
  }
  return answer;
}

/** A 401 to the token: a redirect to another origin drops it on the way. */
function isRefusal(response: Response, isOurs: (url: string) => boolean): boolean {
  return response.status === 401 && (!response.redirected || isOurs(response.url));
}

/** Whether a 401 may be the token's fault: unless a Bearer challenge names another error (RFC 6750 §3.1). */
function blamesToken(headers: Headers): boolean {
  // A scheme stands alone, a parameter has a value (RFC 9110 §11.6.1); commas may stand in quotes.
  const parts = String(headers.get("WWW-Authenticate")).matchAll(
    /([\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?/g,
  );
  let scheme: string | undefined;
  for (const [, name = "", quoted, value = quoted] of parts) {
    if (value === undefined) scheme = name.toLowerCase();
    else if (scheme === "bearer" && name.toLowerCase() === "error" && value !== "invalid_token") return false;
  }
  return true;
}

/** What a request's body was made of: `null` if it has none, `undefined` if that is not known. */
function bodyOf(request: Request): ReplayBody {
  const known = ReplayableRequest.bodyOf(request);
  // Reading `body` may build a stream, so it comes last.
  return known === undefined && !request.body ? null : known;
}

function isStream(body: BodyInit | null): boolean {
  return body instanceof ReadableStream || Symbol.asyncIterator in Object(body);
}

/** Reads a copy of a request's body while the request is sent; `undefined` where it is too long. */
async function copyOf(request: Request): Promise<ReplayBody> {
  try {
    return await readUpTo(MAX_COPY_BYTES, request.clone().body);
  } catch {
    return undefined;
  }
}

/** Tells whether a URL is of one of these origins. */
function amongOrigins(origins: readonly string[]): (url: string) => boolean {
  const prefixes = origins.map((text) => {
    const url = new URL(text);
    if (!isSecure(url)) throw new TypeError(`A token must not go to ${url.origin}: https: is needed, but on loopback`);
    return `${url.origin}/`;
  });
  return (url) => prefixes.some((prefix) => url.startsWith(prefix));
}

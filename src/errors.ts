// The error classes, and how errors are copied without their secrets. No error shows a token or a secret. For a
// malformed response it has only the path and the type of the malformed member. How error responses are read is in
// `token-request/response-body.ts`.

/**
 * The endpoint sent an error response, or could not be reached.
 *
 * If it could not be reached, `status` is `undefined` and `cause` has the reason.
 *
 * @see [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
 * @example
 * if (error instanceof TokenRequestError && error.error === "invalid_client") console.error("Check the client secret.");
 */
export class TokenRequestError extends Error {
  override readonly name = "TokenRequestError";
  /** The HTTP status of the response. */
  declare readonly status?: number | undefined;
  /** The server's error code, such as `invalid_client`. */
  declare readonly error?: string | undefined;
  /** The server's explanation, for developers. */
  declare readonly errorDescription?: string | undefined;
  /** Milliseconds to wait before the next request, from the `Retry-After` header (RFC 9110 §10.2.3). */
  declare readonly retryAfterMs?: number | undefined;
  /** The server's ID for this request. Its support may ask for it. */
  declare readonly requestId?: string | undefined;
  /** When the token source will send its next request. Until then `get()` rejects at once. */
  declare nextTryAt?: Date | undefined;

  constructor(url: string, response: Omit<TokenRequestError, keyof Error>, options?: ErrorOptions) {
    const { status = `no complete response${reasonIn(options?.cause)}`, error, errorDescription } = response;
    super([`${url}:`, status, error, errorDescription].filter(Boolean).join(" "), options);
    Object.assign(this, response);
  }
}

/**
 * The endpoint reported success, but its response is malformed.
 *
 * @example
 * if (error instanceof TokenResponseError) console.error(`${error.path || "the body"}: expected ${error.expected}`);
 */
export class TokenResponseError extends Error {
  override readonly name = "TokenResponseError";
  /** The malformed member, as a JSON pointer (RFC 6901) such as `/expires_in`. Empty for the body itself. */
  readonly path: string;
  /** What was expected there. */
  readonly expected: string;
  /** When the token source will send its next request. Until then `get()` rejects at once. */
  declare nextTryAt?: Date | undefined;

  constructor(path: string, expected: string, found: unknown) {
    // Only the type of what was found, such as `Array`. The value may be a token.
    const type = Object.prototype.toString.call(found).slice(8, -1);
    super(`Malformed response${path && ` at ${path}`}: expected ${expected}, found ${type}`);
    this.path = path;
    this.expected = expected;
  }
}

/**
 * The token source could not obtain a token within its time limit. `cause` is the last failure.
 *
 * @example
 * if (error instanceof TokenTimeoutError) console.error(error.message, error.cause);
 */
export class TokenTimeoutError extends Error {
  override readonly name = "TokenTimeoutError";
  /** When the token source will send its next request. Until then `get()` rejects at once. */
  declare nextTryAt?: Date | undefined;
}

/** Returns the message of the innermost cause, the most specific one. `fetch failed` alone does not help. */
function reasonIn(cause: unknown): string {
  let innermost = cause as Error | undefined;
  for (let count = 0; count < MAX_CAUSES; count++) innermost = (innermost?.cause ?? innermost) as Error | undefined;
  return innermost?.message ? ` (${innermost.message})` : "";
}

/** What a token source throws if it cannot obtain a token. */
export type TokenError = TokenRequestError | TokenResponseError | TokenTimeoutError;

/** Converts anything that a request threw to one of our errors. */
export function asTokenError(error: unknown, url: string): TokenError {
  const isOurs =
    error instanceof TokenRequestError || error instanceof TokenResponseError || error instanceof TokenTimeoutError;
  return isOurs ? error : new TokenRequestError(url, {}, { cause: safeCause(error) });
}

/** Copies an error for one caller. Callers may change or freeze their copy, and its stack is their own. */
export function copyOfError(error: TokenError, nextTryAt: Date): TokenError {
  const { message, cause } = error;
  // Not created by its own constructor, because V8 would leave the stack of such an error empty.
  const copy = new Error(message, cause === undefined ? {} : { cause });
  return Object.assign(Object.setPrototypeOf(copy, Object.getPrototypeOf(error)), error, { nextTryAt });
}

/** How many causes of an error are read. They can be many, and cyclic. */
const MAX_CAUSES = 20;

/**
 * Copies an error without its secrets, to be used as a `cause`.
 *
 * The copy has the name, the message, the code, the stack, and copies of the causes. Other members are left out,
 * because they may be requests, responses or raw bytes.
 */
export function safeCause(
  cause: unknown,
  redact = (text: string): string => text,
  seen: Set<unknown> = new Set(),
): unknown {
  if (typeof cause === "string") return redact(cause);
  const from = Object(cause) as Record<string, unknown>;
  if (typeof from["message"] !== "string" || seen.has(cause) || seen.size >= MAX_CAUSES) return undefined;
  seen.add(cause);
  const keep = (value: unknown): unknown => (typeof value === "number" ? value : safeCause(value, redact, seen));
  const safe = new Error(redact(from["message"]));
  for (const key of ["name", "stack", "code", "cause", "errors"]) {
    const found = from[key];
    const value = Array.isArray(found) ? found.slice(0, MAX_CAUSES).map(keep) : keep(found);
    if (value !== undefined) Object.defineProperty(safe, key, { value, configurable: true, writable: true });
  }
  return safe;
}

/**
 * Returns an option as a number.
 *
 * @throws {TypeError} if it is `NaN`, negative or infinite: comparisons and timers would silently go wrong
 */
export function checkNonNegative(option: string, value: Date | number | undefined): number {
  const number = Number(value);
  if (!(number >= 0 && number < Infinity)) throw new TypeError(`\`${option}\` is invalid or negative`);
  return number;
}

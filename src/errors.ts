// What can go wrong with a token, as types. None of them shows a token or a secret: of a response they keep the fields that
// RFC 6749 §5.2 defines for errors, and of a malformed field its path and kind, never its value.

/**
 * An endpoint sent an error response, or could not be reached: then `status` is `undefined` and `cause` is the reason.
 *
 * @see [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
 * @example
 * if (error instanceof TokenRequestError && error.error === "invalid_client") console.error("Check the client secret.");
 */
export class TokenRequestError extends Error {
  override readonly name = "TokenRequestError";
  /** The status of the response. */
  declare readonly status?: number | undefined;
  /** The error code, such as `invalid_client`. */
  declare readonly error?: string | undefined;
  /** The server's text for the developer of the client. */
  declare readonly errorDescription?: string | undefined;
  /** How long the server asks clients to wait before the next request, in milliseconds (`Retry-After`, RFC 9110 §10.2.3). */
  declare readonly retryAfterMs?: number | undefined;
  /** The server's name for this request, to quote to its support. */
  declare readonly requestId?: string | undefined;
  /** When a token source will send another request; until then it rejects at once. */
  declare nextTryAt?: Date | undefined;

  constructor(url: string, response: Omit<TokenRequestError, keyof Error>, options?: ErrorOptions) {
    const { status = `no complete response${reasonIn(options?.cause)}`, error, errorDescription } = response;
    super([`${url}:`, status, error, errorDescription].filter(Boolean).join(" "), options);
    Object.assign(this, response);
  }
}

/**
 * An endpoint succeeded with something that is not a token response.
 *
 * @example
 * if (error instanceof TokenResponseError) console.error(`${error.path || "the body"}: expected ${error.expected}`);
 */
export class TokenResponseError extends Error {
  override readonly name = "TokenResponseError";
  /** Where in the body: a JSON pointer such as `/expires_in` (RFC 6901), empty for the body itself. */
  readonly path: string;
  /** What was expected there. */
  readonly expected: string;
  /** When a token source will send another request; until then it rejects at once. */
  declare nextTryAt?: Date | undefined;

  constructor(path: string, expected: string, found: unknown) {
    // The kind of what was found, such as `Array`, and never its value, which may be a token.
    const kind = Object.prototype.toString.call(found).slice(8, -1);
    super(`Malformed response${path && ` at ${path}`}: expected ${expected}, found ${kind}`);
    this.path = path;
    this.expected = expected;
  }
}

/**
 * A token source had no token when the time ran out; `cause` is the last failure.
 *
 * @example
 * if (error instanceof TokenTimeoutError) console.error(error.message, error.cause);
 */
export class TokenTimeoutError extends Error {
  override readonly name = "TokenTimeoutError";
  /** When a token source will send another request; until then it rejects at once. */
  declare nextTryAt?: Date | undefined;
}

/** The message of the innermost cause: the one that says what to look for. */
function reasonIn(cause: unknown): string {
  let innermost = cause as Error | undefined;
  for (let count = 0; count < MAX_CAUSES; count++) innermost = (innermost?.cause ?? innermost) as Error | undefined;
  return innermost?.message ? ` (${innermost.message})` : "";
}

/** Why there is no token. */
export type TokenError = TokenRequestError | TokenResponseError | TokenTimeoutError;

/** Turns anything that a request threw into one of our errors. */
export function asTokenError(error: unknown, url: string): TokenError {
  const isOurs =
    error instanceof TokenRequestError || error instanceof TokenResponseError || error instanceof TokenTimeoutError;
  return isOurs ? error : new TokenRequestError(url, {}, { cause: safeCause(error) });
}

/** A copy for a caller, who may change or freeze it, and whose stack it shows. */
export function copyOfError(error: TokenError, nextTryAt: Date): TokenError {
  const { message, cause } = error;
  // Not by its own constructor: in V8 the stack of such an error would be empty.
  const copy = new Error(message, cause === undefined ? {} : { cause });
  return Object.assign(Object.setPrototypeOf(copy, Object.getPrototypeOf(error)), error, { nextTryAt });
}

/** Errors have causes, which have causes, or have each other; a log needs no more than this many. */
const MAX_CAUSES = 20;

/**
 * Makes a cause that shows no secret: of an error its name, message, code and stack, and those of its causes.
 *
 * All else is left out. It may hold what was sent or received: requests, responses, raw bytes.
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

/** Throws for what would make every comparison false, or a wait or a lifetime longer than it is. */
export function checked(option: string, value: Date | number | undefined): number {
  const number = Number(value);
  if (!(number >= 0 && number < Infinity)) throw new TypeError(`\`${option}\` is invalid or negative`);
  return number;
}

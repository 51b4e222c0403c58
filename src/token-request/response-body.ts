// Reads response bodies: any body up to a size, and the response of an endpoint as a JSON object or as one of our
// errors. Whether the object is a token response is checked in `access-token.ts`.

import { TokenRequestError, TokenResponseError } from "../errors.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { redactor } from "./redact.ts";

/** The longest response of an endpoint that is read. */
const MAX_BYTES = 2 ** 20;

/** How long to wait for the body of an error response. Its status is known already. */
const ERROR_BODY_MS = 2000;

/** The longest text of a server in an error, short enough for a log. */
const MAX_TEXT = 500;

/** The error description for a redirected response. */
const REDIRECTED = "after a redirect: request this URL directly";

/** The error codes of RFC 6749 §5.2. They are permanent: the same request will fail again. */
export const ERROR_CODE: RegExp = /^(invalid_(request|client|grant|scope)|unauthorized_client|unsupported_grant_type)$/;

/** An error response: as in RFC 6749 §5.2, or `{ error: { code, message, request_id } }`, as many providers send it. */
interface ErrorBody {
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly request_id?: unknown } | null;
  readonly error_description?: unknown;
  readonly access_token?: unknown;
}

type Chunk = Uint8Array<ArrayBuffer>;
type ByteStream = ReadableStream<Chunk> | AsyncIterable<Chunk>;

/** Reads a body up to a size. If it is longer, or the signal aborts, it is cancelled and `undefined` is returned. */
export async function readUpTo(
  maxBytes: number,
  body: ByteStream | null,
  signal?: AbortSignal,
): Promise<Blob | undefined> {
  if (!body) return new Blob();
  const reader = readerOf(body);
  // Not awaited, because a body that never ends may never confirm.
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel);
  const chunks: Chunk[] = [];
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return signal?.aborted ? undefined : new Blob(chunks);
    bytes += value.byteLength;
    if (bytes > maxBytes) break;
    chunks.push(value);
  }
  cancel();
  return undefined;
}

/**
 * Reports whether a body can be read only once. `instanceof` does not work: React Native and Jest's jsdom lack
 * `ReadableStream`.
 */
export function isStream(body: unknown): boolean {
  return "getReader" in Object(body) || Symbol.asyncIterator in Object(body);
}

/** Returns a reader of a body. The bodies of node-fetch and others are async iterable, but have no `getReader`. */
function readerOf(body: ByteStream): Pick<ReadableStreamDefaultReader<Chunk>, "read" | "cancel"> {
  if ("getReader" in body) return body.getReader();
  const iterator = body[Symbol.asyncIterator]();
  return {
    read: () => iterator.next() as Promise<ReadableStreamReadResult<Chunk>>,
    async cancel() {
      await iterator.return?.();
    },
  };
}

/**
 * Reads the response of an endpoint as JSON, whatever its content type is.
 *
 * @param name the name of the endpoint, for messages
 * @param redact removes secrets from a text
 * @throws {TokenRequestError} if the status is not 2xx, if the response was redirected, or if it has an `error` member
 * @throws {TokenResponseError} if the body is not a JSON object of at most 1 MiB, or was read before
 */
export async function readJsonObject(
  name: string,
  response: Response,
  redact: (text: string) => string,
): Promise<object> {
  if (response.ok && (response.bodyUsed || response.body?.locked)) {
    throw new TokenResponseError("", "an unread body: return a clone, or the parsed body", response);
  }
  let body: unknown;
  try {
    body = parse(await (response.ok ? textOf(response) : errorTextOf(response)));
  } catch (error) {
    // An error response is useful without its body.
    if (response.ok) throw error;
  }
  const errorBody: ErrorBody = body ?? {};
  if (!response.ok || response.redirected || errorBody.error) {
    // Browsers hide the status of a redirect, and the status of `Response.error()` is 0.
    const status = response.type === "opaqueredirect" ? 302 : response.status || undefined;
    const reason = response.ok && !errorBody.error ? { error_description: REDIRECTED } : errorBody;
    throw requestError(name, { status, headers: response.headers }, reason, redact);
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new TokenResponseError("", "a JSON object of at most 1 MiB", body);
  }
  return body;
}

/** Reports whether a value is a `Response`, from any implementation of `fetch`. */
export function isResponse(value: unknown): value is Response {
  const { status, headers, text } = Object(value) as Partial<Response>;
  return typeof status === "number" && typeof headers?.get === "function" && typeof text === "function";
}

function errorTextOf(response: Response): Promise<string> {
  return withTimeout((signal) => textOf(response, signal), { timeoutMs: ERROR_BODY_MS, clock: systemClock });
}

async function textOf(response: Response, signal?: AbortSignal): Promise<string> {
  const { body } = response;
  // React Native's responses have no `body`.
  if (body !== null && !isStream(body)) return (await response.text()).slice(0, MAX_BYTES);
  return (await (await readUpTo(MAX_BYTES, body, signal))?.text()) ?? "";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the `SyntaxError` would quote the text, which may contain a token.
    return text;
  }
}

/** Creates the error for an error response. Its texts are short enough for a log, and do not repeat secrets. */
export function requestError(
  name: string,
  { status, headers }: { readonly status: number | undefined; readonly headers: Pick<Headers, "get"> },
  { error, error_description, access_token }: ErrorBody,
  redact: (text: string) => string,
): TokenRequestError {
  // A search for a text with backslashes could take very long. No token has one.
  const isSearchable = typeof access_token === "string" && !access_token.includes("\\");
  const redactToken = isSearchable || !access_token ? redactor([access_token as string | undefined]) : () => "***";
  const clean = (text: unknown) => {
    if (typeof text !== "string") return undefined;
    // Not redacted: a secret parameter may have a value such as "client", and `invalid_client` must stay readable.
    if (ERROR_CODE.test(text)) return text;
    return redactToken(redact(text))
      .replace(/\p{Cc}/gu, " ")
      .slice(0, MAX_TEXT);
  };
  return new TokenRequestError(name, {
    status,
    error: clean(error) ?? clean(error?.code),
    errorDescription: clean(error_description) ?? clean(error?.message),
    retryAfterMs: retryAfterMs(headers),
    requestId: clean(error?.request_id),
  });
}

/** Reads `Retry-After`: seconds, or a date that is compared with the response's own `Date` (RFC 9110 §10.2.3). */
function retryAfterMs(headers: Pick<Headers, "get">): number | undefined {
  const value = String(headers.get("retry-after"));
  // `Date.parse` accepts other formats than HTTP dates.
  const date = value.endsWith("GMT") ? Date.parse(value) : NaN;
  const now = Date.parse(String(headers.get("date"))) || Date.now();
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : date - now;
  return wait >= 0 && Number.isFinite(wait) ? wait : undefined;
}

// Reads a body: up to a size, as a server may send what never ends; and the response of an endpoint, which is a JSON object or
// one of our two errors.

import { TokenRequestError, TokenResponseError } from "../errors.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { redactor } from "./redact.ts";

/** No token response is longer; longer ones are not read to the end. */
const MAX_BYTES = 2 ** 20;

/** The body of an error response is worth no longer wait: its status says enough. */
const ERROR_BODY_MS = 2000;

/** For the texts of a server about its errors; short enough for a log. */
const MAX_TEXT = 500;

/** Instead of a text of the server's. */
const REDIRECTED = "came after a redirect: request this URL itself";

/** The error codes of RFC 6749 §5.2: whatever came with them, the same request will not succeed. */
export const ERROR_CODE: RegExp = /^(invalid_(request|client|grant|scope)|unauthorized_client|unsupported_grant_type)$/;

/** What errors look like: RFC 6749 §5.2, or `{ error: { code, message, request_id } }`, as many providers write it. */
interface ErrorBody {
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly request_id?: unknown } | null;
  readonly error_description?: unknown;
  readonly access_token?: unknown;
}

/** Reads a body up to a size. What is longer, or is aborted, is cancelled, and `undefined` is returned. */
export async function readUpTo(
  maxBytes: number,
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  signal?: AbortSignal,
): Promise<Blob | undefined> {
  if (!body) return new Blob();
  const reader = body.getReader();
  // Not awaited: a body that never ends may never confirm it.
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let bytes = 0; bytes <= maxBytes; ) {
    const { done, value } = await reader.read();
    if (done) return signal?.aborted ? undefined : new Blob(chunks);
    bytes += value.byteLength;
    chunks.push(value);
  }
  cancel();
  return undefined;
}

/**
 * Reads the response of an endpoint as JSON, whatever its content type says.
 *
 * @param name of the endpoint, for the messages
 * @param redact removes from a text what no error may repeat
 * @throws {TokenRequestError} for a response that is not a 2xx, was redirected, or has an `error` member
 * @throws {TokenResponseError} for one that is not a JSON object of at most 1 MiB, or was read before
 */
export async function readJsonObject(
  name: string,
  response: Response,
  redact: (text: string) => string,
): Promise<object> {
  if (response.ok && (response.bodyUsed || response.body?.locked)) {
    throw new TokenResponseError("", "a body that was not read before: return a clone, or what was read", response);
  }
  let body: unknown;
  try {
    body = parse(await (response.ok ? textOf(response) : errorTextOf(response)));
  } catch (error) {
    // Of an error response only the text is lost.
    if (response.ok) throw error;
  }
  // What is not an object has no members either.
  const errorBody: ErrorBody = body ?? {};
  if (!response.ok || response.redirected || errorBody.error) {
    // The status of a redirect that was not followed is hidden in browsers, and `Response.error()` has none.
    const status = response.type === "opaqueredirect" ? 302 : response.status || undefined;
    const told = response.ok && !errorBody.error ? { error_description: REDIRECTED } : errorBody;
    throw requestError(name, { status, headers: response.headers }, told, redact);
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new TokenResponseError("", "a JSON object of at most 1 MiB", body);
  }
  return body;
}

/** Reports whether a value is a `Response`, of the platform or of another implementation. */
export function isResponse(value: unknown): value is Response {
  const { status, headers, text } = Object(value) as Partial<Response>;
  return typeof status === "number" && typeof headers?.get === "function" && typeof text === "function";
}

function errorTextOf(response: Response): Promise<string> {
  return withTimeout((signal) => textOf(response, signal), { timeoutMs: ERROR_BODY_MS, clock: systemClock });
}

/** React Native's responses have no `body`, and those of other implementations one that is not a stream of the Web. */
async function textOf(response: Response, signal?: AbortSignal): Promise<string> {
  const { body } = response;
  if (body === null || typeof body?.getReader === "function") {
    return (await (await readUpTo(MAX_BYTES, body, signal))?.text()) ?? "";
  }
  if (!Object(body)[Symbol.asyncIterator]) return (await response.text()).slice(0, MAX_BYTES);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    bytes += chunk.byteLength;
    // Ends the stream too.
    if (bytes > MAX_BYTES) return "";
    chunks.push(chunk);
  }
  return new Blob(chunks).text();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error would quote the text, and the text may hold a token.
    return text;
  }
}

/** The error that a response is; no text in it is too long for a log, or holds a secret that the server repeats. */
export function requestError(
  name: string,
  { status, headers }: { readonly status: number | undefined; readonly headers: Pick<Headers, "get"> },
  { error, error_description, access_token }: ErrorBody,
  redact: (text: string) => string,
): TokenRequestError {
  // A token has no backslash. What has one could make a search for it take for ever.
  const isSearchable = typeof access_token === "string" && !access_token.includes("\\");
  const redactToken = isSearchable || !access_token ? redactor([access_token as string | undefined]) : () => "***";
  const clean = (text: unknown) => {
    if (typeof text !== "string") return undefined;
    // A parameter may have a value such as "client": the code must stay one.
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

/** `Retry-After` in seconds or as a date, which is measured against the response's own `Date` (RFC 9110 §10.2.3). */
function retryAfterMs(headers: Pick<Headers, "get">): number | undefined {
  const value = String(headers.get("retry-after"));
  // `Date.parse` accepts much that is not an HTTP date.
  const date = value.endsWith("GMT") ? Date.parse(value) : NaN;
  const now = Date.parse(String(headers.get("date"))) || Date.now();
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : date - now;
  return wait >= 0 && Number.isFinite(wait) ? wait : undefined;
}

// Reads a body: up to a size, as a server may send what never ends; and the response of an endpoint, which is a JSON object or
// one of our two errors.

import { TokenRequestError, TokenResponseError } from "../errors.ts";

/** No token response is longer; longer ones are not read to the end. */
const MAX_BYTES = 2 ** 20;

/** For the texts of a server about its errors; short enough for a log. */
const MAX_TEXT = 500;

/** What errors look like: RFC 6749 §5.2, or the provider's own `{ error: { code, message, request_id } }`. */
interface ErrorBody {
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly request_id?: unknown } | null;
  readonly error_description?: unknown;
  readonly access_token?: unknown;
}

/** Reads a body up to a size; a longer one is cancelled, and `undefined` is returned. */
export async function readUpTo(
  maxBytes: number,
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
): Promise<Blob | undefined> {
  if (!body) return new Blob();
  const reader = body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let bytes = 0; bytes <= maxBytes; ) {
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks);
    bytes += value.byteLength;
    chunks.push(value);
  }
  // Not awaited: a body that never ends may never confirm it.
  reader.cancel().catch(() => {});
  return undefined;
}

/**
 * Reads the response of an endpoint as JSON, whatever its content type says.
 *
 * @param url of the endpoint, for the messages
 * @param secrets what no error may repeat, even if the server does
 * @throws {TokenRequestError} for a response that is not a 2xx, was redirected, or has an `error` member
 * @throws {TokenResponseError} for one that is not a JSON object of at most 1 MiB
 */
export async function readJsonObject(
  url: string,
  response: Response,
  secrets: readonly (string | undefined)[],
): Promise<object> {
  let body: unknown;
  try {
    const text = await readUpTo(MAX_BYTES, response.body);
    body = parse((await text?.text()) ?? "");
  } catch (error) {
    // Of an error response only the text is lost.
    if (response.ok) throw error;
  }
  // What is not an object has no members either.
  const errorBody: ErrorBody = body ?? {};
  if (!response.ok || response.redirected || errorBody.error) {
    throw requestError(url, response, errorBody, secrets);
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new TokenResponseError("", "a JSON object of at most 1 MiB", body);
  }
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error would quote the text, and the text may hold a token.
    return text;
  }
}

function requestError(
  url: string,
  { status, headers }: Response,
  { error, error_description, access_token }: ErrorBody,
  secrets: readonly (string | undefined)[],
): TokenRequestError {
  // A server may repeat what it was sent, in JSON or a form, and what it was about to give.
  const forms = [...secrets, access_token]
    .filter((secret) => typeof secret === "string" && secret !== "")
    .flatMap((secret) => [String(secret), JSON.stringify(secret).slice(1, -1), encodeURIComponent(String(secret))]);
  // Fit for a log: without these, without control characters, not too long.
  const clean = (text: unknown) => {
    if (typeof text !== "string") return undefined;
    const known = forms.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
    return known.replace(/\p{Cc}/gu, " ").slice(0, MAX_TEXT);
  };
  return new TokenRequestError(url, {
    // Browsers hide the status of a redirect that was not followed.
    status: status || 302,
    error: clean(error) ?? clean(error?.code),
    errorDescription: clean(error_description) ?? clean(error?.message),
    retryAfterMs: retryAfterMs(headers),
    requestId: clean(error?.request_id),
  });
}

/** `Retry-After` in seconds or as a date, which is measured against the response's own `Date` (RFC 9110 §10.2.3). */
function retryAfterMs(headers: Headers): number | undefined {
  const value = String(headers.get("retry-after"));
  // `Date.parse` accepts much that is not an HTTP date.
  const date = value.endsWith("GMT") ? Date.parse(value) : NaN;
  const now = Date.parse(String(headers.get("date"))) || Date.now();
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : date - now;
  return wait >= 0 ? wait : undefined;
}

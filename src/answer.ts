// Reads what an endpoint answered, whatever that is: a JSON object, or one of our two errors.

import { TokenRequestError, TokenResponseError } from "./errors.ts";

/** No token response is longer; what is, is not read further. */
const MAX_BYTES = 2 ** 20;

/** Of what a server says of its errors; short enough for a log. */
const MAX_TEXT = 500;

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads the answer of an endpoint as JSON, whatever its content type says.
 *
 * @param endpoint its URL, for the messages
 * @param secrets what no error may repeat, should the server do so
 * @throws {TokenRequestError} for an answer that is no 2xx, was redirected, or has an `error` member
 * @throws {TokenResponseError} for one that is no JSON object of at most 1 MiB
 */
export async function readAnswer(response: Response, endpoint: string, secrets: readonly string[]): Promise<Members> {
  let body: unknown;
  try {
    body = parse(await readText(response));
  } catch (error) {
    // What is lost of a refusal is only its text.
    if (response.ok) throw error;
  }
  const members = isObject(body) ? body : {};
  if (!response.ok || response.redirected || members["error"] != null) {
    throw requestError(response, members, endpoint, secrets);
  }
  if (!isObject(body)) throw noObject(body);
  return body;
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  for (let bytes = 0; ; ) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) return text + decoder.decode();
    text += decoder.decode(chunk.value, { stream: true });
    bytes += chunk.value.byteLength;
    if (bytes > MAX_BYTES) {
      // Not awaited: a body that never ends may never confirm it.
      reader?.cancel().catch(() => {});
      throw noObject(text);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error would quote the text, and the text may hold a token.
    return text || undefined;
  }
}

function noObject(found: unknown): TokenResponseError {
  return new TokenResponseError("", "a JSON object of at most 1 MiB", found);
}

/** From the two shapes of errors: RFC 6749 §5.2, and the provider's `{ error: { code, message, request_id } }`. */
function requestError(
  response: Response,
  members: Members,
  endpoint: string,
  secrets: readonly string[],
): TokenRequestError {
  const { status, headers, type, redirected } = response;
  const nested = isObject(members["error"]) ? members["error"] : {};
  const clean = (text: unknown) => (typeof text === "string" && text ? withoutSecrets(text, secrets) : undefined);
  const error = clean(members["error"]) ?? clean(nested["code"]);
  const errorDescription = clean(members["error_description"]) ?? clean(nested["message"]);
  const requestId = clean(nested["request_id"]) ?? clean(headers.get("x-request-id"));

  const isRedirect = redirected || type === "opaqueredirect" || (status >= 300 && status < 400);
  const reason = isRedirect ? "a redirect, which is not followed: it would carry the secret elsewhere" : error;
  const message = `${endpoint} answered ${[status || undefined, reason].filter(Boolean).join(" ")}`;
  return new TokenRequestError(errorDescription ? `${message}: ${errorDescription}` : message, {
    status,
    error,
    errorDescription,
    retryAfterMs: retryAfterMs(headers),
    requestId,
  });
}

/** `Retry-After` in seconds or as a date, which is measured against the answer's own `Date` (RFC 9110 §10.2.3). */
function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get("retry-after") ?? "";
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // `Date.parse` takes much for a date that HTTP does not.
  if (!value.endsWith(" GMT")) return undefined;
  const wait = Date.parse(value) - (Date.parse(headers.get("date") ?? "") || Date.now());
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0);
}

/** A server's text, fit for a log: without secrets that it repeats, without control characters, not too long. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  const clean = secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
  return clean.replace(/\p{Cc}+/gu, " ").slice(0, MAX_TEXT);
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

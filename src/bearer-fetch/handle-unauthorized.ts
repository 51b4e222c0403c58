// A 401 to a request that carried the token: whether the token is to blame, and one replay with another.

import type { AccessToken } from "../access-token.ts";
import { readUpTo } from "../token-request/response-body.ts";
import type { TokenEvent } from "../token-source/events.ts";
import type { TokenSource } from "../token-source/token-source.ts";
import type { ReplayBody } from "./replayable-request.ts";

/** A response that is thrown away is read up to this size, which frees its connection; more costs more than a new one. */
const MAX_DRAIN_BYTES = 2 ** 16;

/** A 401 to a request that carried the source's token. */
export interface Unauthorized {
  readonly source: TokenSource;
  readonly onEvent: ((event: TokenEvent) => void) | undefined;
  readonly token: AccessToken;
  readonly response: Response;
  readonly signal: AbortSignal | undefined;
  readonly body: ReplayBody | Promise<ReplayBody>;
}

/** Sends a request once more with another token; `undefined` where the 401 is to stand. */
export async function handleUnauthorized(
  { source, onEvent, token, response, signal, body }: Unauthorized,
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
export function isRejection(response: Response, isOurs: (url: string) => boolean): boolean {
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

function isStream(body: BodyInit | null): boolean {
  return body instanceof ReadableStream || Symbol.asyncIterator in Object(body);
}

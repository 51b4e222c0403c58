// The body of a call: saved for a replay, and marked as used as `fetch` does. When a call is replayed is decided in
// `handle-unauthorized.ts`.

import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { isStream, readUpTo } from "../token-request/response-body.ts";
import { type FetchCall, isPlatformRequest } from "./fetch-arguments.ts";

// Not `BodyInit`, which exists only in lib dom.
/** A body to send again. `null` if the call has none, `undefined` if it cannot be sent again. */
export type ReplayBody = NonNullable<RequestInit["body"]> | null | undefined;

/** A body that was saved for a replay. */
export interface SavedBody {
  readonly body: ReplayBody | Promise<ReplayBody>;
  /** Stops copying. Otherwise the copy would keep reading from the caller's stream. */
  readonly cancel?: () => void;
}

/** How long a 401 waits for the copy of a body. A copy of a body in memory is ready within this time. */
const COPY_GRACE_MS = 50;

/** Saves the body for a replay. It is copied at once, because the caller may change it during the call. */
export function saveBody({ init, request }: FetchCall, maxCopyBytes: number): SavedBody {
  if (init.body != null) {
    init.body = copyBody(init.body);
    return { body: init.body };
  }
  const body = request ? bodyOf(request) : null;
  return request && body === undefined ? copyWhileSent(request, maxCopyBytes) : { body };
}

/** Copies a request's body while the request is sent. The copy is `undefined` if the body is longer than `maxBytes`. */
export function copyWhileSent(request: Request, maxBytes: number): SavedBody {
  const controller = new AbortController();
  const read = async () => {
    const copy = request.clone();
    if (copy.body) return readUpTo(maxBytes, copy.body, controller.signal);
    const blob = await copy.blob();
    // `slice` removes the type, which `fetch` would send as a header.
    return blob.size <= maxBytes ? blob.slice() : undefined;
  };
  return { body: read().catch(() => undefined), cancel: () => controller.abort() };
}

/** Marks a body as used before a token is requested. `fetch` does so at once, and the caller may look at `bodyUsed`. */
export function markBodyUsed(call: FetchCall, isPlatformFetch: boolean): void {
  const { init, request } = call;
  // A user's `fetch` may accept other arguments than the platform's. Jest's jsdom has no `Request`.
  if ((!isPlatformFetch && !isPlatformRequest(request)) || typeof Request !== "function") return;
  // Throws what `fetch` would throw for invalid arguments.
  const used = new Request(call.input, init);
  if (request) {
    Object.assign(call, { input: used, headers: used.headers });
    delete init.body;
  } else if (init.body instanceof ReadableStream) {
    init.body = locked(init.body);
  }
}

/** Locks a stream, and returns another with the same content. */
function locked(stream: ReadableStream): ReadableStream {
  const [sent, unused] = stream.tee();
  // Otherwise its chunks would be buffered.
  unused.cancel().catch(() => {});
  return sent;
}

/**
 * Returns the body for a replay, or `undefined` if it cannot be sent again.
 *
 * A 401 does not wait for a body that is still being sent, so the copy must be complete or nearly so.
 */
export function bodyForReplay({ body }: SavedBody): Promise<ReplayBody> {
  const wait = async () => (isStream(body) ? undefined : body);
  return withTimeout(wait, { timeoutMs: COPY_GRACE_MS, clock: systemClock }).catch(() => undefined);
}

/**
 * Returns the headers and the body of a replay.
 *
 * A form gets a new boundary each time it is sent, so the old `Content-Type` must not be sent with it.
 */
export function replayInit(first: Headers, authorization: string, body: ReplayBody): RequestInit {
  const headers = new Headers(first);
  headers.set("Authorization", authorization);
  const isForm = body instanceof FormData && headers.get("Content-Type")?.startsWith("multipart/form-data");
  if (isForm) headers.delete("Content-Type");
  return body == null ? { headers } : { headers, body };
}

let rememberedBody: (request: Request) => ReplayBody = () => undefined;

/** Registers the function that reads the body of a `ReplayableRequest`. Bundles without that class do not import it. */
export function registerRememberedBody(read: (request: Request) => ReplayBody): void {
  rememberedBody = read;
}

/** Returns the body of a request: `null` if it has none, `undefined` if the request does not remember it. */
export function bodyOf(request: Request): ReplayBody {
  const body = rememberedBody(request);
  // Checked last, because reading `request.body` may create a stream.
  return body === undefined && !hasBody(request) ? null : body;
}

/** Reports whether a request has a body. Firefox has no `Request.prototype.body`. */
function hasBody(request: Request): boolean {
  return "body" in Request.prototype ? request.body !== null : !/^(GET|HEAD)$/.test(request.method);
}

/** Copies a body that the caller could change. Other bodies are returned as they are. */
export function copyBody(body: NonNullable<RequestInit["body"]>): NonNullable<RequestInit["body"]> {
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return copyOfBytes(body);
  if (body instanceof URLSearchParams) return new URLSearchParams(body);
  // An object without a tag is none of the body types, and `fetch` sends it as a string.
  if (!isStream(body) && !(Symbol.toStringTag in Object(body))) return `${body}`;
  if (!(body instanceof FormData)) return body;
  const copy = new FormData();
  body.forEach((value, name) => {
    copy.append(name, value);
  });
  return copy;
}

function copyOfBytes(bytes: ArrayBuffer | ArrayBufferView): NonNullable<RequestInit["body"]> {
  try {
    if (bytes instanceof ArrayBuffer) return bytes.slice(0);
    if (bytes.buffer instanceof ArrayBuffer) {
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice();
    }
  } catch {
    // The buffer was transferred elsewhere. `fetch` will throw its own error.
  }
  return bytes as NonNullable<RequestInit["body"]>;
}

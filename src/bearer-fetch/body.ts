// The body of a call: what `fetch` does with it at once, and what is kept of it for a replay.

import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { readUpTo } from "../token-request/response-body.ts";
import { type FetchCall, isPlatformRequest } from "./fetch-arguments.ts";

/** What to send again: a body, `null` if there is none, `undefined` if it is gone. (`BodyInit` has a name in lib dom only.) */
export type ReplayBody = NonNullable<RequestInit["body"]> | null | undefined;

/** What is kept of a body for a replay. */
export interface KeptBody {
  readonly body: ReplayBody | Promise<ReplayBody>;
  /** Gives a copy up: the source of a stream is told to stop when neither the request nor the copy wants more. */
  readonly cancel?: () => void;
}

/** How long a 401 waits for the copy of a body that is still being sent: enough for a body in memory, nothing for a stream. */
const COPY_GRACE_MS = 50;

/** Keeps the body for a replay, and for the first time too: the caller may change it as soon as `bearerFetch` has returned. */
export function keepBody({ init, request }: FetchCall, maxCopyBytes: number): KeptBody {
  if (init.body != null) {
    init.body = copyOfBody(init.body);
    return { body: init.body };
  }
  const body = request ? bodyOf(request) : null;
  return request && body === undefined ? copyWhileSent(request, maxCopyBytes) : { body };
}

/** Copies a request's body while the request is sent; the copy is `undefined` if it would be longer than `maxBytes`. */
export function copyWhileSent(request: Request, maxBytes: number): KeptBody {
  const controller = new AbortController();
  const read = async () => {
    const copy = request.clone();
    if (copy.body) return readUpTo(maxBytes, copy.body, controller.signal);
    const blob = await copy.blob();
    // Without its type, which `fetch` would make a header of.
    return blob.size <= maxBytes ? blob.slice() : undefined;
  };
  return { body: read().catch(() => undefined), cancel: () => controller.abort() };
}

/** Marks a body as used, as `fetch` does at once: the caller may look at it while a token is requested. */
export function useBody(call: FetchCall, isPlatformFetch: boolean): void {
  const { init, request } = call;
  // Another `fetch` may take what the platform does not, and in Jest's jsdom the global one can only be a mock.
  if ((!isPlatformFetch && !isPlatformRequest(request)) || typeof Request !== "function") return;
  // Throws what `fetch` would, before a token is requested.
  const used = new Request(call.input, init);
  if (request) {
    Object.assign(call, { input: used, headers: used.headers });
    delete init.body;
  } else if (init.body instanceof ReadableStream) {
    init.body = locked(init.body);
  }
}

/** Locks a stream for good. */
function locked(stream: ReadableStream): ReadableStream {
  const [sent, unused] = stream.tee();
  // Its chunks are not kept then.
  unused.cancel().catch(() => {});
  return sent;
}

/**
 * The body for a replay; `undefined` if it cannot be sent again.
 *
 * A copy has to be complete, or nearly so: a 401 does not wait for a body that is still being written.
 */
export function replayable({ body }: KeptBody): Promise<ReplayBody> {
  const wait = async () => (isStream(body) ? undefined : body);
  return withTimeout(wait, { timeoutMs: COPY_GRACE_MS, clock: systemClock }).catch(() => undefined);
}

/** What a replay is sent with: header and body belong together, and a form that is written anew has another boundary. */
export function replayInit(first: Headers, authorization: string, body: ReplayBody): RequestInit {
  const headers = new Headers(first);
  headers.set("Authorization", authorization);
  const isForm = body instanceof FormData && headers.get("Content-Type")?.startsWith("multipart/form-data");
  if (isForm) headers.delete("Content-Type");
  return body == null ? { headers } : { headers, body };
}

let knownBody: (request: Request) => ReplayBody = () => undefined;

/** Lets `ReplayableRequest` say what it knows, without being part of bundles that do not use it. */
export function registerBodies(bodyOf: (request: Request) => ReplayBody): void {
  knownBody = bodyOf;
}

/** The body of a request: `null` if it has none, `undefined` if it is not known. */
export function bodyOf(request: Request): ReplayBody {
  const known = knownBody(request);
  // Reading `body` may build a stream, so it comes last.
  return known === undefined && !hasBody(request) ? null : known;
}

/** Firefox does not have `Request.prototype.body`. */
function hasBody(request: Request): boolean {
  return "body" in Request.prototype ? request.body !== null : !/^(GET|HEAD)$/.test(request.method);
}

/** Copies a body that its owner may change after the call. Others are returned as they are. */
export function copyOfBody(body: NonNullable<RequestInit["body"]>): NonNullable<RequestInit["body"]> {
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return copyOfBytes(body);
  if (body instanceof URLSearchParams) return new URLSearchParams(body);
  // `fetch` sends any other value as a string.
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
    // Bytes that were transferred elsewhere: `fetch` knows what to do with them.
  }
  return bytes as NonNullable<RequestInit["body"]>;
}

/** Reports whether a body can be read only once. React Native and Jest's jsdom have no `ReadableStream` to compare it with. */
function isStream(body: unknown): boolean {
  return "getReader" in Object(body) || Symbol.asyncIterator in Object(body);
}

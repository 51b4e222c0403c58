// Bodies that can be sent again.

import { readUpTo } from "../token-request/response-body.ts";

/** What to send again: a body, `null` if there is none, `undefined` if it is gone. (`BodyInit` has a name in lib dom only.) */
export type ReplayBody = NonNullable<RequestInit["body"]> | null | undefined;

/** What is kept of a body for a replay. */
export interface KeptBody {
  readonly body?: ReplayBody | Promise<ReplayBody>;
  /** Gives a copy up: the source of a stream is told to stop when neither the request nor the copy wants more. */
  readonly cancel?: () => void;
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

/** Reports whether a body can be read only once. */
export function isStream(body: unknown): boolean {
  return body instanceof ReadableStream || Symbol.asyncIterator in Object(body);
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

/** What a replay is sent with: header and body belong together, and a form that is written anew has another boundary. */
export function replayInit(first: Headers, authorization: string, body: ReplayBody): RequestInit {
  const headers = new Headers(first);
  headers.set("Authorization", authorization);
  const isForm = body instanceof FormData && headers.get("Content-Type")?.startsWith("multipart/form-data");
  if (isForm) headers.delete("Content-Type");
  return body == null ? { headers } : { headers, body };
}

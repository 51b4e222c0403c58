// One call to a described endpoint, through plain `fetch`: what it sends and returns is what the generated `paths` say.

import type { AccessToken } from "../access-token.ts";
import { safeCause, TokenRequestError, TokenResponseError } from "../errors.ts";
import type { paths } from "../generated/openapi.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { platformFetch } from "./platform-fetch.ts";
import { redactor } from "./redact.ts";
import { readJsonObject } from "./response-body.ts";
import { checkBaseUrl } from "./secure-url.ts";

/** Where the endpoints are, and how to reach them. */
export interface EndpointOptions {
  /** The server's URL, such as `https://enterprise-api.easyship.com`; plain http only on loopback. */
  readonly baseUrl: string;
  /** Sends the request (default: the global `fetch`). */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Aborts the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How long a call may take, its body included. */
const TIMEOUT_MS = 10_000;

type Method = "get" | "post";
type PathWith<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
interface Json<T> {
  readonly content: { readonly "application/json": T };
}

/** What an operation takes: `undefined` if it has no body. */
type RequestBody<O> = O extends { readonly requestBody: Json<infer T> } ? T : undefined;
/** What it returns if it succeeds. */
type ResponseBody<O> = O extends { readonly responses: { readonly 200: Json<infer T> } } ? T : never;

/** The URL of an endpoint. */
export function endpointUrl(baseUrl: string, path: keyof paths): string {
  return baseUrl.replace(/\/$/, "") + path;
}

interface CallOptions extends EndpointOptions {
  /** Authorises the call. */
  readonly accessToken?: AccessToken | undefined;
  /** What else no error may repeat. */
  readonly secrets: readonly string[];
}

/**
 * Makes one call.
 *
 * @returns a JSON object; it is not checked against the description
 * @throws {TokenRequestError} if the endpoint sends an error, cannot be reached, or has not responded in full after 10 s
 * @throws {TokenResponseError} if it succeeds with something that is not a JSON object
 * @throws the signal's reason, when it is aborted
 */
export async function callEndpoint<M extends Method, P extends PathWith<M>>(
  method: M,
  path: P,
  body: RequestBody<paths[P][M]>,
  options: CallOptions,
): Promise<ResponseBody<paths[P][M]>> {
  const { fetch = platformFetch, signal, accessToken } = options;
  const redact = redactor([accessToken?.value, ...options.secrets]);
  const baseUrl = checkBaseUrl(options.baseUrl);
  const url = endpointUrl(baseUrl, path);
  signal?.throwIfAborted();
  const headers = {
    ...(accessToken && { Authorization: accessToken.authorization }),
    ...(body !== undefined && { "Content-Type": "application/json" }),
  };
  const init = { method: method.toUpperCase(), headers, redirect: "manual", body: JSON.stringify(body) } as const;
  const send = async (signal: AbortSignal) => readJsonObject(url, await fetch(url, { ...init, signal }), redact);
  try {
    return (await withTimeout(send, { timeoutMs: TIMEOUT_MS, clock: systemClock, signal })) as ResponseBody<
      paths[P][M]
    >;
  } catch (error) {
    if (error instanceof TokenRequestError || error instanceof TokenResponseError) throw error;
    signal?.throwIfAborted();
    throw new TokenRequestError(baseUrl, {}, { cause: safeCause(error, redact) });
  }
}

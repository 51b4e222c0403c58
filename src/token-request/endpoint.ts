// One request to an endpoint of an authorization server: finds the endpoint, builds the request and sends it. Which
// fields a token request has is in `token-request.ts`.

import type { AccessToken } from "../access-token.ts";
import { checkNonNegative, safeCause, TokenRequestError, TokenResponseError } from "../errors.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { platformFetch } from "./platform-fetch.ts";
import { basicCredentials, redactor, withoutCredentials } from "./redact.ts";
import { readJsonObject } from "./response-body.ts";
import { checkBaseUrl, checkEndpointUrl } from "./secure-url.ts";

/** How a request is sent. */
export interface SendOptions {
  /** Sends the request (default: the global `fetch`). */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Aborts the request. The call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The time limit of the request and its response, in milliseconds (default: 10,000). */
  readonly timeoutMs?: number | undefined;
}

/** The location of the described provider. */
export interface ProviderOptions {
  /** The provider's URL, such as `https://api.example.com`. Http only on loopback. */
  readonly baseUrl: string;
}

/** How the client sends its credentials: in a Basic header or in the body (RFC 6749 §2.3.1, RFC 7591 §2). */
export type ClientAuthentication = "client_secret_basic" | "client_secret_post";

/** The credentials of a client, and how they are sent. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** How the credentials are sent (default: with `baseUrl` as described, otherwise `"client_secret_basic"`). */
  readonly clientAuthentication?: ClientAuthentication | undefined;
  /**
   * Whether the credentials are form-encoded in a Basic header, as RFC 6749 §2.3.1 requires (default: `true`).
   *
   * Some servers, such as Doorkeeper, do not decode them. This matters only for characters other than letters, digits
   * and `-._*`.
   */
  readonly encodeClientCredentials?: boolean | undefined;
}

/** An endpoint of an authorization server. Those of the described provider are in `generated/endpoints.ts`. */
export interface Endpoint {
  readonly method: string;
  readonly path: string;
  /** The media type of the request's body, if there is one. */
  readonly mediaType: string | undefined;
  readonly clientAuthentication: ClientAuthentication | "bearer";
  /** Fields that every request contains. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The endpoint for a URL from the options: it takes a form, as in RFC 6749, 7009 and 7662. */
const FORM_ENDPOINT: Endpoint = {
  method: "POST",
  path: "",
  mediaType: "application/x-www-form-urlencoded",
  clientAuthentication: "client_secret_basic",
  fields: {},
};

/** The fields of a request. `undefined` is not sent, and a field with several values is sent several times. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request that can be sent more than once. */
export interface EndpointRequest {
  readonly url: string;
  /** The URL without its query, for messages. */
  readonly name: string;
  readonly init: RequestInit;
  /** Removes the secrets of the request from a text. */
  readonly redact: (text: string) => string;
  /** Whether encoding changed the credentials in the header. */
  readonly isEncoded: boolean;
}

const MAYBE_NOT_DECODED =
  ' (check id and secret; if they are right, the server may not decode them: try `clientAuthentication: "client_secret_post"`)';

/**
 * Finds an endpoint and its URL: the described endpoint at `baseUrl`, or any endpoint at the URL of an option.
 *
 * @param described the described endpoint; `undefined` if the description has none
 * @param option the name of the URL option; `undefined` if only the described provider has such an endpoint
 * @param url the value of that option
 * @throws {TypeError} if no URL is given, if two are given, if the described path has parameters, or if the URL is not
 *   secure
 */
export function endpointAt(
  described: Endpoint | undefined,
  { baseUrl }: { readonly baseUrl?: string | undefined },
  option?: string,
  url?: string,
): { readonly endpoint: Endpoint; readonly url: string } {
  if (option !== undefined && url !== undefined) {
    if (baseUrl !== undefined) throw new TypeError(`\`baseUrl\` and \`${option}\` cannot be combined`);
    return { endpoint: FORM_ENDPOINT, url: checkEndpointUrl(option, url) };
  }
  if (!described) {
    const instead = option === undefined ? "" : `: use \`${option}\` instead of \`baseUrl\``;
    throw new TypeError(`The provider's description has no such endpoint${instead}`);
  }
  if (baseUrl === undefined) {
    const either = option === undefined ? "" : `\`${option}\` or `;
    throw new TypeError(`${either}\`baseUrl\` is required`);
  }
  if (described.path.includes("{")) {
    const instead = option === undefined ? "" : `: use \`${option}\` instead`;
    throw new TypeError(`\`baseUrl\` cannot fill the parameters of ${described.path}${instead}`);
  }
  return { endpoint: described, url: checkBaseUrl(baseUrl).replace(/\/$/, "") + described.path };
}

/** The credentials of a request: a client's, or an access token. */
export type Authorisation = ClientCredentials | { readonly accessToken: AccessToken };

/**
 * Builds a request.
 *
 * @param secrets values that no error may repeat, besides the credentials
 */
export function endpointRequest(
  url: string,
  endpoint: Endpoint,
  fields: Fields,
  authorisation: Authorisation,
  secrets: readonly string[],
): EndpointRequest {
  const headers: Record<string, string> = { Accept: "application/json" };
  const body = { ...fields };
  let isEncoded = false;
  const hidden = [...secrets];
  if ("accessToken" in authorisation) {
    const { value, authorization } = authorisation.accessToken;
    headers["Authorization"] = authorization;
    hidden.push(value);
  } else {
    const { clientId, clientSecret, clientAuthentication, encodeClientCredentials = true } = checkClient(authorisation);
    const [plain, encoded] = basicCredentials(clientId, clientSecret);
    // Also hidden if the credentials are sent in the body, because some proxies turn them into a header.
    hidden.push(clientSecret, plain, encoded);
    if ((clientAuthentication ?? endpoint.clientAuthentication) === "client_secret_post") {
      Object.assign(body, { client_id: clientId, client_secret: clientSecret });
    } else {
      headers["Authorization"] = `Basic ${encodeClientCredentials ? encoded : plain}`;
      isEncoded = encodeClientCredentials && encoded !== plain;
    }
  }
  const { method, mediaType } = endpoint;
  if (mediaType) headers["Content-Type"] = mediaType;
  const init = { method, headers, redirect: "manual", ...(mediaType && { body: encode(body, mediaType) }) } as const;
  return { url, name: url.replace(/\?.*/, ""), init, redact: redactor(hidden), isEncoded };
}

/**
 * Sends a request once. There is no time limit unless `timeoutMs` is set.
 *
 * @returns a JSON object, which is not checked further
 * @throws {TokenRequestError} if the endpoint sends an error response, cannot be reached, or takes too long
 * @throws {TokenResponseError} if the endpoint succeeds, but its response is not a JSON object
 * @throws the signal's reason, when it is aborted
 */
export async function send(request: EndpointRequest, options: SendOptions): Promise<object> {
  const { fetch = platformFetch, signal, timeoutMs } = options;
  const { url, name, init, redact, isEncoded } = request;
  signal?.throwIfAborted();
  const once = async (signal: AbortSignal | undefined) =>
    readJsonObject(name, await fetch(url, { ...init, signal: signal ?? null }), redact);
  try {
    if (timeoutMs === undefined) return await once(signal);
    return await withTimeout(once, { timeoutMs: checkNonNegative("timeoutMs", timeoutMs), clock: systemClock, signal });
  } catch (error) {
    if (error instanceof TokenRequestError && error.error === "invalid_client" && isEncoded)
      error.message += MAYBE_NOT_DECODED;
    if (error instanceof TokenRequestError || error instanceof TokenResponseError) throw error;
    signal?.throwIfAborted();
    throw new TokenRequestError(name, {}, { cause: safeCause(error, (text) => withoutCredentials(redact(text))) });
  }
}

function checkClient(client: ClientCredentials): ClientCredentials {
  const { clientId, clientSecret, clientAuthentication: method } = client;
  if (!clientId || !clientSecret) throw new TypeError("`clientId` and `clientSecret` must not be empty");
  if (method !== undefined && method !== "client_secret_basic" && method !== "client_secret_post") {
    throw new TypeError('`clientAuthentication` must be "client_secret_basic" or "client_secret_post"');
  }
  return client;
}

function encode(fields: Fields, mediaType: string): string {
  if (/\bjson\b/.test(mediaType)) return JSON.stringify(fields);
  const form = new URLSearchParams();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values ?? []].flat()) form.append(name, value);
  }
  return form.toString();
}

// One request to an endpoint of an authorization server: how it is written, sent and read.

import type { AccessToken } from "../access-token.ts";
import { checkNonNegative, safeCause, TokenRequestError, TokenResponseError } from "../errors.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { platformFetch } from "./platform-fetch.ts";
import { basicCredentials, redactor, withoutCredentials } from "./redact.ts";
import { readJsonObject } from "./response-body.ts";
import { checkBaseUrl, checkEndpointUrl } from "./secure-url.ts";

/** How one request is sent. */
export interface SendOptions {
  /** Sends the request (default: the global `fetch`). */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Aborts the request, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long the request may take, its response included (default: 10,000 ms). */
  readonly timeoutMs?: number | undefined;
}

/** Where the described provider is. */
export interface ProviderOptions {
  /** The provider's URL, such as `https://enterprise-api.easyship.com`; plain http only on loopback. */
  readonly baseUrl: string;
}

/**
 * How a client proves who it is (RFC 6749 §2.3.1, by the names of RFC 7591): by a Basic header, or by fields of the body.
 */
export type ClientAuthentication = "client_secret_basic" | "client_secret_post";

/** A client of the authorization server. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** How they are sent (default: as the description says; with a URL of your own, `"client_secret_basic"`). */
  readonly clientAuthentication?: ClientAuthentication | undefined;
  /**
   * Whether a Basic header holds them form-encoded, as RFC 6749 §2.3.1 says (default: `true`). Some servers, such as Doorkeeper,
   * do not decode them: it matters if they hold other characters than letters, digits and `-._*`.
   */
  readonly encodeClientCredentials?: boolean | undefined;
}

/** An endpoint: those of the described provider are generated, others are as the RFCs say. */
export interface Endpoint {
  readonly method: string;
  readonly path: string;
  /** Of the request's body, if it has one. */
  readonly mediaType: string | undefined;
  readonly clientAuthentication: ClientAuthentication | "bearer";
  /** What each request holds. */
  readonly fields: Readonly<Record<string, string>>;
}

/** An endpoint whose URL an option gives: it takes a form (RFC 6749, 7009, 7662). */
const FORM_ENDPOINT: Endpoint = {
  method: "POST",
  path: "",
  mediaType: "application/x-www-form-urlencoded",
  clientAuthentication: "client_secret_basic",
  fields: {},
};

/** Fields of a request; one that is `undefined` is not sent, one with several values is sent as often. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request that can be sent more than once. */
export interface EndpointRequest {
  /** Where it goes. */
  readonly url: string;
  /** Where it goes, for messages: without a query. */
  readonly name: string;
  readonly init: RequestInit;
  /** Removes from a text what no error may repeat. */
  readonly redact: (text: string) => string;
  /** Whether the header holds something else than the credentials as they are. */
  readonly isEncoded: boolean;
}

const NOT_DECODED =
  ' (check id and secret; if they are right, the server may not decode them: try `clientAuthentication: "client_secret_post"`)';

/**
 * Finds an endpoint and its URL: the described one, below the base URL, or any, as an option gives it.
 *
 * @param described `undefined` if the description has none
 * @param option the option that gives the URL; none for an endpoint that only the described provider has
 * @throws {TypeError} if it is neither described nor given, or both, its path has parameters, or its URL is not fit for a secret
 */
export function endpointAt(
  described: Endpoint | undefined,
  { baseUrl }: { readonly baseUrl?: string | undefined },
  option?: string,
  url?: string,
): { readonly endpoint: Endpoint; readonly url: string } {
  if (option !== undefined && url !== undefined) {
    if (baseUrl !== undefined) throw new TypeError(`\`baseUrl\` and \`${option}\` exclude each other`);
    return { endpoint: FORM_ENDPOINT, url: checkEndpointUrl(option, url) };
  }
  if (!described) {
    const instead = option === undefined ? "" : `: use \`${option}\` instead of \`baseUrl\``;
    throw new TypeError(`The provider's description has no such endpoint${instead}`);
  }
  if (baseUrl === undefined) {
    const either = option === undefined ? "" : `\`${option}\` or `;
    throw new TypeError(`${either}\`baseUrl\` is required: where is the endpoint?`);
  }
  if (described.path.includes("{")) {
    const instead = option === undefined ? "" : `: use \`${option}\` instead`;
    throw new TypeError(`\`baseUrl\` does not fill the parameters of the path ${described.path}${instead}`);
  }
  return { endpoint: described, url: checkBaseUrl(baseUrl).replace(/\/$/, "") + described.path };
}

/** What authorises a request. */
export type Authorisation = ClientCredentials | { readonly accessToken: AccessToken };

/**
 * Writes a request.
 *
 * @param secrets what no error may repeat, besides the credentials
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
  const known = [...secrets];
  if ("accessToken" in authorisation) {
    const { value, authorization } = authorisation.accessToken;
    headers["Authorization"] = authorization;
    known.push(value);
  } else {
    const { clientId, clientSecret, clientAuthentication, encodeClientCredentials = true } = checkClient(authorisation);
    const [asTheyAre, encoded] = basicCredentials(clientId, clientSecret);
    // Some proxies turn what is in a body into a header.
    known.push(clientSecret, asTheyAre, encoded);
    if ((clientAuthentication ?? endpoint.clientAuthentication) === "client_secret_post") {
      Object.assign(body, { client_id: clientId, client_secret: clientSecret });
    } else {
      headers["Authorization"] = `Basic ${encodeClientCredentials ? encoded : asTheyAre}`;
      isEncoded = encodeClientCredentials && encoded !== asTheyAre;
    }
  }
  const { method, mediaType } = endpoint;
  if (mediaType) headers["Content-Type"] = mediaType;
  const init = { method, headers, redirect: "manual", ...(mediaType && { body: written(body, mediaType) }) } as const;
  return { url, name: url.replace(/\?.*/, ""), init, redact: redactor(known), isEncoded };
}

/**
 * Sends a request, once. It takes as long as it takes, unless `timeoutMs` is given.
 *
 * @returns a JSON object; it is not checked further
 * @throws {TokenRequestError} if the endpoint sends an error, cannot be reached, or has not responded in full within the time
 * @throws {TokenResponseError} if it succeeds with something that is not a JSON object
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
      error.message += NOT_DECODED;
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

function written(fields: Fields, mediaType: string): string {
  if (/\bjson\b/.test(mediaType)) return JSON.stringify(fields);
  const form = new URLSearchParams();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values ?? []].flat()) form.append(name, value);
  }
  return form.toString();
}

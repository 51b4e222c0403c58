// Defines the ways to send a token with a call. Each is set up as in the first example of its README.

import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client";
import { withTokenRefresh } from "fetch-extras";
import { bearerFetch, createTokenSource } from "oauth2-token-response";
import createClient from "openapi-fetch";
import { type AccessToken, ClientCredentials } from "simple-oauth2";

/** The token endpoint, the client and the API. */
export interface Setting {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly api: string;
  /** Sends the requests of both kinds (default: the global `fetch`). */
  readonly fetch?: typeof globalThis.fetch;
}

/** Makes one call of the API and reports its status. */
export type Call = (init: {
  readonly method: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: BodyInit;
}) => Promise<number>;

const SCOPE = "enterprise.company";

export const CONTENDERS: Record<string, (setting: Setting) => Call> = {
  "this package": ({ api, fetch, ...client }) => {
    const authorised = bearerFetch(createTokenSource({ ...client, fetch, scope: [SCOPE] }), { origins: [api], fetch });
    return async ({ path = "/", ...init }) => (await authorised(`${api}${path}`, init)).status;
  },

  "@badgateway/oauth2-client": ({ api, baseUrl, clientId, clientSecret, fetch = globalThis.fetch }) => {
    const tokenEndpoint = `${baseUrl}/oauth2/token`;
    const client = new OAuth2Client({
      server: baseUrl,
      tokenEndpoint,
      clientId,
      clientSecret,
      authenticationMethod: "client_secret_post",
      fetch,
    });
    const wrapper = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials({ scope: [SCOPE] }) });
    // Does the same as `wrapper.fetch`, with a custom `fetch`.
    const send = wrapper.mw();
    return async ({ path = "/", ...init }) =>
      (await send(new Request(`${api}${path}`, init), (request) => fetch(request))).status;
  },

  "fetch-extras": (setting) => {
    let token: string | undefined;
    const refreshToken = async () => {
      token = (await ask(setting)).access_token;
      return token;
    };
    const authorised = withTokenRefresh({ refreshToken })(setting.fetch ?? fetch);
    return async ({ path = "/", ...init }) => {
      const headers = { ...init.headers, ...(token && { Authorization: `Bearer ${token}` }) };
      return (await authorised(`${setting.api}${path}`, { ...init, headers })).status;
    };
  },

  "five lines (openapi-fetch docs)": (setting) => {
    let accessToken: string | undefined;
    const send = setting.fetch && { fetch: setting.fetch };
    // biome-ignore lint/suspicious/noExplicitAny: an API of one path with any parameters.
    const client = createClient<any>({ baseUrl: setting.api, bodySerializer: (body) => body, ...send });
    client.use({
      async onRequest({ request }) {
        accessToken ??= (await ask(setting)).access_token;
        request.headers.set("Authorization", `Bearer ${accessToken}`);
        return request;
      },
    });
    return async ({ method, path = "/", ...init }) =>
      (await client.request(method as "post", path, init)).response.status;
  },

  "simple-oauth2": ({ api, baseUrl, clientId, clientSecret }) => {
    const client = new ClientCredentials({
      client: { id: clientId, secret: clientSecret },
      auth: { tokenHost: baseUrl, tokenPath: "/oauth2/token" },
      options: { bodyFormat: "json", authorizationMethod: "body" },
    });
    let token: AccessToken | undefined;
    return async ({ path = "/", ...init }) => {
      if (!token || token.expired()) token = await client.getToken({ scope: SCOPE });
      const headers = { Authorization: `Bearer ${token.token["access_token"]}` };
      return (await fetch(`${api}${path}`, { ...init, headers })).status;
    };
  },

  "Azure's bearer policy": (setting) => {
    const credential = {
      async getToken() {
        const { access_token: token, expires_in } = await ask(setting);
        return { token, expiresOnTimestamp: Date.now() + expires_in * 1000 };
      },
    };
    const pipeline = createEmptyPipeline();
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: SCOPE }));
    // It rejects plain http, so the https URL is replaced when the request is sent.
    const httpClient: Parameters<typeof pipeline.sendRequest>[0] = {
      async sendRequest(request) {
        const { url, method, headers, body } = request;
        const init = { method, headers: headers.toJSON(), body: body as BodyInit };
        const response = await (setting.fetch ?? fetch)(`${setting.api}${new URL(url).pathname}`, init);
        return { request, status: response.status, headers: createHttpHeaders(Object.fromEntries(response.headers)) };
      },
    };
    return async ({ method, path = "/", headers = {}, body }) => {
      const options = {
        url: `https://api.test${path}`,
        method: method as "POST",
        headers: createHttpHeaders(headers),
        ...(body && { body: body as string }),
      };
      return (await pipeline.sendRequest(httpClient, createPipelineRequest(options))).status;
    };
  },
};

/** Requests a token, as users would write it by hand. */
export async function ask({
  baseUrl,
  clientId,
  clientSecret,
  fetch = globalThis.fetch,
}: Setting): Promise<{ access_token: string; expires_in: number }> {
  const answer = await fetch(`${baseUrl}/oauth2/token`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope: SCOPE,
    }),
  });
  if (!answer.ok) throw new Error(`the token endpoint answered ${answer.status}`);
  return answer.json();
}

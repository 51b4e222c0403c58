// A provider with Doorkeeper's manners, on a real socket of loopback, by a clock that the test may hold. Its endpoints are where the
// endpoint table has them, and where a server has them that nobody described: `/token`, `/introspect`, `/revoke`.

import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type HttpBindings, serve } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, type Handler, Hono } from "hono";
import type { Endpoint } from "../../src/token-request/endpoint.ts";
import { ENDPOINTS, tokenEndpointAt } from "./endpoints.ts";
import { SCOPE } from "./ours/facts.ts";

/** How the provider is set up; what is left out is as the real one's. */
export interface ProviderOptions {
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Seconds that a token lives. */
  readonly lifetime?: number;
  /** Answers a token request with the token that is alive already, and with the seconds that it has left. */
  readonly reuse?: boolean;
}

/** A running provider. */
export interface Provider {
  readonly baseUrl: string;
  /** What a client of it is created with. */
  readonly client: typeof CLIENT & ReturnType<typeof tokenEndpointAt>;
  /** How many token requests came. */
  readonly tokenRequests: number;
  /** Whether token requests are answered with a 503. */
  isDown: boolean;
  /** Answers the next token request with this instead, on the bare socket. */
  answerNext(fault: (response: ServerResponse) => void): void;
  close(): Promise<void>;
}

export const CLIENT = { clientId: "your-client-id", clientSecret: "your-client-secret" } as const;

/** Those that may read `/companies`. */
const COMPANY_SCOPES = [SCOPE, "enterprise.company"];
const SCOPES = [...COMPANY_SCOPES, "enterprise.organization", "public.shipment:read"];

const { tokenEndpoint, introspectionEndpoint, revocationEndpoint, tokenInfoEndpoint } = ENDPOINTS;
const GRANTS = ["client_credentials", tokenEndpoint?.fields["grant_type"]];

interface Issued {
  readonly value: string;
  readonly scope: string;
  readonly createdAtMs: number;
  revoked: boolean;
}

/** Starts a provider on a free port. */
export async function startProvider(options: ProviderOptions = {}): Promise<Provider> {
  const { now = Date.now, lifetime = 7200, reuse = false } = options;
  const issued: Issued[] = [];
  const faults: ((response: ServerResponse) => void)[] = [];
  let tokenRequests = 0;

  const expiresAtMs = (token: Issued) => token.createdAtMs + lifetime * 1000;
  // Rounded, as Doorkeeper does: half a second may be said too much.
  const left = (token: Issued, at: number) => Math.round((expiresAtMs(token) - at) / 1000);
  const isAlive = (token: Issued) => !token.revoked && now() < expiresAtMs(token);
  const bearerOf = (c: Context) => {
    const value = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    return issued.find((token) => token.value === value && isAlive(token));
  };
  const issue = (scope: string, at: number) => {
    const alive = reuse && issued.find((token) => token.scope === scope && isAlive(token));
    if (alive) return alive;
    const token = { value: `test_${randomBytes(32).toString("base64")}`, scope, createdAtMs: at, revoked: false };
    issued.push(token);
    return token;
  };

  const app = new Hono<{ Bindings: HttpBindings }>();
  const at = (endpoint: Endpoint | undefined, path: string, handler: Handler<{ Bindings: HttpBindings }>) => {
    if (endpoint) app.on(endpoint.method, endpoint.path.replaceAll(/\{(\w+)\}/g, ":$1"), handler);
    app.post(path, handler);
  };

  at(tokenEndpoint, "/token", async (c) => {
    tokenRequests += 1;
    const fault = faults.shift();
    if (fault) {
      await c.req.arrayBuffer();
      fault(c.env.outgoing);
      return RESPONSE_ALREADY_SENT;
    }
    if (provider.isDown) return c.body(null, 503);
    const request = await credentialsIn(c);
    if (request instanceof Response) return request;
    if (!request["grant_type"]) return refuse(c, 400, "invalid_request", "Missing required parameter.");
    if (!GRANTS.includes(request["grant_type"])) {
      return refuse(c, 400, "unsupported_grant_type", "The authorization grant type is not supported.");
    }
    const scope = request["scope"] ?? "";
    const unknown = scope.split(" ").some((name) => name !== "" && !SCOPES.includes(name));
    if (unknown) return refuse(c, 400, "invalid_scope", "The requested scope is invalid, unknown, or malformed.");
    const at = now();
    const token = issue(scope, at);
    c.header("Cache-Control", "no-store");
    return c.json({
      access_token: token.value,
      token_type: "Bearer",
      expires_in: left(token, at),
      ...(token.scope && { scope: token.scope }),
      created_at: toSeconds(token.createdAtMs),
    });
  });

  at(tokenInfoEndpoint, "/token/info", (c) => {
    const token = bearerOf(c);
    if (!token) return refuse(c, 401, "invalid_token", "The access token expired", { state: "unauthorized" });
    return c.json({
      resource_owner_id: null,
      scope: token.scope.split(" ").filter(Boolean),
      expires_in: left(token, now()),
      application: { uid: CLIENT.clientId },
      created_at: toSeconds(token.createdAtMs),
    });
  });

  at(introspectionEndpoint, "/introspect", async (c) => {
    const asker = bearerOf(c);
    const request = asker ? await fieldsIn(c) : await credentialsIn(c);
    const value = request instanceof Response ? undefined : request?.["token"];
    if (!value || asker?.value === value) return refuse(c, 401, "invalid_token", "The access token is invalid");
    const token = issued.find((one) => one.value === value && isAlive(one));
    if (!token) return c.json({ active: false });
    return c.json({
      active: true,
      scope: token.scope,
      client_id: CLIENT.clientId,
      token_type: "Bearer",
      exp: toSeconds(expiresAtMs(token)),
      iat: toSeconds(token.createdAtMs),
    });
  });

  at(revocationEndpoint, "/revoke", async (c) => {
    const request = await credentialsIn(c);
    if (request instanceof Response) return request;
    for (const token of issued) token.revoked ||= token.value === request["token"];
    return c.json({});
  });

  app.get("/companies", (c) => {
    const token = bearerOf(c);
    if (!token)
      return emptyHtml(
        c,
        401,
        'Bearer realm="Doorkeeper", error="invalid_token", error_description="The access token expired"',
      );
    if (!COMPANY_SCOPES.some((scope) => token.scope.split(" ").includes(scope))) return emptyHtml(c, 403);
    return c.json({ companies: [] });
  });

  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const starting = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(starting));
  });
  const { port } = server.address() as { port: number };
  const baseUrl = `http://127.0.0.1:${port}`;
  const provider: Provider = {
    isDown: false,
    baseUrl,
    client: { ...CLIENT, ...tokenEndpointAt(baseUrl) },
    get tokenRequests() {
      return tokenRequests;
    },
    answerNext: (fault) => void faults.push(fault),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
  return provider;
}

/** The body of a request that proves who the client is, by fields or a Basic header; or the error response. */
async function credentialsIn(c: Context): Promise<Record<string, string> | Response> {
  const body = await fieldsIn(c);
  if (!body) return emptyHtml(c, 400);
  const [, basic = ""] = /^Basic (.+)$/.exec(c.req.header("authorization") ?? "") ?? [];
  // Doorkeeper does not decode what is in the header.
  const [id, secret] = Buffer.from(basic, "base64").toString().split(":");
  const { client_id = id, client_secret = secret } = body;
  if (!client_id || !client_secret) return refuse(c, 400, "invalid_request", "Missing required parameter.");
  if (client_id !== CLIENT.clientId || client_secret !== CLIENT.clientSecret) {
    return refuse(c, 401, "invalid_client", "Client authentication failed.");
  }
  return body;
}

/** The fields of a body, JSON or a form. */
async function fieldsIn(c: Context): Promise<Record<string, string> | undefined> {
  const text = await c.req.text();
  const isForm = c.req.header("content-type")?.startsWith("application/x-www-form-urlencoded");
  return isForm ? Object.fromEntries(new URLSearchParams(text)) : parsed(text);
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

function refuse(c: Context, status: 400 | 401, error: string, description: string, more: object = {}): Response {
  c.header("WWW-Authenticate", `Bearer realm="Doorkeeper", error="${error}", error_description="${description}"`);
  return c.json({ error, error_description: description, ...more }, status);
}

function emptyHtml(c: Context, status: 400 | 401 | 403, challenge?: string): Response {
  if (challenge) c.header("WWW-Authenticate", challenge);
  return c.html("", status);
}

function parsed(text: string): Record<string, string> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

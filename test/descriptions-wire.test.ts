// The code generated from a description sends a real request to a server that enforces the description.

import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Ajv2020 } from "ajv/dist/2020.js";
import ts from "typescript";
import { afterEach, expect, test, vi } from "vitest";
import { mappingAt, parseDescription } from "../scripts/generate/read.ts";
import { asJsonSchema } from "./descriptions/bodies.ts";
import { prepared } from "./descriptions/prepared.ts";

// biome-ignore lint/suspicious/noExplicitAny: a description holds anything.
type Any = any;

const CLIENT = { clientId: "client", clientSecret: "s3cret/+" };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
  vi.doUnmock("../src/generated/endpoints.ts");
  vi.resetModules();
});

/** A server with the token endpoint of a description. It rejects requests that differ from the description. */
async function serve(document: Any, success: object) {
  const [[path, item]] = Object.entries<Any>(document.paths).filter(([, { post }]) => isToken(post)) as [[string, Any]];
  const { requestBody, responses, security = document.security ?? [] } = item.post;
  const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`);
  const schemes = security.flatMap(Object.keys).map((name: string) => document.components.securitySchemes[name]);
  const isBasic = schemes.some(({ type, scheme }: Any) => type === "http" && scheme.toLowerCase() === "basic");
  const violations: string[] = [];
  const server = createServer(async (request, response) => {
    const [mediaType = "", body] = await bodyOf(request);
    const content = requestBody.content[mediaType];
    const validate = content && new Ajv2020({ strict: false, coerceTypes: true, validateFormats: false });
    const schema = { ...content?.schema, components: document.components };
    const basic = `Basic ${btoa(`${CLIENT.clientId}:${encodeURIComponent(CLIENT.clientSecret)}`)}`;
    const isClient = isBasic
      ? request.headers.authorization === basic
      : body.client_id === CLIENT.clientId && body.client_secret === CLIENT.clientSecret;
    if (request.method !== "POST" || !pattern.test(request.url ?? ""))
      violations.push(`${request.method} ${request.url}`);
    if (!content) violations.push(`the media type ${mediaType}`);
    else if (!validate.validate(asJsonSchema(schema), body)) violations.push(validate.errorsText());
    if (!isClient) violations.push("the client");
    response.writeHead(violations.length > 0 ? 400 : Number(Object.keys(responses)[0]), {
      "Content-Type": "application/json",
    });
    response.end(JSON.stringify(violations.length > 0 ? { error: "invalid_request" } : success));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, path, violations };
}

function isToken(operation: Any): boolean {
  return operation?.["x-oauth2-endpoint"] === "token";
}

async function bodyOf(request: IncomingMessage): Promise<[mediaType: string | undefined, body: Any]> {
  let text = "";
  for await (const chunk of request) text += chunk;
  const mediaType = request.headers["content-type"]?.split(";")[0];
  return [mediaType, /json/.test(mediaType ?? "") ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text))];
}

/** The functions of the package, with the endpoint table that is generated from a description. */
async function callsOf(name: string) {
  const { fragment, outputs } = await prepared(name);
  const table = ts.transpile(outputs.get("src/generated/endpoints.ts") ?? "", { module: ts.ModuleKind.ESNext });
  const endpoints = await import(`data:text/javascript,${encodeURIComponent(table)}`);
  vi.doMock("../src/generated/endpoints.ts", () => ({ ...endpoints }));
  const document = parseDescription(fragment, "openapi.yaml").value;
  return { document, endpoints, ...(await import("../src/token-request/token-request.ts")) };
}

test.each<[manner: string, name: string, success: object, params?: object]>([
  ["a form and Basic", "ups-client-credentials", { access_token: "t", expires_in: "14399", token_type: "Bearer" }],
  ["a form and the secret in it", "amadeus", { access_token: "t", expires_in: 1799, state: "approved" }],
  ["JSON", "auth0", { access_token: "t", expires_in: 60, token_type: "Bearer" }, { audience: "https://api.test" }],
  ["JSON of a vendor", "github", { access_token: "t", expires_at: "2026-01-01T00:00:00Z" }],
])("by %s a token is requested as the description `%s` says", async (_, name, success, params = {}) => {
  const { document, requestToken } = await callsOf(name);
  const { origin, violations } = await serve(document, success);
  const token = await requestToken({ baseUrl: origin, ...CLIENT, params, scope: "" } as Any);
  expect([token.value, violations]).toEqual(["t", []]);
  // Proof that the server enforces the description.
  const wrong = { baseUrl: origin, ...CLIENT, clientSecret: "wrong", params, scope: "" } as Any;
  await expect(requestToken(wrong)).rejects.toMatchObject({ status: 400 });
  expect(violations).toEqual(["the client"]);
});

test("for a path with parameters, `tokenUrl` replaces `baseUrl`, as the error says", async () => {
  const { document, endpoints, requestToken } = await callsOf("keycloak");
  const { origin, path, violations } = await serve(document, { access_token: "t", "not-before-policy": 0 });
  await expect(requestToken({ baseUrl: origin, ...CLIENT, scope: "" } as Any)).rejects.toThrow(
    "use `tokenUrl` instead",
  );
  const { clientAuthentication } = endpoints.tokenEndpoint;
  const tokenUrl = origin + path.replace("{realm}", "main");
  expect((await requestToken({ tokenUrl, ...CLIENT, clientAuthentication })).value).toBe("t");
  expect(violations).toEqual([]);
  expect(mappingAt(document, "paths", path, "post")["requestBody"]).toBeDefined();
});

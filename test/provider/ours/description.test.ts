// `openapi.yaml` repeats the provider's description of `/oauth2/*` word for word, as other SDKs do. It may contain more than is listed
// here: an addition upstream requires no hand-written line.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { main } from "../../../scripts/generate.ts";

// biome-ignore lint/suspicious/noExplicitAny: a YAML file holds anything, and `toEqual` says what.
const description: any = parse(readFileSync("openapi.yaml", "utf8"));
const { schemas, securitySchemes, responses } = description.components;
const SCOPES =
  "OAuth 2 Scopes separated by space. All Enterprise and Public API scopes are supported, but they must be allowed on the Enterprise API Client Application on the Dashboard.";

test("the description is the Easyship Enterprise API's, in OpenAPI 3.0.3", () => {
  expect(description).toMatchObject({
    openapi: "3.0.3",
    info: {
      title: "Easyship Enterprise API",
      version: "2023-09",
      description: "Easyship Enterprise API",
      termsOfService: "https://www.easyship.com/legal/terms/overview",
      contact: { name: "Easyship Support", url: "https://www.easyship.com/contact" },
    },
    externalDocs: { description: "Find out more about Easyship API", url: "https://developers.easyship.com/" },
    servers: [{ url: "https://enterprise-api.easyship.com", description: "Production" }],
    tags: [{ name: "Authorization", description: "OAuth 2 API" }],
  });
});

test.each([
  ["post", "/oauth2/token", "retrieveToken", "Retrieve an Access Token", "Access Token", "OAuth2TokenResponse"],
  [
    "get",
    "/oauth2/token/info",
    "retrieveInfo",
    "Retrieve info for the Access Token",
    "Access Token Info",
    "OAuth2TokenInfo",
  ],
  [
    "post",
    "/oauth2/introspect",
    "introspectToken",
    "Introspect an Access Token",
    "Access Token Introspect",
    "OAuth2IntrospectResponse",
  ],
  [
    "post",
    "/oauth2/revoke",
    "revokeToken",
    "Revoke an Access Token",
    "Revoke Access Token",
    "RevokeAccessTokenResponse",
  ],
])("%s %s is as published", (method, path, operationId, summary, response, schema) => {
  const operation = description.paths[path][method];
  expect(operation).toMatchObject({ operationId, summary, tags: ["Authorization"] });
  expect(operation.responses["200"]).toEqual({
    description: response,
    content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } },
  });
});

test("each operation has one role, which our overlay adds", () => {
  const roles = Object.entries<Record<string, Record<string, unknown>>>(description.paths).flatMap(([path, item]) =>
    Object.values(item).map((operation) => [operation["x-oauth2-endpoint"], path]),
  );
  expect(Object.fromEntries(roles)).toMatchObject({
    token: "/oauth2/token",
    introspection: "/oauth2/introspect",
    revocation: "/oauth2/revoke",
    "token-info": "/oauth2/token/info",
  });
});

test.each([
  ["access_token", { type: "string", description: "OAuth 2 Access Token" }],
  ["created_at", { type: "integer", description: "OAuth 2 Access Token Creation Time" }],
  ["expires_in", { type: "integer", description: "OAuth 2 Access Token Expiration Time in Seconds" }],
  ["scope", { type: "string", description: SCOPES }],
  ["token_type", { type: "string", enum: ["Bearer"], description: "OAuth 2 Token Type" }],
])("OAuth2TokenResponse.%s is as published, and optional", (field, schema) => {
  const { type, description, additionalProperties, required = [], properties } = schemas.OAuth2TokenResponse;
  expect({ type, description, additionalProperties }).toEqual({
    type: "object",
    description: "OAuth 2 Token Response",
    additionalProperties: false,
  });
  expect(properties[field]).toEqual(schema);
  expect(required).not.toContain(field);
});

test.each([
  [
    "OAuth2ClientCredentialsRequest",
    "OAuth 2 Client Credentials Request",
    ["grant_type", "client_id", "client_secret", "scope"],
  ],
  ["OAuth2TokenRevokeRequest", "OAuth 2 Token Revoke Request", ["grant_type", "client_id", "client_secret", "token"]],
])("%s requires all its fields", (name, text, fields) => {
  expect(schemas[name].description).toBe(text);
  expect(schemas[name].required).toEqual(fields);
  expect(Object.keys(schemas[name].properties)).toEqual(fields);
  expect(schemas[name].properties.grant_type).toEqual({
    type: "string",
    description: "OAuth 2 Grant Type",
    enum: ["client_credentials"],
  });
  expect(schemas[name].properties.client_id.description).toBe("OAuth 2 Client ID");
  expect(schemas[name].properties.client_secret.description).toBe("OAuth 2 Client Secret");
});

test.each([
  ["OAuth2TokenInfo", "OAuth 2 Token Info", ["resource_owner_id", "scope", "expires_in", "application", "created_at"]],
  ["OAuth2IntrospectRequest", "OAuth 2 Introspect Request", ["token"]],
  [
    "OAuth2IntrospectResponse",
    "OAuth 2 Introspect Response",
    ["active", "scope", "client_id", "token_type", "iat", "exp", "easyship_company_id"],
  ],
])("%s has its fields, all optional", (name, text, fields) => {
  expect(schemas[name]).toMatchObject({ type: "object", description: text, additionalProperties: false });
  expect(schemas[name].required).toBeUndefined();
  expect(Object.keys(schemas[name].properties)).toEqual(expect.arrayContaining(fields));
});

test("the owner of a token may be null", () => {
  expect(schemas.OAuth2TokenInfo.properties.resource_owner_id).toEqual({
    type: "string",
    nullable: true,
    description: "OAuth 2 Resource Owner ID. Always `null` when using `client_credentials` grant type.",
  });
});

test("the scopes are those of the client credentials flow, each with its description", () => {
  const { tokenUrl, scopes } = securitySchemes.OAuth2.flows.clientCredentials;
  expect(tokenUrl).toBe("https://enterprise-api.easyship.com/oauth2/token");
  const names = Object.entries({
    address: "Addresses",
    address_validation: "Address Validations",
    asset: "Assets",
    batch: "Batches",
    box: "Boxes",
    company: "Companies",
    courier: "Couriers",
    courier_account: "Courier Accounts",
    credit: "Credits",
    custom_markup_rate: "Custom Markup Rates",
    hs_code: "Hs Codes",
    label: "Labels",
    location: "Locations",
    manifest: "Manifests",
    pickup: "Pickups",
    product: "Products",
    rate: "Rates",
    reference: "References",
    settings: "Settings",
    shipment: "Shipments",
    shipping_rule: "Shipping Rules",
    store: "Stores",
    tag: "Tags",
    tax_and_duty: "Tax And Duties",
    track: "Tracks",
    track_3p: "Track 3ps",
    transaction_record: "Transaction Records",
    webhook: "Webhooks",
  });
  expect(scopes).toMatchObject({
    ...Object.fromEntries(names.map(([scope, name]) => [scope, `${name} API (Public API)`])),
    "enterprise.company": "Companies API (Enterprise API)",
    "enterprise.organization": "Organizations API (Enterprise API)",
    "enterprise.child_companies_access":
      "Allow accessing child companies under the Public API using X_EASYSHIP_COMPANY_ID header (Enterprise API)",
  });
});

test("the examples are those of the provider", () => {
  expect(schemas.OAuth2TokenResponse.example).toEqual({
    access_token: "test_Bwv0LTQXA4/SfloRI3HmkJ0a05Lj8FX+V5hDyWC7Gr0=",
    token_type: "Bearer",
    expires_in: 7200,
    scope: "enterprise.organization",
    created_at: 1645532460,
  });
  expect(schemas.OAuth2TokenInfo.example).toEqual({
    resource_owner_id: null,
    scope: ["enterprise.organization"],
    expires_in: 1645539660,
    application: { uid: "28P8K2PSAsVyugLBKIY1neZXYulpHElHVAAmOrJ9Pds" },
    created_at: 1645532460,
  });
  expect(schemas.OAuth2IntrospectResponse.example).toMatchObject({ active: true, exp: 3291072120, iat: 1645532460 });
});

test("the description breaks no rule of the linter", async () => {
  let printed = "";
  const print = (text: string) => (printed += text);
  expect(await main(["--check"], ".", { out: print, err: print })).toBe(0);
  expect(printed).toBe("generate: up to date.\n");
});

test("no schema refers to a property of another schema, which would lose its description", () => {
  expect(JSON.stringify(description)).not.toMatch(/"#\/components\/schemas\/[^"]*\//);
});

test("responses that the provider does not document are marked as ours", () => {
  const errors = Object.values<object>(description.paths)
    .flatMap((path) => Object.values(path))
    .flatMap((operation) => Object.entries(operation.responses))
    .filter(([status]) => status !== "200");
  expect(errors.length).toBeGreaterThan(0);
  for (const [, response] of errors) expect(response).toEqual({ $ref: "#/components/responses/OAuth2Error" });
  expect(responses.OAuth2Error["x-origin"]).toBe("oauth2-token-response");
  expect(schemas.OAuth2ErrorResponse["x-origin"]).toBe("oauth2-token-response");
});

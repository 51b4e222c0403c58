// Roles are detected only if no operation has one, and the printed lines name the same operations.

import { jsonpath } from "json-p3";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { detectRoles } from "../../scripts/update-spec/detect.ts";

const form = (...fields: string[]) => ({
  requestBody: {
    content: {
      "application/x-www-form-urlencoded": {
        schema: { properties: Object.fromEntries(fields.map((field) => [field, { type: "string" }])) },
      },
    },
  },
});
const json = (...fields: string[]) => {
  const { schema } = form(...fields).requestBody.content["application/x-www-form-urlencoded"];
  return { requestBody: { content: { "application/json": { schema } } } };
};
const tokenUrl = (url: string) => ({
  securitySchemes: { OAuth: { type: "oauth2", flows: { clientCredentials: { tokenUrl: url } } } },
});

const NO_FLOWS = { securitySchemes: { a: { type: "oauth2", flows: { implicit: null } }, b: null } };

/** The detected roles, as the printed lines say them. */
function rolesIn(paths: object, components: object = {}): Record<string, string> {
  const document = structuredClone({ paths, components }) as Record<string, unknown>;
  const lines = parse(detectRoles(document)) ?? [];
  return Object.fromEntries(
    lines.map(({ target, update }: { target: string; update: Record<string, string> }) => {
      const [node, ...others] = jsonpath.query(target, document as never);
      expect(others).toEqual([]);
      expect(node?.value).toMatchObject(update);
      return [update["x-oauth2-endpoint"], node?.location.slice(-2).join(" ")];
    }),
  );
}

describe("the token endpoint is", () => {
  test.each<[string, object, object, string | undefined]>([
    ["what asks for a grant_type", { "/a": { post: form("grant_type") } }, {}, "/a post"],
    ["what asks for it in the query", { "/a": { post: { parameters: [{ name: "grant_type" }] } } }, {}, "/a post"],
    ["what a security scheme names", { "/v1/a": { post: {} } }, tokenUrl("https://id.test/api/v1/a"), "/v1/a post"],
    ["what it names without an origin", { "/a": { post: {} } }, tokenUrl("/a/"), "/a post"],
    ["what is called so, in the right place", { "/oauth/token": { post: {} } }, {}, "/oauth/token post"],
    ["not what is called so elsewhere", { "/devices/token": { post: {} } }, {}, undefined],
    ["not what is called so, but takes other fields", { "/auth/token": { post: form("parameters") } }, {}, undefined],
    ["not what is read", { "/oauth/token": { get: form("grant_type") } }, {}, undefined],
    [
      "the better one of two",
      { "/oauth/refresh": { post: form("grant_type") }, "/oauth/token": { post: form("grant_type") } },
      {},
      "/oauth/token post",
    ],
    [
      "the shorter path of two similar ones",
      { "/token#refresh": { post: form("grant_type") }, "/token": { post: form("grant_type") } },
      {},
      "/token post",
    ],
    ["not one of an OAuth 2 path that is only named like it", { "/oauth/tokens": { post: {} } }, {}, undefined],
    ["what is called access_token", { "/oauth/access_token": { post: {} } }, {}, "/oauth/access_token post"],
    ["what is called access-token", { "/openid/access-token": { post: {} } }, {}, "/openid/access-token post"],
    ["what is called accesstoken", { "/connect/accesstoken": { post: {} } }, {}, "/connect/accesstoken post"],
    ["what is called so below auth", { "/auth/token": { post: {} } }, {}, "/auth/token post"],
    ["what is at the root, if it asks for a grant_type", { "/": { post: form("grant_type") } }, {}, "/ post"],
    ["not what is at the root, though a URL ends so", { "/": { post: {} } }, tokenUrl("https://id.test/a/"), undefined],
    ["not any path if a scheme has no URL", { "/a": { post: {} } }, tokenUrl("not a URL: http://"), undefined],
    ["what a scheme without flows does not hide", { "/oauth/token": { post: {} } }, NO_FLOWS, "/oauth/token post"],
    [
      "the one with an OAuth 2 path, if another has the same fields",
      {
        "/v1/token": { post: form("grant_type", "client_id") },
        "/v1/o/oauth2/token": { post: form("grant_type", "client_id") },
      },
      {},
      "/v1/o/oauth2/token post",
    ],
    [
      "the `tokenUrl` of a security scheme, whatever other paths are called",
      {
        "/v1/o/oauth2/token": { post: form("grant_type") },
        "/v1/token": { post: form("grant_type") },
      },
      tokenUrl("https://iam.test/v1/token"),
      "/v1/token post",
    ],
    ["one whose path has a backslash", { "/a\\b/token": { post: form("grant_type") } }, {}, "/a\\b/token post"],
    [
      "the one with the shorter path of two that are as likely",
      { "/second/token": { post: form("grant_type") }, "/a/token": { post: form("grant_type") } },
      {},
      "/a/token post",
    ],
    [
      "one that stands among the components",
      { "/t": { $ref: "#/components/pathItems/token-item" } },
      { pathItems: { "token-item": { post: form("grant_type") } } },
      "token-item post",
    ],
    ["one whose path has a quote", { "/user's/token": { post: form("grant_type") } }, {}, "/user's/token post"],
  ])("%s", (_, paths, components, expected) => {
    expect(rolesIn(paths, components)["token"]).toBe(expected);
  });
});

test("a path parameter is not a field, and another parameter of the path item is a field of its operations", () => {
  const path = { parameters: [{ name: "realm", in: "path" }] };
  expect(rolesIn({ "/{realm}/tokeninfo": { ...path, get: {} } })).toEqual({ "token-info": "/{realm}/tokeninfo get" });
  const query = { parameters: [{ name: "grant_type", in: "query" }] };
  expect(rolesIn({ "/a": { ...query, post: {} } })).toEqual({ token: "/a post" });
});

test("each detected role is printed on one line, however long, and nothing is printed if none is detected", () => {
  const path = `/${"a b ".repeat(50)}/oauth/token`;
  expect(detectRoles({ paths: { [path]: { post: {} } } })).toBe(
    `- target: $.paths['${path}'].post\n  update:\n    x-oauth2-endpoint: token\n`,
  );
  expect(detectRoles({ paths: { "/a": { post: {} } } })).toBe("");
});

test("introspection and revocation have the field token, and token info has no fields", () => {
  const paths = {
    "/introspect": { post: form("token"), get: form("token") },
    "/revoke": { post: form("token") },
    "/token/info": { get: {} },
  };
  expect(rolesIn(paths)).toEqual({
    introspection: "/introspect post",
    revocation: "/revoke post",
    "token-info": "/token/info get",
  });
  expect(
    rolesIn({
      "/introspect": { post: form("id") },
      "/revoke": { post: form("access_token") },
      "/token/info": { get: { parameters: [{ name: "token", in: "query" }] } },
      "/tokens/{token}/info": { get: { parameters: [{ name: "token", in: "path" }] } },
      "/revocation": { get: form("token") },
      "/tokeninfo": { post: {} },
      "/introspect/all": { post: form("token") },
      "/revoke/all": { post: form("token") },
      "/token/info/all": { get: {} },
      "/other": { post: form("token"), get: {} },
    }),
  ).toEqual({});
});

test("an operation with which others implement OAuth 2, and which receives their requests, is not a token endpoint", () => {
  const paths = {
    "/api/auth/token": { post: json("parameters", "clientId", "clientSecret") },
    "/api/auth/token/issue": { post: json("ticket", "subject") },
    "/api/auth/introspection": { post: json("token", "scopes", "subject") },
    "/api/auth/introspection/standard": { post: json("parameters") },
    "/api/auth/revocation": { post: json("parameters", "clientId") },
  };
  expect(rolesIn(paths)).toEqual({ introspection: "/api/auth/introspection post" });
});

test("nothing is detected if an operation has a role already", () => {
  const paths = { "/a": { post: { "x-oauth2-endpoint": "revocation" } }, "/oauth/token": { post: form("grant_type") } };
  expect(rolesIn(paths)).toEqual({});
});

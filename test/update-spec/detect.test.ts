// Roles are detected only if nothing names one, and the lines that are printed name the same operations.

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
const tokenUrl = (url: string) => ({
  securitySchemes: { OAuth: { type: "oauth2", flows: { clientCredentials: { tokenUrl: url } } } },
});

/** The detected roles, as the printed lines say them. */
function rolesIn(paths: object, components: object = {}): Record<string, string> {
  const document = { paths: structuredClone(paths), components } as Record<string, unknown>;
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
      "the shorter one of two that are alike",
      { "/token#refresh": { post: form("grant_type") }, "/token": { post: form("grant_type") } },
      {},
      "/token post",
    ],
    ["one whose path has a quote", { "/user's/token": { post: form("grant_type") } }, {}, "/user's/token post"],
  ])("%s", (_, paths, components, expected) => {
    expect(rolesIn(paths, components)["token"]).toBe(expected);
  });
});

test("introspection and revocation take a token, and token info takes nothing", () => {
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
    }),
  ).toEqual({});
});

test("nothing is detected if an operation has a role already", () => {
  const paths = { "/a": { post: { "x-oauth2-endpoint": "revocation" } }, "/oauth/token": { post: form("grant_type") } };
  expect(rolesIn(paths)).toEqual({});
});

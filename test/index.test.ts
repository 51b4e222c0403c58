import { readFileSync } from "node:fs";
import * as surface from "oauth2-token-response";
import * as expiry from "oauth2-token-response/expiry";
import * as redis from "oauth2-token-response/redis";
import * as testing from "oauth2-token-response/testing";
import { expect, test } from "vitest";
import * as generated from "../src/generated/schemas.ts";

const HELPERS = ["expiresAt", "expiresIn", "isExpired"];

test("the public surface is this, and what is generated", () => {
  const calls = ["introspectToken", "requestToken", "revokeToken", "tokenInfo"];
  const sources = ["createTokenSource", "bearer", "bearerFetch", "ReplayableRequest", "memoryStore"];
  const classes = ["AccessToken", "TokenRequestError", "TokenResponseError", "TokenTimeoutError"];
  const own = [...classes, ...calls, ...sources, ...HELPERS];
  expect(Object.keys(surface).sort()).toEqual([...own, ...Object.keys(generated)].sort());
});

test.each([
  ["/expiry", expiry, HELPERS],
  ["/redis", redis, ["redisStore"]],
  ["/testing", testing, ["testTokenStore"]],
])("the sub-path `%s` holds this alone", (_, room, names) => {
  expect(Object.keys(room).sort()).toEqual(names);
});

test("no generated name is hidden by one of ours: TypeScript would not say so", () => {
  const own = [...readFileSync("src/index.ts", "utf8").matchAll(/\b(\w+)(?=,| \})/g)].map(([name]) => name);
  const emitted = [...readFileSync("src/generated/schemas.ts", "utf8").matchAll(/^export \w+ (\w+)/gm)];
  expect(own).toContain("AccessToken");
  expect(emitted.map(([, name]) => name)).toContain("OAuth2TokenResponse");
  expect(emitted.filter(([, name = ""]) => own.includes(name))).toEqual([]);
});

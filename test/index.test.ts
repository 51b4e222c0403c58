import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as surface from "oauth2-token-response";
import * as expiry from "oauth2-token-response/expiry";
import * as openapiFetch from "oauth2-token-response/openapi-fetch";
import * as redis from "oauth2-token-response/redis";
import * as testing from "oauth2-token-response/testing";
import { expect, test } from "vitest";
import * as generated from "../src/generated/types.ts";

const API = readFileSync("docs/api.md", "utf8");
const HELPERS = ["expiresAt", "isExpired", "remainingSeconds"];

test("the main entry point exports these names and the generated ones", () => {
  const calls = ["getTokenInfo", "introspectToken", "requestToken", "revokeToken"];
  const sources = ["createTokenSource", "bearerFetch", "ReplayableRequest", "memoryStore", "share"];
  const classes = ["AccessToken", "TokenRequestError", "TokenResponseError", "TokenTimeoutError"];
  const own = [...classes, ...calls, ...sources, ...HELPERS];
  expect(Object.keys(surface).sort()).toEqual([...own, ...Object.keys(generated)].sort());
});

test.each([
  ["/expiry", HELPERS, expiry],
  ["/openapi-fetch", ["ReplayableRequest", "bearerMiddleware"], openapiFetch],
  ["/redis", ["redisStore"], redis],
  ["/testing", ["testTokenStore"], testing],
])("the entry point `%s` exports only %j", (_, names, entryPoint) => {
  expect(Object.keys(entryPoint).sort()).toEqual(names);
});

test("no generated name equals one of ours, which would hide it without a type error", () => {
  const own = [...readFileSync("src/index.ts", "utf8").matchAll(/\b(\w+)(?=,| \})/g)].map(([name]) => name);
  const emitted = [...readFileSync("src/generated/types.ts", "utf8").matchAll(/^export \w+ (\w+)/gm)];
  expect(own).toContain("AccessToken");
  expect(emitted.map(([, name]) => name)).toEqual(expect.arrayContaining(Object.keys(generated)));
  expect(emitted.filter(([, name = ""]) => own.includes(name))).toEqual([]);
});

test("`docs/api.md` mentions every exported name and every option", () => {
  const names = [surface, openapiFetch, redis, testing]
    .flatMap((entryPoint) => Object.keys(entryPoint))
    .filter((name) => !(name in generated));
  const index = readFileSync("src/index.ts", "utf8");
  const options = readdirSync("src", { encoding: "utf8", recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => readFileSync(join("src", file), "utf8").split("export interface ").slice(1))
    .filter(
      (text) => /^\w+Options/.test(text) && (index.includes(text.split(" ")[0] ?? "") || text.startsWith("Redis")),
    )
    .flatMap((text) =>
      [...(text.split("\n}")[0] ?? "").matchAll(/^ {2}readonly (\w+)/gm)].map(([, name = ""]) => name),
    );
  expect(options).toContain("refreshWindowMs");
  const isMentioned = (name: string) => new RegExp(`\\b${name}\\b`).test(API);
  expect([...names, ...options].filter((name) => !isMentioned(name))).toEqual([]);
});

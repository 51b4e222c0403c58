// The examples of the docstrings compile, as whoever copies one expects.

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { afterEach, expect, test } from "vitest";

/** What the examples take for granted. */
const PREAMBLE = `
import * as surface from "oauth2-token-response";
import { bearerMiddleware } from "oauth2-token-response/openapi-fetch";
import { redisStore } from "oauth2-token-response/redis";
import { testTokenStore } from "oauth2-token-response/testing";
import createClient from "openapi-fetch";
import { createClient as createRedisClient } from "redis";
import { test } from "vitest";
import type { paths, TokenEvent, TokenStore } from "oauth2-token-response";
const { AccessToken, bearerFetch, createTokenSource, expiresAt, getTokenInfo, introspectToken, isExpired, memoryStore, remainingSeconds, share } = surface;
const { ReplayableRequest, requestToken, revokeToken, TokenRequestError, TokenResponseError, TokenTimeoutError } = surface;
declare const baseUrl: string, clientId: string, clientSecret: string, url: string, error: unknown, response: Response;
declare const accessToken: surface.AccessToken, requestedAt: Date, tokens: surface.TokenSource;
declare const options: surface.TokenRequestOptions, database: unknown, myStore: (database: unknown) => TokenStore;
declare let token: surface.AccessToken;
`;
const FILE = "test/.docstrings.ts";
afterEach(() => rmSync(FILE, { force: true }));

test("every example compiles", () => {
  const files = readdirSync("src", { encoding: "utf8", recursive: true }).filter((name) => name.endsWith(".ts"));
  const text = files.map((name) => readFileSync(`src/${name}`, "utf8")).join("\n");
  const examples = [...text.matchAll(/@example\n((?: +\* .*\n)+)/g)].map(([, lines = ""]) =>
    lines.replaceAll(/^ +\* /gm, ""),
  );
  expect(examples.length).toBeGreaterThan(20);
  writeFileSync(FILE, PREAMBLE + examples.map((code) => `{\n${code}}\n`).join(""));
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ".");
  const program = ts.createProgram([FILE], { ...options, noUnusedLocals: false });
  const messages = ts.getPreEmitDiagnostics(program).map(({ messageText, start = 0, file }) => {
    const line = file?.text.slice(0, start).split("\n").length ?? 0;
    return `${file?.text.split("\n")[line - 1]}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
  expect(messages).toEqual([]);
});

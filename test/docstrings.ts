// The examples in docstrings, as programs.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Snippet } from "./snippets.ts";

/** Names that the examples use without declaring them. */
const PREAMBLE = `
import * as surface from "oauth2-token-response";
import { redisStore } from "oauth2-token-response/redis";
import { testTokenStore } from "oauth2-token-response/testing";
import createClient from "openapi-fetch";
import { createClient as createRedisClient } from "redis";
import { test } from "vitest";
import { bearerMiddleware } from "oauth2-token-response/openapi-fetch";
import type { paths, TokenEvent, TokenStore } from "oauth2-token-response";
const { AccessToken, bearerFetch, createTokenSource, expiresAt, getTokenInfo, introspectToken, isExpired, memoryStore, remainingSeconds, share } = surface;
const { ReplayableRequest, requestToken, revokeToken, TokenRequestError, TokenResponseError, TokenTimeoutError } = surface;
declare const baseUrl: string, clientId: string, clientSecret: string, url: string, error: unknown, response: Response;
declare const accessToken: surface.AccessToken, requestedAt: Date, tokens: surface.TokenSource;
declare const options: surface.ProviderGrantOptions, database: unknown, myStore: (database: unknown) => TokenStore;
declare let token: surface.AccessToken;
`;

/** One program for each file of `src` that has examples. Each example is a block in it. */
export function docstringPrograms(): Snippet[] {
  return readdirSync("src", { recursive: true, encoding: "utf8" }).flatMap((file) => {
    if (!file.endsWith(".ts")) return [];
    const text = readFileSync(join("src", file), "utf8");
    const examples = [...text.matchAll(/@example\n((?: +\* .*\n)+)/g)].map(([, lines = ""]) =>
      lines.replaceAll(/^ +\* /gm, ""),
    );
    if (examples.length === 0) return [];
    return [{ name: join("src", file).replaceAll(/[\\/]/g, "-"), code: PREAMBLE + examples.map(blockOf).join("") }];
  });
}

function blockOf(code: string): string {
  return `{\n${code}}\n`;
}

/** @jest-environment jsdom */
// Jest's jsdom has neither `fetch` nor `Request` nor `Response`: all entry points load, and a mock of `fetch` receives the token.

import { bearerFetch, createTokenSource } from "oauth2-token-response";
import { bearerMiddleware } from "oauth2-token-response/openapi-fetch";
import { redisStore } from "oauth2-token-response/redis";
import { upload } from "./calls.js";

const servers = ["https://login.example.com/token", "https://api.example.com"];

test("a call is replayed after a 401", async () => {
  expect(globalThis).not.toHaveProperty("Request");
  expect([bearerMiddleware, redisStore].map((imported) => typeof imported)).toEqual(["function", "function"]);
  const sent = [];
  let issued = 0;
  globalThis.fetch = async (url, { headers, body }) => {
    const isToken = url === servers[0];
    if (!isToken) sent.push([new Headers(headers).get("authorization"), body]);
    const json = isToken ? { access_token: `token-${++issued}`, expires_in: 60 } : {};
    const status = !isToken && sent.length === 1 ? 401 : 200;
    return { ok: status === 200, status, headers: new Headers(), text: async () => JSON.stringify(json) };
  };
  await expect(upload({ bearerFetch, createTokenSource }, servers)).resolves.toBe(200);
  expect(sent).toEqual([
    ["Bearer token-1", "the whole body"],
    ["Bearer token-2", "the whole body"],
  ]);
});

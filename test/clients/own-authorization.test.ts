// SDKs that set an Authorization header themselves: with and without the line that `docs/works-with.md` shows.

import { Octokit } from "@octokit/core";
import { bearerFetch, type TokenEvent } from "oauth2-token-response";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { api } from "./fixtures/server.ts";
import { apiUrl, tokens } from "./tokens.ts";

test.each([
  [
    "the OpenAI SDK",
    "Bearer unused",
    (fetch: typeof globalThis.fetch) =>
      new OpenAI({ baseURL: `${apiUrl}/v1`, fetch, apiKey: "unused" }).responses.create({ model: "any", input: "" }),
  ],
  [
    "Octokit",
    "token unused",
    (fetch: typeof globalThis.fetch) =>
      new Octokit({ baseUrl: apiUrl, request: { fetch }, auth: "unused" }).request("POST /companies"),
  ],
])("%s sends a key of its own if it has one, and `skipped` reports that", async (_, authorization, call) => {
  const events: TokenEvent[] = [];
  api.arrivals.length = 0;
  await expect(
    call(bearerFetch(tokens, { origins: [apiUrl], onEvent: (event) => events.push(event) })),
  ).rejects.toMatchObject({ status: 401 });
  expect(api.arrivals).toMatchObject([{ status: 401, authorization }]);
  expect(events).toMatchObject([{ type: "skipped", reason: "authorization" }]);
});

test("the Anthropic SDK sends a token, and not the key in the environment", async () => {
  process.env["ANTHROPIC_API_KEY"] = "from-the-environment";
  process.env["ANTHROPIC_AUTH_TOKEN"] = "from-the-environment";
  const { client } = await import("./anthropic.ts");
  api.arrivals.length = 0;
  await client.messages.create({ model: "any", max_tokens: 1, messages: [{ role: "user", content: "a" }] });
  const { authorization } = await tokens.get();
  expect(api.arrivals).toMatchObject([{ status: 200, authorization, apiKey: null }]);
});

// The rows of `docs/works-with.md`. Each imports the file that the page shows.

import { gql } from "@apollo/client";
import { describe, test } from "vitest";
import { client as anthropic } from "./anthropic.ts";
import { client as apollo } from "./apollo.ts";
import { client as axios } from "./axios.ts";
import { client as connect } from "./connect-web.ts";
import { introspectToken } from "./generated/hey-api/index.ts";
import { introspectToken as orvalIntrospectToken } from "./generated/orval.ts";
import { client as got } from "./got.ts";
import { client as graphqlRequest } from "./graphql-request.ts";
import "./hey-api.ts";
import { client as ky } from "./ky.ts";
import { client as mcp } from "./mcp.ts";
import { client as mcp1 } from "./mcp-1.ts";
import { octokit } from "./octokit.ts";
import { client as ofetch } from "./ofetch.ts";
import { client as openai } from "./openai.ts";
import { client as openapiFetch } from "./openapi-fetch.ts";
import { createCompany } from "./plain-fetch.ts";
import { type CreateCompany, expectReplay } from "./row.ts";
import { apiUrl } from "./tokens.ts";
import { client as trpc } from "./trpc.ts";
import { api as undici } from "./undici.ts";

const MUTATION = "mutation ($name: String!) { createCompany(name: $name) { name } }";
const textOf = (result: object) => (result as { content: { text: string }[] }).content[0]?.text;

/** The API's answer to a token to introspect repeats it, for clients that are generated from our own description. */
const ROWS: Record<string, CreateCompany> = {
  "plain fetch": async (name) => (await (await createCompany({ name })).json()).name,
  "openapi-fetch": async (token) =>
    (await openapiFetch.POST("/oauth2/introspect", { body: { token } })).data?.client_id,
  ky: async (name) => (await ky.post("companies", { json: { name } }).json<{ name: string }>()).name,
  ofetch: async (name) => (await ofetch("/companies", { method: "POST", body: { name } })).name,
  axios: async (name) => (await axios.post("/companies", { name })).data.name,
  got: async (name) => (await got.post("companies", { json: { name } }).json<{ name: string }>()).name,
  "hey-api": async (token) => (await introspectToken({ body: { token } })).data?.client_id,
  orval: async (token) => {
    const { status, data } = await orvalIntrospectToken({ token });
    return status === 200 && data.client_id;
  },
  "graphql-request": async (name) =>
    (await graphqlRequest.request<{ createCompany: { name: string } }>(MUTATION, { name })).createCompany.name,
  Apollo: async (name) => {
    const { data } = await apollo.mutate<{ createCompany: { name: string } }>({
      mutation: gql(MUTATION),
      variables: { name },
    });
    return data?.createCompany.name;
  },
  tRPC: async (name) => (await trpc.createCompany.mutate({ name })).name,
  Octokit: async (name) => (await octokit.request("POST /companies", { name })).data.name,
  "connect-web": async (name) => (await connect.create({ name })).name,
  "the OpenAI SDK": async (input) => (await openai.responses.create({ model: "any", input })).output_text,
  "the Anthropic SDK": async (content) => {
    const messages = [{ role: "user" as const, content }];
    return textOf(await anthropic.messages.create({ model: "any", max_tokens: 1, messages }));
  },
  "the Model Context Protocol SDK 2": async (name) =>
    textOf(await mcp.callTool({ name: "create-company", arguments: { name } })),
  "the Model Context Protocol SDK 1": async (name) =>
    textOf(await mcp1.callTool({ name: "create-company", arguments: { name } })),
  undici: async (name) =>
    (await (await undici(`${apiUrl}/companies`, { method: "POST", body: JSON.stringify({ name }) })).json()).name,
};

describe("a call whose token was revoked is sent once more, whole, with a new token, by", () => {
  test.each(Object.entries(ROWS))("%s", (_, row) => expectReplay(row));
});

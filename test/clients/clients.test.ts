// The rows of `docs/works-with.md`. Each imports the file that the page shows.

import { gql } from "@apollo/client";
import { FormData as UndiciFormData } from "undici";
import { Agent } from "undici7";
import { describe, expect, test } from "vitest";
import { client as anthropic } from "./anthropic.ts";
import { client as apollo } from "./apollo.ts";
import { client as axios } from "./axios.ts";
import { client as connect } from "./connect-web.ts";
import { introspectToken } from "./generated/hey-api/index.ts";
import { introspectToken as orvalIntrospectToken } from "./generated/orval.ts";
import { client as got } from "./got.ts";
import { client as graphqlRequest } from "./graphql-request.ts";
import "./hey-api.ts";
import { api } from "./fixtures/server.ts";
import { client as ky } from "./ky.ts";
import { client as mcp } from "./mcp.ts";
import { client as mcp1 } from "./mcp-1.ts";
import { octokit } from "./octokit.ts";
import { client as ofetch } from "./ofetch.ts";
import { client as openai } from "./openai.ts";
import { client as openapiFetch } from "./openapi-fetch.ts";
import { createCompany } from "./plain-fetch.ts";
import { type CreateCompany, expectReplay } from "./row.ts";
import { apiUrl, api as authorised, tokens } from "./tokens.ts";
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

describe("a call with a revoked token is replayed completely with a new token by", () => {
  test.each(Object.entries(ROWS))("%s", (_, row) => expectReplay(row));
});

const fileOf = (name: string) => new File([name], "company.txt");
const formOf = <Form extends { append(name: string, file: File): void }>(form: Form, name: string): Form => {
  form.append("file", fileOf(name));
  return form;
};

/** Each uploads a file that contains the name. */
const UPLOADS: Record<string, CreateCompany> = {
  "plain fetch": async (name) => {
    const body = formOf(new FormData(), name);
    return (await (await authorised(`${apiUrl}/uploads`, { method: "POST", body })).json()).name;
  },
  ky: async (name) => (await ky.post("uploads", { body: formOf(new FormData(), name) }).json<{ name: string }>()).name,
  ofetch: async (name) => (await ofetch("/uploads", { method: "POST", body: formOf(new FormData(), name) })).name,
  axios: async (name) => (await axios.postForm("/uploads", formOf(new FormData(), name))).data.name,
  got: async (name) =>
    (await got.post("uploads", { body: formOf(new FormData(), name) }).json<{ name: string }>()).name,
  "the OpenAI SDK": async (name) => (await openai.files.create({ purpose: "user_data", file: fileOf(name) })).filename,
  undici: async (name) => {
    // Its own: it does not know the global one.
    const body = formOf(new UndiciFormData(), name) as unknown as FormData;
    return (await (await undici(`${apiUrl}/uploads`, { method: "POST", body })).json()).name;
  },
};

describe("an upload with a revoked token is replayed completely by", () => {
  test.each(Object.entries(UPLOADS))("%s", (_, upload) => expectReplay(upload));
});

test("a call with an Agent of Node's own undici is replayed completely", async () => {
  const dispatcher = new Agent();
  let connections = 0;
  dispatcher.on("connect", () => connections++);
  await expectReplay(async (name) => {
    const init = { method: "POST", body: JSON.stringify({ name }), dispatcher };
    return (await (await authorised(`${apiUrl}/companies`, init as unknown as RequestInit)).json()).name;
  });
  expect(connections).toBeGreaterThan(0);
});

test("a large body of axios is replayed, since ReplayableRequest needs no copy", async () => {
  await expectReplay(async (name) => (await axios.post("/companies", { name, more: "a".repeat(2 ** 21) })).data.name);
});

test("a hundred concurrent calls of got with a revoked token cause one token request", async () => {
  const before = api.provider.tokenRequests;
  api.rejected.add((await tokens.get()).value);
  const calls = Array.from({ length: 100 }, (_, index) => got.post("companies", { json: { name: `${index}` } }).json());
  expect(await Promise.all(calls)).toEqual(calls.map((_, index) => ({ name: `${index}` })));
  expect(api.provider.tokenRequests).toBe(before + 1);
});

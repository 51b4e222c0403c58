// What every client must do: a call whose token the API rejects arrives twice, complete, and returns the second response.

import { expect } from "vitest";
import { api } from "./fixtures/server.ts";
import { tokens } from "./tokens.ts";

/** Creates a company with this name and returns the name that the API read. */
export type CreateCompany = (name: string) => Promise<unknown>;

/** Longer in UTF-8 than in characters. */
const NAME = "Zoë & Söhne, 3 €".repeat(100);

export async function expectReplay(createCompany: CreateCompany): Promise<void> {
  const { provider, arrivals, rejected } = api;
  const revoked = await tokens.get();
  rejected.add(revoked.value);
  arrivals.length = 0;
  const before = provider.tokenRequests;

  expect(await createCompany(NAME)).toBe(NAME);

  const { authorization } = await tokens.get();
  expect(arrivals.at(0)).toMatchObject({ status: 401, authorization: revoked.authorization });
  expect(arrivals.at(-1)).toMatchObject({ status: 200, authorization });
  // A replay with the predecessor may come in between, which is rejected too.
  expect(arrivals.filter(({ status }) => status !== 401)).toHaveLength(1);
  expect(new Set(arrivals.map(({ url, body }) => `${url} ${withoutBoundary(body)}`)).size).toBe(1);
  expect(arrivals[0]?.body).toContain("Zoë");
  expect(provider.tokenRequests).toBe(before + 1);
}

/** Removes the boundary of a form, which may differ in a replay. */
function withoutBoundary(body: string): string {
  const [boundary = ""] = /^--\S+/.exec(body) ?? [];
  return boundary ? body.replaceAll(boundary, "") : body;
}

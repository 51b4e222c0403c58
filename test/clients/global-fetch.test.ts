// The same, for code that takes no `fetch`: it calls the global one. These have a process of their own, since they replace it.

import { test } from "vitest";
import { introspectToken } from "./generated/kubb/index.ts";
import "./global-fetch.ts";
import "./kubb.ts";
import { expectReplay } from "./row.ts";
import { apiUrl } from "./tokens.ts";

test("a call of the global fetch whose token was revoked is sent once more, whole, with a new token", () =>
  expectReplay(async (name) => {
    const response = await fetch(`${apiUrl}/companies`, { method: "POST", body: JSON.stringify({ name }) });
    return (await response.json()).name;
  }));

test("so is a call of a client that kubb generated", () =>
  expectReplay(async (token) => (await introspectToken({ token })).client_id));

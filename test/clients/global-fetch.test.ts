// Replays for code that calls the global `fetch`. These tests have a process of their own, since they replace it.

import { test } from "vitest";
import { introspectToken } from "./generated/kubb/index.ts";
import "./global-fetch.ts";
import "./kubb.ts";
import { expectReplay } from "./row.ts";
import { apiUrl } from "./tokens.ts";

test("a call of the global fetch with a revoked token is replayed completely with a new token", () =>
  expectReplay(async (name) => {
    const response = await fetch(`${apiUrl}/companies`, { method: "POST", body: JSON.stringify({ name }) });
    return (await response.json()).name;
  }));

test("a call of a client that kubb generated is replayed completely", () =>
  expectReplay(async (token) => (await introspectToken({ token })).client_id));

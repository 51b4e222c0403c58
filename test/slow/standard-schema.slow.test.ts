// Libraries that accept a Standard Schema accept our checks.

import { sValidator } from "@hono/standard-validator";
import { initTRPC } from "@trpc/server";
import { Hono } from "hono";
import { OAuth2TokenResponseSchema } from "oauth2-token-response/schemas";
import { up } from "up-fetch";
import { describe, expect, test } from "vitest";

describe("our checks work with", () => {
  const valid = { access_token: "t", expires_in: 60 };
  const invalid = { access_token: "t", expires_in: "60" };

  test("hono's validator", async () => {
    const app = new Hono().post("/", sValidator("json", OAuth2TokenResponseSchema), (c) => c.json(c.req.valid("json")));
    const headers = { "Content-Type": "application/json" };
    const post = (body: unknown) => app.request("/", { method: "POST", headers, body: JSON.stringify(body) });
    const [accepted, rejected] = [await post(valid), await post(invalid)];
    expect([accepted.status, await accepted.json()]).toEqual([200, valid]);
    expect([rejected.status, await rejected.text()]).toEqual([400, expect.stringContaining("expected integer")]);
  });

  test("a procedure of tRPC", async () => {
    const t = initTRPC.create();
    const router = t.router({
      lifetime: t.procedure.input(OAuth2TokenResponseSchema).query((o) => o.input.expires_in),
    });
    const caller = t.createCallerFactory(router)({});
    expect(await caller.lifetime(valid)).toBe(60);
    await expect(caller.lifetime(invalid as object)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  test("up-fetch", async () => {
    const fetchReturning = (body: unknown) =>
      up(async (_: string | URL | Request, __?: RequestInit) => Response.json(body));
    const options = { schema: OAuth2TokenResponseSchema };
    expect(await fetchReturning(valid)("https://example.com", options)).toEqual(valid);
    await expect(fetchReturning(invalid)("https://example.com", options)).rejects.toMatchObject({
      issues: [{ path: ["expires_in"], message: "expected integer, found String" }],
    });
  });
});

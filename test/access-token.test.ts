import { inspect } from "node:util";
import fc from "fast-check";
import { AccessToken, type AnyTokenResponse, TokenResponseError } from "oauth2-token-response";
import { describe, expect, test } from "vitest";

const requestedAt = new Date("2026-01-01T00:00:00Z");
const later = (seconds: number) => new Date(requestedAt.getTime() + seconds * 1000);
const SECRET = "test_Bwv0LTQXA4/SfloRI3HmkJ0a05Lj8FX+V5hDyWC7Gr0=";

/** A response that need not match its type. */
const from = (response: unknown, scope?: string | string[]) =>
  AccessToken.from(response as AnyTokenResponse, { requestedAt, scope });

describe("a token response becomes an access token", () => {
  const token = from({
    access_token: SECRET,
    token_type: "Bearer",
    expires_in: 60,
    scope: "a b",
    created_at: 1767225600,
  });

  test("with its value, and the value of the Authorization header", () => {
    expect(token.value).toBe(SECRET);
    expect(token.authorization).toBe(`Bearer ${SECRET}`);
  });

  test("with type, scopes and expiry", () => {
    expect({ ...token }).toEqual({ type: "Bearer", scope: ["a", "b"], expiresAt: later(60) });
  });

  test("with its remaining lifetime", () => {
    expect(token.remainingSeconds({ now: later(1.5) })).toBe(58.5);
    expect(token.isExpired({ now: later(59.9) })).toBe(false);
    expect(token.isExpired({ now: later(60) })).toBe(true);
    expect(token.isExpired({ now: later(50), leeway: 10 })).toBe(true);
    expect(token.isExpired()).toBe(true);
  });

  test("which is frozen, and unaffected by later changes to the response and the options", () => {
    const response = { access_token: SECRET, expires_in: 60 };
    const options = { requestedAt: new Date(requestedAt), scope: ["a"], now: new Date(0) };
    const made = AccessToken.from(response, options);
    response.access_token = "other";
    options.scope.push("b");
    options.requestedAt.setTime(0);
    expect(made.value).toBe(SECRET);
    expect(made.scope).toEqual(["a"]);
    expect(made.remainingSeconds({ now: requestedAt })).toBe(60);
    expect(made.isExpired()).toBe(true);
    expect(Object.isFrozen(made) && Object.isFrozen(made.scope)).toBe(true);
  });

  test("with the `defaultLifetime` if the response has no `expires_in`", () => {
    const lasting = AccessToken.from({ access_token: "t" }, { requestedAt, defaultLifetime: 60 });
    expect(lasting.expiresAt).toEqual(later(60));
    expect(lasting.isExpired({ now: later(60) })).toBe(true);
  });

  test("which counts as valid if its expiry is unknown", () => {
    const unknown = from({ access_token: "t", expires_in: null });
    expect([unknown.expiresAt, unknown.remainingSeconds(), unknown.isExpired()]).toEqual([undefined, undefined, false]);
  });
});

describe("a `token_type` of", () => {
  test.each(["Bearer", "bearer", "BEARER", undefined, null])("%j counts as Bearer", (token_type) => {
    expect(from({ access_token: "t", token_type }).authorization).toBe("Bearer t");
  });

  test.each(
    ["mac", "DPoP", "", "Bearer ", "xBearer", 1, true, ["Bearer"], { toString: false }].map((value) => [value]),
  )("%o is an error", (token_type) => {
    expect(() => from({ access_token: "t", token_type })).toThrow(
      expect.objectContaining({ name: "TokenResponseError", path: "/token_type", expected: "Bearer" }),
    );
  });
});

describe("the scope", () => {
  test.each([
    ["a", "a b", ["a"]],
    [undefined, "a b", ["a", "b"]],
    [null, ["a", "b"], ["a", "b"]],
    [undefined, undefined, []],
    ["", "a", []],
    [" a  b ", undefined, ["a", "b"]],
  ])("%j of a response to a request for %j is %j", (scope, requested, granted) => {
    expect(from({ access_token: "t", scope }, requested).scope).toEqual(granted);
  });

  test.each<{ scope: unknown }>([{ scope: ["a"] }, { scope: 1 }, { scope: {} }, { scope: true }])(
    "$scope is an error",
    ({ scope }) => {
      const failure = { path: "/scope", expected: "scopes separated by spaces" };
      expect(() => from({ access_token: "t", scope })).toThrow(expect.objectContaining(failure));
    },
  );
});

describe("an `access_token`", () => {
  test.each([
    ["that is missing", "Undefined", undefined],
    ["that is null", "Null", null],
    ["that is empty", "String", ""],
    ["that is a number", "Number", 7],
    ["with CR and LF", "String", "secret\r\nX-Admin: 1"],
    ["that ends in LF", "String", "secret\n"],
    ["that begins with a space", "String", " secret"],
    ["with NUL", "String", "secret\0"],
    ["with a character beyond ASCII", "String", "sécret"],
    ["with DEL", "String", "secret\x7f"],
    ["with a space in the middle", "String", "sec ret"],
  ])("%s is an error that does not repeat it", (_, kind, access_token) => {
    const message = `Malformed response at /access_token: expected a token of visible ASCII characters (RFC 6749, appendix A.12), found ${kind}`;
    expect(() => from({ access_token })).toThrow(
      expect.objectContaining({ name: "TokenResponseError", path: "/access_token", message }),
    );
  });

  test.each([undefined, null, [], "text", 7, true, {}].map((value) => [value]))(
    "is missing from a body of %o, which is an error",
    (response) => {
      expect(() => from(response)).toThrow(TokenResponseError);
    },
  );

  test("of any visible ASCII characters is accepted", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,99}$/), (access_token) => {
        expect(from({ access_token }).value).toBe(access_token);
      }),
    );
  });
});

test("a malformed expiry is an error when the token is created", () => {
  expect(() => from({ access_token: "t", expires_in: "1h" })).toThrow(expect.objectContaining({ path: "/expires_in" }));
});

describe("`response` holds the token response", () => {
  test("with unknown members unchanged", () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(members, (unknown) => {
        const { refresh_token, id_token, ...rest } = unknown;
        const response = { ...rest, access_token: "t", expires_in: 60, token_type: null, scope: "a" };
        expect({ ...from(response).response, access_token: "t" }).toEqual(response);
      }),
    );
  });

  test("without access, refresh and ID token", () => {
    const response = { access_token: SECRET, refresh_token: "refresh", id_token: "id", expires_in: 60, region: "eu" };
    expect(from(response).response).toEqual({ expires_in: 60, region: "eu" });
  });
});

describe("a printed token", () => {
  const token = from({ access_token: SECRET, refresh_token: "refresh_secret", scope: "a b", expires_in: 60 });
  test.each([
    ["in a template string", `${token}`],
    ["by console.log", inspect(token)],
    ["by an inspection with `showHidden`", inspect(token, { showHidden: true, depth: 10 })],
    ["by JSON.stringify", JSON.stringify(token)],
    ["by an enumeration of its keys, as in a debugger", inspect(Object.entries(token))],
  ])("%s shows type, scope and expiry, and never the secret", (_, shown) => {
    expect(shown).toMatch(/Bearer/);
    expect(shown).toMatch(/a.*b/s);
    expect(shown).toContain("2026-01-01T00:01:00.000Z");
    expect(shown).not.toMatch(/test_|refresh_secret/);
  });

  test("reads as words in a template string", () => {
    expect(`${token}`).toBe('Bearer token, scope "a b", expires 2026-01-01T00:01:00.000Z');
  });

  test("has line breaks in the scope escaped, so that a scope cannot forge a line of a log", () => {
    expect(`${from({ access_token: "t", scope: "a\nERROR forged" })}`).toContain('scope "a\\nERROR forged"');
  });

  test("says that its expiry is unknown", () => {
    expect(`${from({ access_token: "t" })}`).toBe('Bearer token, scope "", expires at an unknown moment');
  });
});

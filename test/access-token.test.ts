import { inspect } from "node:util";
import fc from "fast-check";
import { AccessToken, type AnyTokenResponse, TokenResponseError } from "oauth2-token-response";
import { describe, expect, test } from "vitest";

const requestedAt = new Date("2026-01-01T00:00:00Z");
const later = (seconds: number) => new Date(requestedAt.getTime() + seconds * 1000);
const SECRET = "test_Bwv0LTQXA4/SfloRI3HmkJ0a05Lj8FX+V5hDyWC7Gr0=";

/** A response as it may come, whatever its type promises. */
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

  test("with its value, and the header's value", () => {
    expect(token.value).toBe(SECRET);
    expect(token.authorization).toBe(`Bearer ${SECRET}`);
  });

  test("with type, scopes and expiry", () => {
    expect({ ...token }).toEqual({ type: "Bearer", scope: ["a", "b"], expiresAt: later(60) });
  });

  test("which knows what is left of it", () => {
    expect(token.remainingSeconds({ now: later(1.5) })).toBe(58.5);
    expect(token.isExpired({ now: later(59.9) })).toBe(false);
    expect(token.isExpired({ now: later(60) })).toBe(true);
    expect(token.isExpired({ now: later(50), leeway: 10 })).toBe(true);
    expect(token.isExpired()).toBe(true);
  });

  test("which nobody can change, nor what it was made from and with", () => {
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

  test("whose lifetime is the default where the response tells none", () => {
    const lasting = AccessToken.from({ access_token: "t" }, { requestedAt, defaultLifetime: 60 });
    expect(lasting.expiresAt).toEqual(later(60));
    expect(lasting.isExpired({ now: later(60) })).toBe(true);
  });

  test("whose expiry may be unknown, and then it has not expired", () => {
    const unknown = from({ access_token: "t", expires_in: null });
    expect([unknown.expiresAt, unknown.remainingSeconds(), unknown.isExpired()]).toEqual([undefined, undefined, false]);
  });
});

describe("the type is compared without case", () => {
  test.each(["Bearer", "bearer", "BEARER", undefined, null])("%j is Bearer", (token_type) => {
    expect(from({ access_token: "t", token_type }).authorization).toBe("Bearer t");
  });

  test.each(["mac", "DPoP", "", "Bearer ", "xBearer", 1, true, ["Bearer"], { toString: false }])(
    "%j is an error",
    (token_type) => {
      expect(() => from({ access_token: "t", token_type })).toThrow(
        expect.objectContaining({ name: "TokenResponseError", path: "/token_type", expected: "Bearer" }),
      );
    },
  );
});

describe("the scope", () => {
  test.each([
    ["as granted, were it less than asked for", "a", "a b", ["a"]],
    ["as asked for where the response names none", undefined, "a b", ["a", "b"]],
    ["as asked for in a list", null, ["a", "b"], ["a", "b"]],
    ["none, where none was asked for", undefined, undefined, []],
    ["none, where none was granted", "", "a", []],
    ["in spite of too many spaces", " a  b ", undefined, ["a", "b"]],
  ])("is %s", (_, scope, asked, granted) => {
    expect(from({ access_token: "t", scope }, asked).scope).toEqual(granted);
  });

  test.each([["a"], 1, {}, true])("of another kind is an error: %j", (scope) => {
    const failure = { path: "/scope", expected: "scopes separated by spaces" };
    expect(() => from({ access_token: "t", scope: [scope] })).toThrow(expect.objectContaining(failure));
  });
});

describe("a token that no header can hold", () => {
  test.each([
    ["absent", "Undefined", undefined],
    ["null", "Null", null],
    ["empty", "String", ""],
    ["a number", "Number", 7],
    ["with CR and LF", "String", "secret\r\nX-Admin: 1"],
    ["ending in LF", "String", "secret\n"],
    ["beginning with a space", "String", " secret"],
    ["with NUL", "String", "secret\0"],
    ["beyond ASCII", "String", "sécret"],
    ["with DEL", "String", "secret\x7f"],
    ["with a space within", "String", "sec ret"],
  ])("%s is an error that does not repeat it", (_, kind, access_token) => {
    const message = `Malformed response at /access_token: expected a token of visible ASCII characters (RFC 6749, appendix A.12), found ${kind}`;
    expect(() => from({ access_token })).toThrow(
      expect.objectContaining({ name: "TokenResponseError", path: "/access_token", message }),
    );
  });

  test.each([undefined, null, [], "text", 7, true, {}])("nor is there one in %j", (response) => {
    expect(() => from(response)).toThrow(TokenResponseError);
  });

  test("every token that RFC 6749 allows is accepted, but for spaces", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,99}$/), (access_token) => {
        expect(from({ access_token }).value).toBe(access_token);
      }),
    );
  });
});

test("a malformed expiry is an error where the token is made, not where it is used", () => {
  expect(() => from({ access_token: "t", expires_in: "1h" })).toThrow(expect.objectContaining({ path: "/expires_in" }));
});

describe("the response is kept without its credentials", () => {
  test("unknown members come back as they went in", () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(members, (unknown) => {
        const { refresh_token, id_token, ...rest } = unknown;
        const response = { ...rest, access_token: "t", expires_in: 60, token_type: null, scope: "a" };
        expect({ ...from(response).response, access_token: "t" }).toEqual(response);
      }),
    );
  });

  test("no credential in it is shown", () => {
    const response = { access_token: SECRET, refresh_token: "refresh", id_token: "id", expires_in: 60, region: "eu" };
    expect(from(response).response).toEqual({ expires_in: 60, region: "eu" });
  });
});

describe("whatever prints a token shows type, scope and expiry, and never the secret", () => {
  const token = from({ access_token: SECRET, refresh_token: "refresh_secret", scope: "a b", expires_in: 60 });
  test.each([
    ["a template string", `${token}`],
    ["console.log", inspect(token)],
    ["an inspection of everything hidden", inspect(token, { showHidden: true, depth: 10 })],
    ["JSON.stringify", JSON.stringify(token)],
    ["a debugger's enumeration of keys", inspect(Object.entries(token))],
  ])("%s", (_, shown) => {
    expect(shown).toMatch(/Bearer/);
    expect(shown).toMatch(/a.*b/s);
    expect(shown).toContain("2026-01-01T00:01:00.000Z");
    expect(shown).not.toMatch(/test_|refresh_secret/);
  });

  test("a sentence, where it is put into one", () => {
    expect(`${token}`).toBe('Bearer token, scope "a b", expires 2026-01-01T00:01:00.000Z');
  });

  test("a scope cannot forge a line of a log", () => {
    expect(`${from({ access_token: "t", scope: "a\nERROR forged" })}`).toContain('scope "a\\nERROR forged"');
  });

  test("an unknown expiry is called so", () => {
    expect(`${from({ access_token: "t" })}`).toBe('Bearer token, scope "", expires at an unknown moment');
  });
});

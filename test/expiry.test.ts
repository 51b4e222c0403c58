import fc from "fast-check";
import { type Expiring, expiresAt, isExpired, remainingSeconds, TokenResponseError } from "oauth2-token-response";
import { describe, expect, test } from "vitest";

/** From the provider's example of a token response. */
const CREATED_AT = 1645532460;
const created = new Date(CREATED_AT * 1000);
const later = (seconds: number, from = created) => new Date(from.getTime() + seconds * 1000);

/** A response that need not match its type. */
const wire = (response: object) => response as Expiring;

describe("a lifetime counts from the moment the request was sent", () => {
  test("a new token expires `expires_in` seconds after it", () => {
    expect(expiresAt({ expires_in: 7200, created_at: CREATED_AT }, { requestedAt: created })).toEqual(later(7200));
  });

  test("a token that the server reuses expires when its remaining lifetime ends, and no earlier", () => {
    const requestedAt = later(3600);
    expect(expiresAt({ expires_in: 3600, created_at: CREATED_AT }, { requestedAt })).toEqual(later(7200));
  });

  test("a response that took 8 s expires 8 s early", () => {
    expect(expiresAt({ expires_in: 60, created_at: CREATED_AT }, { requestedAt: later(-8) })).toEqual(later(52));
  });

  test.each([-3600, 3600])("a clock that is off by %i s makes no difference", (offset) => {
    const requestedAt = later(offset);
    const response = { expires_in: 60, created_at: CREATED_AT };
    expect(isExpired(response, { requestedAt, now: later(59.999, requestedAt) })).toBe(false);
    expect(isExpired(response, { requestedAt, now: later(60, requestedAt) })).toBe(true);
  });

  test("the computed expiry is never later than the real one, however slow the network", () => {
    const delays = fc.record({ lifetime: fc.nat(1e8), upstream: fc.nat(1e5), reused: fc.nat(1e5) });
    const moments = fc.date({ min: created, max: later(1e9), noInvalidDate: true });
    fc.assert(
      fc.property(delays, moments, ({ lifetime, upstream, reused }, requestedAt) => {
        const generatedAt = requestedAt.getTime() + upstream;
        const expires_in = Math.floor(lifetime / 1000);
        const created_at = Math.floor((generatedAt - reused) / 1000);
        const computed = expiresAt({ expires_in, created_at }, { requestedAt });
        expect(computed?.getTime()).toBeLessThanOrEqual(generatedAt + lifetime);
      }),
    );
  });
});

describe("without `requestedAt` a lifetime counts from `created_at`", () => {
  test("a response read from a log expires `expires_in` seconds after it was created", () => {
    expect(expiresAt({ expires_in: 7200, created_at: CREATED_AT })).toEqual(later(7200));
  });

  test("a reused token expires early", () => {
    expect(expiresAt({ expires_in: 3600, created_at: CREATED_AT })).toEqual(later(3600));
  });

  test.each([undefined, null, "2022-02-22T12:21:00Z", true])("a `created_at` of %j is an error", (at) => {
    const compute = () => expiresAt(wire({ expires_in: 7200, created_at: at }));
    expect(compute).toThrow(TokenResponseError);
    expect(compute).toThrow("at /created_at: expected epoch seconds, as `requestedAt` is missing, found ");
  });

  test("if `expires_in` is malformed too, the error names `expires_in`", () => {
    expect(() => expiresAt(wire({ expires_in: "1h" }))).toThrow("at /expires_in");
  });

  test("a malformed `created_at` is ignored if `requestedAt` is given", () => {
    const response = wire({ expires_in: 60, created_at: "2022-02-22T12:21:00Z" });
    expect(expiresAt(response, { requestedAt: created })).toEqual(later(60));
  });
});

describe("an `expires_in` of", () => {
  test.each([
    [3600, 3600],
    [3599.9, 3599],
    ["3600", 3600],
    ["3599.95", 3599],
    [0, 0],
    ["0", 0],
    [-1, -1],
    ["-1", -1],
    [8.64e12 - CREATED_AT, 8.64e12 - CREATED_AT],
  ])("%j means %i seconds", (expires_in, seconds) => {
    expect(expiresAt(wire({ expires_in }), { requestedAt: created })).toEqual(later(seconds));
  });

  test.each([0, -1, "0"])("%j means expired on arrival", (expires_in) => {
    expect(isExpired(wire({ expires_in }), { requestedAt: created, now: created })).toBe(true);
  });

  test.each(
    [
      ...["1h", "", " ", "3600 ", " 3600", "0x10", "1e3", "+60", "60.", ".5", "Infinity", "NaN"],
      ...[true, false, NaN, Infinity, -Infinity, 1e18, -1e18, 8.64e12, [60], {}, new Date(0)],
    ].map((value) => [value]),
  )("%o is malformed, and the error does not repeat it", (expires_in) => {
    const compute = () => expiresAt(wire({ expires_in }), { requestedAt: created });
    const kind = Object(expires_in).constructor.name;
    const message = `Malformed response at /expires_in: expected seconds that a Date can hold, found ${kind}`;
    expect(compute).toThrow(expect.objectContaining({ name: "TokenResponseError", path: "/expires_in", message }));
  });

  test.each([undefined, null])("%j means an unknown expiry, and the token counts as valid", (expires_in) => {
    const response = wire({ expires_in, created_at: CREATED_AT });
    expect(expiresAt(response, { requestedAt: created })).toBeUndefined();
    expect(remainingSeconds(response, { requestedAt: created })).toBeUndefined();
    expect(isExpired(response, { requestedAt: created, now: later(1e9) })).toBe(false);
    expect(isExpired(response)).toBe(false);
  });

  test.each([undefined, null])("%j means the `defaultLifetime`, if there is one", (expires_in) => {
    const options = { requestedAt: created, defaultLifetime: 300 };
    expect(expiresAt(wire({ expires_in }), options)).toEqual(later(300));
    expect(expiresAt(wire({ expires_in, created_at: CREATED_AT }), { defaultLifetime: 300 })).toEqual(later(300));
    expect(expiresAt({ expires_in: 60 }, options)).toEqual(later(60));
  });
});

describe("an `expires_in` that is not smaller than `created_at` is a moment", () => {
  test("the provider's own example of a token info expires after two hours, not 52 years", () => {
    const info = { expires_in: 1645539660, created_at: CREATED_AT };
    expect(expiresAt(info, { requestedAt: later(60) })).toEqual(later(7200));
    expect(expiresAt(info)).toEqual(later(7200));
  });

  test.each([
    [CREATED_AT, CREATED_AT, "a moment", created],
    [CREATED_AT - 1, CREATED_AT, "a lifetime", later(CREATED_AT - 1)],
    [`${CREATED_AT + 60}`, `${CREATED_AT}`, "a moment", later(60)],
    [60, 0, "a lifetime", later(60)],
    [60, -1, "a lifetime", later(60)],
    [CREATED_AT, undefined, "a lifetime", later(CREATED_AT)],
    [CREATED_AT, null, "a lifetime", later(CREATED_AT)],
  ])("%j beside a `created_at` of %j is %s", (expires_in, created_at, _, expected) => {
    expect(expiresAt(wire({ expires_in, created_at }), { requestedAt: created })).toEqual(expected);
  });

  test("a `defaultLifetime` is always a lifetime", () => {
    const options = { requestedAt: created, defaultLifetime: CREATED_AT };
    expect(expiresAt({ created_at: 1 }, options)).toEqual(later(CREATED_AT));
  });
});

describe("the remaining lifetime", () => {
  const response = { expires_in: 60 };

  test("is in seconds, with a fraction, and negative after the expiry", () => {
    const left = (seconds: number) => remainingSeconds(response, { requestedAt: created, now: later(seconds) });
    expect([0, 1.5, 60, 61].map(left)).toEqual([60, 58.5, 0, -1]);
  });

  test("is measured now by default", () => {
    const requestedAt = new Date();
    const left = remainingSeconds(response, { requestedAt });
    expect(left).toBeLessThanOrEqual(60);
    expect(left).toBeGreaterThan(59);
    expect(isExpired(response, { requestedAt })).toBe(false);
    expect(isExpired(response, { requestedAt: later(-61, requestedAt) })).toBe(true);
  });

  test.each([
    [59.999, 0, false],
    [60, 0, true],
    [49.999, 10, false],
    [50, 10, true],
    [0, 90, true],
    [59.999, undefined, false],
  ])("after %d of 60 s, with a leeway of %j s, counts as expired: %j", (seconds, leeway, expired) => {
    expect(isExpired(response, { requestedAt: created, now: later(seconds), leeway })).toBe(expired);
  });

  test("more leeway never makes an expired token valid", () => {
    const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.nat(1e6), seconds, seconds, seconds, (expires_in, at, leeway, more) => {
        const options = { requestedAt: created, now: later(at) };
        const isExpiredNow = isExpired({ expires_in }, { ...options, leeway });
        const isExpiredWithMore = isExpired({ expires_in }, { ...options, leeway: leeway + more });
        expect(isExpiredNow && !isExpiredWithMore).toBe(false);
      }),
    );
  });
});

describe("an option that is no valid time is a TypeError that names it", () => {
  const invalid = new Date(NaN);
  test.each([
    ["requestedAt", { requestedAt: invalid }],
    ["now", { requestedAt: created, now: invalid }],
    ["leeway", { requestedAt: created, leeway: NaN }],
    ["leeway", { requestedAt: created, leeway: -1 }],
    ["leeway", { requestedAt: created, leeway: Infinity }],
  ])("`%s` in %o", (name, options) => {
    expect(() => isExpired({ expires_in: 60 }, options)).toThrow(new TypeError(`\`${name}\` is invalid or negative`));
  });

  test.each([{ leeway: -1 }, { now: invalid }, { requestedAt: invalid }, { defaultLifetime: -1 }])(
    "even if the expiry is unknown: %o",
    (options) => {
      expect(() => isExpired({}, options)).toThrow(TypeError);
    },
  );

  test.each([NaN, -1, Infinity])("`defaultLifetime` of %d", (defaultLifetime) => {
    const compute = () => expiresAt({}, { requestedAt: created, defaultLifetime });
    expect(compute).toThrow(new TypeError("`defaultLifetime` is invalid or negative"));
  });
});

import fc from "fast-check";
import { type Expiring, expiresAt, isExpired, remainingSeconds, TokenResponseError } from "oauth2-token-response";
import { describe, expect, test } from "vitest";

/** The moment of the provider's example of a token response. */
const CREATED_AT = 1645532460;
const created = new Date(CREATED_AT * 1000);
const later = (seconds: number, from = created) => new Date(from.getTime() + seconds * 1000);

/** A response as it may come, whatever its type promises. */
const wire = (response: object) => response as Expiring;

describe("a lifetime counts from the moment the request was sent", () => {
  test("a fresh token lives `expires_in` seconds from then", () => {
    expect(expiresAt({ expires_in: 7200, created_at: CREATED_AT }, { requestedAt: created })).toEqual(later(7200));
  });

  test("a token issued in the past and answered again lives for what remains, not for less", () => {
    const requestedAt = later(3600);
    expect(expiresAt({ expires_in: 3600, created_at: CREATED_AT }, { requestedAt })).toEqual(later(7200));
  });

  test("a slow network makes it expire early by the delay, never late", () => {
    expect(expiresAt({ expires_in: 60, created_at: CREATED_AT }, { requestedAt: later(-8) })).toEqual(later(52));
  });

  test.each([-3600, 3600])(
    "a clock that is off by %i s changes nothing, as the same clock reads the expiry",
    (offset) => {
      const requestedAt = later(offset);
      const response = { expires_in: 60, created_at: CREATED_AT };
      expect(isExpired(response, { requestedAt, now: later(59.999, requestedAt) })).toBe(false);
      expect(isExpired(response, { requestedAt, now: later(60, requestedAt) })).toBe(true);
    },
  );

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

describe("where nobody knows when it was asked for, it counts from `created_at`", () => {
  test("a response read back from a file expires `expires_in` seconds after it was created", () => {
    expect(expiresAt({ expires_in: 7200, created_at: CREATED_AT })).toEqual(later(7200));
  });

  test("a reused token expires early, never late", () => {
    expect(expiresAt({ expires_in: 3600, created_at: CREATED_AT })).toEqual(later(3600));
  });

  test.each([undefined, null, "2022-02-22T12:21:00Z", true])(
    "nothing to count from is an error: created_at %j",
    (at) => {
      const ask = () => expiresAt(wire({ expires_in: 7200, created_at: at }));
      expect(ask).toThrow(TokenResponseError);
      expect(ask).toThrow("at /created_at: expected epoch seconds, as `requestedAt` is missing, found ");
    },
  );

  test("a lifetime that is none either is told first", () => {
    expect(() => expiresAt(wire({ expires_in: "1h" }))).toThrow("at /expires_in");
  });

  test("a `created_at` that is no number does no harm where it is not needed", () => {
    const response = wire({ expires_in: 60, created_at: "2022-02-22T12:21:00Z" });
    expect(expiresAt(response, { requestedAt: created })).toEqual(later(60));
  });
});

describe("what `expires_in` may hold", () => {
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
  ])("%j are %i seconds", (expires_in, seconds) => {
    expect(expiresAt(wire({ expires_in }), { requestedAt: created })).toEqual(later(seconds));
  });

  test.each([0, -1, "0"])("%j is expired at once", (expires_in) => {
    expect(isExpired(wire({ expires_in }), { requestedAt: created, now: created })).toBe(true);
  });

  test.each([
    ...["1h", "", " ", "3600 ", " 3600", "0x10", "1e3", "+60", "60.", ".5", "Infinity", "NaN"],
    ...[true, false, NaN, Infinity, -Infinity, 1e18, -1e18, 8.64e12, [60], {}, new Date(0)],
  ])("%j is malformed, and the error does not repeat it", (expires_in) => {
    const ask = () => expiresAt(wire({ expires_in }), { requestedAt: created });
    const kind = Object(expires_in).constructor.name;
    const message = `Malformed response at /expires_in: expected seconds that a Date can hold, found ${kind}`;
    expect(ask).toThrow(expect.objectContaining({ name: "TokenResponseError", path: "/expires_in", message }));
  });

  test.each([undefined, null])("%j is unknown, and unknown is valid until the server says otherwise", (expires_in) => {
    const response = wire({ expires_in, created_at: CREATED_AT });
    expect(expiresAt(response, { requestedAt: created })).toBeUndefined();
    expect(remainingSeconds(response, { requestedAt: created })).toBeUndefined();
    expect(isExpired(response, { requestedAt: created, now: later(1e9) })).toBe(false);
    expect(isExpired(response)).toBe(false);
  });

  test.each([undefined, null])("%j lives for the default lifetime where the caller gives one", (expires_in) => {
    const options = { requestedAt: created, defaultLifetime: 300 };
    expect(expiresAt(wire({ expires_in }), options)).toEqual(later(300));
    expect(expiresAt(wire({ expires_in, created_at: CREATED_AT }), { defaultLifetime: 300 })).toEqual(later(300));
    expect(expiresAt({ expires_in: 60 }, options)).toEqual(later(60));
  });
});

describe("a value not smaller than `created_at` is itself a moment", () => {
  test("the provider's own example of a token info lives two hours, not 52 years", () => {
    const info = { expires_in: 1645539660, created_at: CREATED_AT };
    expect(expiresAt(info, { requestedAt: later(60) })).toEqual(later(7200));
    expect(expiresAt(info)).toEqual(later(7200));
  });

  test.each([
    ["the very moment of its creation", CREATED_AT, CREATED_AT, created],
    ["a second before it, which is a lifetime", CREATED_AT - 1, CREATED_AT, later(CREATED_AT - 1)],
    ["in strings", `${CREATED_AT + 60}`, `${CREATED_AT}`, later(60)],
    ["beside a `created_at` that the server never set", 60, 0, later(60)],
    ["beside a negative one", 60, -1, later(60)],
    ["beside none", CREATED_AT, undefined, later(CREATED_AT)],
    ["beside `null`", CREATED_AT, null, later(CREATED_AT)],
  ])("%s", (_, expires_in, created_at, moment) => {
    expect(expiresAt(wire({ expires_in, created_at }), { requestedAt: created })).toEqual(moment);
  });

  test("a default lifetime is never one", () => {
    const options = { requestedAt: created, defaultLifetime: CREATED_AT };
    expect(expiresAt({ created_at: 1 }, options)).toEqual(later(CREATED_AT));
  });
});

describe("what is left", () => {
  const response = { expires_in: 60 };

  test("is told in seconds, with their fraction, and negative from the expiry on", () => {
    const left = (seconds: number) => remainingSeconds(response, { requestedAt: created, now: later(seconds) });
    expect([0, 1.5, 60, 61].map(left)).toEqual([60, 58.5, 0, -1]);
  });

  test("counts from now where no moment is given", () => {
    const requestedAt = new Date();
    const left = remainingSeconds(response, { requestedAt });
    expect(left).toBeLessThanOrEqual(60);
    expect(left).toBeGreaterThan(59);
    expect(isExpired(response, { requestedAt })).toBe(false);
    expect(isExpired(response, { requestedAt: later(-61, requestedAt) })).toBe(true);
  });

  test.each([
    [0, 59.999, false],
    [0, 60, true],
    [10, 49.999, false],
    [10, 50, true],
    [90, 0, true],
    [undefined, 59.999, false],
  ])("a leeway of %j s, seen after %d s: expired is %j", (leeway, seconds, expired) => {
    expect(isExpired(response, { requestedAt: created, now: later(seconds), leeway })).toBe(expired);
  });

  test("more leeway never makes an expired token valid", () => {
    const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.nat(1e6), seconds, seconds, seconds, (expires_in, at, leeway, more) => {
        const options = { requestedAt: created, now: later(at) };
        const isOut = isExpired({ expires_in }, { ...options, leeway });
        const isOutEarlier = isExpired({ expires_in }, { ...options, leeway: leeway + more });
        expect(isOut && !isOutEarlier).toBe(false);
      }),
    );
  });
});

describe("an option that would make every comparison false is refused by name", () => {
  const invalid = new Date(NaN);
  test.each([
    ["requestedAt", { requestedAt: invalid }],
    ["now", { requestedAt: created, now: invalid }],
    ["leeway", { requestedAt: created, leeway: NaN }],
    ["leeway", { requestedAt: created, leeway: -1 }],
    ["leeway", { requestedAt: created, leeway: Infinity }],
  ])("%s in %j", (name, options) => {
    expect(() => isExpired({ expires_in: 60 }, options)).toThrow(new TypeError(`\`${name}\` is invalid or negative`));
  });

  test.each([{ leeway: -1 }, { now: invalid }, { requestedAt: invalid }, { defaultLifetime: -1 }])(
    "even where the expiry is unknown: %j",
    (options) => {
      expect(() => isExpired({}, options)).toThrow(TypeError);
    },
  );

  test.each([NaN, -1, Infinity])("a default lifetime of %d", (defaultLifetime) => {
    const ask = () => expiresAt({}, { requestedAt: created, defaultLifetime });
    expect(ask).toThrow(new TypeError("`defaultLifetime` is invalid or negative"));
  });
});

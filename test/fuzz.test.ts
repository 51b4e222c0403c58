// Whatever the response, a token request returns a token or rejects with one of our two errors: no other exception, no hang,
// no secret shown. `npm run fuzz` tries a hundred thousand responses.

import fc from "fast-check";
import { AccessToken, requestToken, TokenRequestError, TokenResponseError } from "oauth2-token-response";
import { expect, test } from "vitest";
import { printed } from "./printed.ts";

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 500);
const TOKEN = "token0SECRET";
const CLIENT_SECRET = "client0SECRET";

const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom("", "Bearer", "mac", "3600", "1h"));
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(1e18, 3600.5, 8.64e15));
const anything = fc.oneof({ depthSize: "small" }, text, number, fc.boolean(), fc.constant(null), fc.jsonValue());
const leaky = fc.tuple(text, text).map(([before, after]) => `${before}${CLIENT_SECRET}${after}`);
const error = fc.oneof(leaky, anything, fc.record({ code: leaky, message: leaky, request_id: leaky }));

/** Usually valid, so that one wrong member does not hide another. */
const mostly = (...valid: unknown[]) => fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...valid) }, anything);
const token = fc.oneof(
  { weight: 4, arbitrary: fc.constant(TOKEN) },
  text.map((end) => TOKEN + end),
  anything,
);
const members = fc.record(
  {
    access_token: token,
    token_type: mostly("Bearer", "bearer", null),
    expires_in: mostly(7200, "60", 0, -1, 1645539660, null),
    created_at: mostly(1645532460, 0, null),
    scope: mostly("a", "a b", "", null),
  },
  { requiredKeys: ["access_token"] },
);
const errorResponse = fc.record({ error, error_description: leaky, access_token: token }, { requiredKeys: ["error"] });
const json = fc.oneof(members, members, errorResponse, anything).map((value) => JSON.stringify(value));
const cut = fc.tuple(json, fc.nat(99)).map(([text, percent]) => text.slice(0, (text.length * percent) / 100));
const body = fc.oneof(
  { weight: 6, arbitrary: json },
  cut,
  fc.string().map((html) => `<!doctype html><p>${html}`),
  fc.uint8Array(),
);

const responses = fc.record({
  body,
  breaks: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  status: fc.oneof({ weight: 6, arbitrary: fc.constant(200) }, fc.integer({ min: 200, max: 599 })),
  headers: fc.record(
    {
      "Content-Type": fc.constantFrom("application/json", "text/html", "application/octet-stream"),
      "Retry-After": fc.constantFrom("1", "-1", "1e9", "soon", "Tue, 22 Feb 2022 12:00:00 GMT", "99999999999999999999"),
      Date: fc.constantFrom("Tue, 22 Feb 2022 12:00:00 GMT", "today"),
    },
    { requiredKeys: [] },
  ),
});

test(`each of ${RUNS} hostile responses leads to a token or one of our two errors, which show no secret`, {
  timeout: 600_000,
}, async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(responses, async (response) => {
      const outcome = await requestToken({
        baseUrl: "https://example.com",
        clientId: "id",
        clientSecret: CLIENT_SECRET,
        scope: "a",
        fetch: async () => responseOf(response),
      }).catch((failure: unknown) => failure);
      expect([AccessToken, TokenRequestError, TokenResponseError]).toContain(Object(outcome).constructor);
      expect(printed(outcome)).not.toMatch(/0SECRET/);
      const kind = Object(outcome).constructor.name;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }),
    { numRuns: RUNS },
  );
  // Responses that all lead to the same result would prove little.
  for (const { name } of [AccessToken, TokenRequestError, TokenResponseError]) {
    expect(seen.get(name)).toBeGreaterThan(RUNS / 20);
  }
});

function responseOf({
  body,
  breaks,
  status,
  headers,
}: typeof responses extends fc.Arbitrary<infer T> ? T : never): Response {
  const init = { status, headers: headers as Record<string, string> };
  if (status === 204 || status === 205 || status === 304) return new Response(null, init);
  if (!breaks) return new Response(body as BodyInit, init);
  const broken = new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode(String(body)));
      controller.error(new TypeError("terminated"));
    },
  });
  return new Response(broken, init);
}

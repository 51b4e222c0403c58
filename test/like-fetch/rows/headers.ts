// Every form that headers can have.

import { call, type Env, outcomeOf, type Row, row } from "../row.ts";

const withHeaders = (title: string, headers: () => unknown): Row =>
  call(title, (env) => [env.url("echo"), { headers: headers() }]);

function* pairs(): Generator<[string, string]> {
  yield ["X-A", "1"];
  yield ["X-B", "2"];
}

/** Headers that arrive at an origin that gets no token, or that carry a header of the caller's own. */
const asIterator = (title: string, at: "origin" | "other", ...more: [string, string][]): Row =>
  call(title, (env) => [env.url("echo", at), { method: "POST", body: "a", headers: [...pairs(), ...more].values() }]);

export const HEADERS: readonly Row[] = [
  withHeaders("accepts headers as an object", () => ({ "X-A": "1", "x-b": "2" })),
  withHeaders("accepts headers as an object without a prototype", () =>
    Object.assign(Object.create(null), { "X-A": "1" }),
  ),
  withHeaders("sends own headers of an object, not inherited ones", () =>
    Object.assign(Object.create({ "X-Inherited": "1" }), { "X-Own": "2" }),
  ),
  withHeaders("accepts headers as pairs", () => [
    ["X-A", "1"],
    ["X-B", "2"],
  ]),
  withHeaders("joins pairs of one name", () => [
    ["X-A", "1"],
    ["x-a", "2"],
  ]),
  withHeaders("accepts headers as Headers", () => new Headers({ "X-A": "1" })),
  withHeaders("accepts headers as a Map", () => new Map(pairs())),
  withHeaders("accepts headers as a generator", () => pairs()),
  withHeaders("accepts headers as an object that iterates", () => ({ [Symbol.iterator]: pairs })),
  withHeaders("accepts a pair as an iterator", () => [["X-A", "1"].values()]),
  withHeaders("accepts headers from getters", () => ({
    get "X-A"() {
      return "1";
    },
  })),
  withHeaders("accepts headers from a proxy", () => new Proxy({ "X-A": "1" }, {})),
  withHeaders("accepts numbers as header values", () => ({ "X-A": 1 })),
  withHeaders("accepts an object as a header value", () => ({ "X-A": { toString: () => "converted" } })),
  withHeaders("sends `undefined` as a header value", () => ({ "X-A": undefined })),
  withHeaders("trims header values", () => ({ "X-A": " \t 1 \r\n" })),
  withHeaders("sends an empty header value", () => ({ "X-A": "" })),
  withHeaders("sends Latin-1 in header values", () => ({ "X-A": "é" })),
  withHeaders("accepts `undefined` as headers", () => undefined),
  withHeaders("accepts an empty object as headers", () => ({})),
  withHeaders("accepts an array buffer as headers", () => new ArrayBuffer(3)),
  ...(
    [
      ["`null` as headers", () => null],
      ["a string as headers", () => "X-A: 1"],
      ["a number as headers", () => 5],
      ["pairs of one", () => [["X-A"]]],
      ["pairs of three", () => [["X-A", "1", "2"]]],
      ["pairs that are strings", () => ["ab"]],
      ["a header name with a space", () => ({ "X A": "1" })],
      ["an empty header name", () => ({ "": "1" })],
      ["a header value with a line break", () => ({ "X-A": "a\nb" })],
      ["a header value with a NUL", () => ({ "X-A": "a\0b" })],
      ["a header value beyond Latin-1", () => ({ "X-A": "€" })],
      ["a symbol as a header value", () => ({ "X-A": Symbol("a") })],
      ["a symbol as a header name", () => ({ [Symbol("a")]: "1" })],
    ] as const
  ).map(([what, headers]) => withHeaders(`rejects ${what}`, headers)),
  row("rejects with what a header's getter throws", (fetch, env) => {
    const reason = new RangeError("no");
    const headers = {
      get "X-A"() {
        throw reason;
      },
    };
    return outcomeOf(() => fetch(env.url("echo"), { headers }), reason);
  }),
  row("rejects with what an iterator of headers throws", (fetch, env) => {
    const reason = new RangeError("no");
    // biome-ignore lint/correctness/useYield: it throws first.
    const failing = function* () {
      throw reason;
    };
    return outcomeOf(() => fetch(env.url("echo", "other"), { headers: failing() }), reason);
  }),
  row("reads each header's getter once", async (fetch, env) => {
    let count = 0;
    const headers = {
      get "X-A"() {
        return String(++count);
      },
    };
    return outcomeOf(() => fetch(env.url("echo"), { headers }));
  }),
  row("sends the headers as they are at the call", (fetch, env) => {
    const headers = new Headers({ "X-A": "then" });
    const pending = outcomeOf(() => fetch(env.url("echo"), { headers }));
    headers.set("X-A", "later");
    headers.set("X-B", "later");
    return pending;
  }),
  row("sends what one Headers object holds at each call, and adds nothing to it", async (fetch, env) => {
    const headers = new Headers();
    const outcomes = await Promise.all(
      [1, 2, 3].map((page) => {
        headers.set("X-Page", String(page));
        return outcomeOf(() => fetch(env.url(`echo?${page}`), { headers }));
      }),
    );
    return { outcomes, headers: [...headers] };
  }),
  row("sends what an array of pairs holds at each call, and adds nothing to it", async (fetch, env) => {
    const headers: [string, string][] = [["X-A", "0"]];
    const outcomes = await Promise.all(
      ["1", "2"].map((value) => {
        headers[0] = ["X-A", value];
        return outcomeOf(() => fetch(env.url(`echo?${value}`), { headers }));
      }),
    );
    return { outcomes, headers };
  }),
  row("adds nothing to a headers object", async (fetch, env) => {
    const headers = Object.freeze({ "X-A": "1" });
    return [await outcomeOf(() => fetch(env.url("echo"), { headers })), headers];
  }),
  row("adds nothing to a Request's headers", async (fetch, env) => {
    const request = new Request(env.url("echo"), { method: "POST", body: "a", headers: { "X-A": "1" } });
    return [await outcomeOf(() => fetch(request)), [...request.headers]];
  }),
  ...(["Host", "Content-Length", "Cookie", "User-Agent", "Accept", "Accept-Encoding", "Origin"] as const).map((name) =>
    call(`handles the header ${name} as fetch does`, (env) => [env.url("echo"), { headers: { [name]: "1" } }]),
  ),
  call("prefers the caller's Content-Type", (env: Env) => [
    env.url("echo"),
    { method: "POST", body: '{"a":1}', headers: { "Content-Type": "application/json" } },
  ]),
  call("prefers the caller's Content-Type for parameters", (env: Env) => [
    env.url("echo"),
    { method: "POST", body: new URLSearchParams("a=b"), headers: [["content-type", "text/own"]] },
  ]),
  call("sends the caller's own Authorization", (env) => [
    env.url("echo"),
    { method: "POST", body: "a", headers: { Authorization: "Basic own" } },
  ]),
  call("sends the caller's own empty Authorization", (env) => [env.url("echo"), { headers: { authorization: "" } }], {
    mayLackToken: true,
  }),
  call("sends the Authorization of a Request", (env) => [
    new Request(env.url("echo"), { headers: { AUTHORIZATION: "Basic own" } }),
  ]),
  call("drops the Authorization of a Request for init's headers", (env) => [
    new Request(env.url("echo"), { headers: { Authorization: "Basic own" } }),
    { headers: { "X-A": "1" } },
  ]),
  asIterator("sends an Authorization that comes from an iterator", "origin", ["Authorization", "Basic own"]),
  asIterator("sends headers that come from an iterator", "origin"),
  asIterator("sends headers that come from an iterator to another origin", "other"),
  asIterator("sends an Authorization from an iterator to another origin", "other", ["Authorization", "Basic own"]),
];

// The first argument, and the method.

import { call, outcomeOf, type Row, row, streamOf } from "../row.ts";

const request = (url: string, init: object = {}) => new Request(url, init as RequestInit);

export const INPUTS: readonly Row[] = [
  call("accepts a string", (env) => [env.url("echo")]),
  call("accepts a URL", (env) => [new URL(env.url("echo?a=b"))]),
  call("accepts a String object", (env) => [new String(env.url("echo"))]),
  call("accepts any object that has a toString", (env) => [{ toString: () => env.url("echo") }]),
  call("accepts a Request", (env) => [request(env.url("echo"))]),
  call("accepts a Request with method, headers and a body", (env) => [
    request(env.url("echo"), { method: "POST", body: "a text", headers: { "X-A": "1" } }),
  ]),
  call("accepts a Request with a form", (env) => {
    const body = new FormData();
    body.append("a", "1");
    body.append("f", new Blob(["x"], { type: "text/x" }), "name.x");
    return [request(env.url("echo"), { method: "POST", body })];
  }),
  call("accepts a Request with bytes", (env) => [
    request(env.url("echo"), { method: "PUT", body: new Uint8Array(70_000).fill(9) }),
  ]),
  call("accepts a Request with an empty body", (env) => [request(env.url("echo"), { method: "POST", body: "" })]),
  call(
    "accepts a Request with a stream",
    (env) => [request(env.url("echo"), { method: "POST", body: streamOf(["a", "b"]), duplex: "half" })],
    { mayBeRejected: true },
  ),
  call("prefers init's method, headers and body to those of a Request", (env) => [
    request(env.url("echo"), { method: "POST", body: "old", headers: { "X-A": "old" } }),
    { method: "PUT", body: "new", headers: { "X-B": "new" } },
  ]),
  call("keeps a Request's body when init has other headers", (env) => [
    request(env.url("echo"), { method: "POST", body: "kept" }),
    { headers: { "X-B": "new" } },
  ]),
  call("keeps a Request's headers when init has another body", (env) => [
    request(env.url("echo"), { method: "POST", body: "old", headers: { "X-A": "kept" } }),
    { body: new URLSearchParams({ a: "b" }) },
  ]),
  call("keeps a Request's body when init has an empty object", (env) => [
    request(env.url("echo"), { method: "POST", body: "kept" }),
    {},
  ]),
  call("accepts a subclass of Request", (env) => {
    class Own extends Request {}
    return [new Own(env.url("echo"), { method: "POST", body: "own" })];
  }),
  call(
    "accepts a Request as init",
    (env) => [env.url("echo"), request(env.url("elsewhere"), { method: "DELETE", headers: { "X-A": "1" } })],
    { mayBeRejected: true },
  ),
  call(
    "accepts a Request with a body as init",
    (env) => [env.url("echo"), request(env.url("elsewhere"), { method: "POST", body: "a text" })],
    { mayBeRejected: true },
  ),
  row("uses up a Request's body at the call", async (fetch, env) => {
    const input = request(env.url("echo"), { method: "POST", body: "a text" });
    const before = input.bodyUsed;
    const pending = outcomeOf(() => fetch(input));
    const during = input.bodyUsed;
    const outcome = await pending;
    return { before, during, after: input.bodyUsed, outcome };
  }),
  row("leaves a Request without a body unused", async (fetch, env) => {
    const input = request(env.url("echo"));
    const outcome = await outcomeOf(() => fetch(input));
    return { outcome, isUsed: input.bodyUsed, headers: [...input.headers], again: await outcomeOf(() => fetch(input)) };
  }),
  row("rejects a Request whose body was sent before", async (fetch, env) => {
    const input = request(env.url("echo"), { method: "POST", body: "once" });
    return [await outcomeOf(() => fetch(input)), await outcomeOf(() => fetch(input))];
  }),
  row("rejects the second of two calls with one Request that has a body", (fetch, env) => {
    const input = request(env.url("echo"), { method: "POST", body: "once" });
    return Promise.all([outcomeOf(() => fetch(input)), outcomeOf(() => fetch(input))]);
  }),
  row("sends a Request and its clone", (fetch, env) => {
    const input = request(env.url("echo"), { method: "POST", body: "twice" });
    const clone = input.clone();
    return Promise.all([outcomeOf(() => fetch(input)), outcomeOf(() => fetch(clone))]);
  }),
  row("sends a clone after the Request was sent", async (fetch, env) => {
    const input = request(env.url("echo"), { method: "POST", body: new Blob(["twice"]) });
    const clone = input.clone();
    return [await outcomeOf(() => fetch(input)), await outcomeOf(() => fetch(clone))];
  }),
  row("rejects a Request whose body was read", async (fetch, env) => {
    const input = request(env.url("echo"), { method: "POST", body: "read" });
    await input.text();
    return outcomeOf(() => fetch(input));
  }),
  row("rejects a Request whose body is being read", (fetch, env) => {
    const input = request(env.url("echo"), { method: "POST", body: "locked" });
    input.body?.getReader();
    return outcomeOf(() => fetch(input));
  }),
  row("replaces the body of a Request whose body was read", async (fetch, env) => {
    const input = request(env.url("echo"), { method: "POST", body: "read" });
    await input.text();
    return outcomeOf(() => fetch(input, { body: "new" }));
  }),
  row("sends one URL object that changes between calls", (fetch, env) => {
    const url = new URL(env.url("echo?page=0"));
    return Promise.all(
      [1, 2, 3, 4, 5].map((page) => {
        url.searchParams.set("page", String(page));
        return outcomeOf(() => fetch(url));
      }),
    );
  }),
  row("goes where a URL object points at the moment of the call", (fetch, env) => {
    const url = new URL(env.url("echo?moved=no"));
    const pending = outcomeOf(() => fetch(url));
    url.href = env.url("echo?moved=yes", "other");
    return pending;
  }),
  row("does not change a URL object", async (fetch, env) => {
    const url = new URL(env.url("echo?a=1#part"));
    const outcome = await outcomeOf(() => fetch(url));
    return { outcome, href: url.href };
  }),
  call("does not send the fragment of a URL", (env) => [env.url("echo?a#fragment")]),
  call("normalises a URL", (env) => [env.url("x/../echo?q=a b é%20").replace("http:", "HTTP:")]),
  call("trims a URL", (env) => [` ${env.url("echo")}\n`]),
  call("goes to another of our origins", (env) => [env.url("echo", "second"), { method: "POST", body: "a" }]),
  call("goes to a foreign origin", (env) => [env.url("echo", "other"), { method: "POST", body: "a" }]),
  call("accepts a Request to another origin", (env) => [
    request(env.url("echo", "other"), { method: "POST", body: "a" }),
  ]),
  call("resolves or rejects a relative URL", (env) => [new URL(env.url("echo?relative")).pathname]),
  call("resolves or rejects a URL without a scheme", (env) => [env.url("echo").replace("http:", "")]),
  call("resolves or rejects an empty URL", () => [""], { isUnseen: true }),
  call("rejects a URL that cannot be parsed", () => ["http://"]),
  call("rejects a URL with credentials, or sends it", (env) => [env.url("echo").replace("//", "//user:secret@")], {
    mayLackToken: true,
  }),
  call("rejects a call without arguments", () => []),
  call("resolves or rejects `undefined` as a URL", () => [undefined], { isUnseen: true }),
  call("resolves or rejects `null` as a URL", () => [null], { isUnseen: true }),
  call("rejects a symbol as a URL", () => [Symbol("url")]),
  row("rejects with what a URL's toString throws", (fetch) => {
    const reason = new RangeError("no");
    const throwing = () => {
      throw reason;
    };
    return outcomeOf(() => fetch({ toString: throwing }), reason);
  }),
  row("converts a URL's toString once", async (fetch, env) => {
    let count = 0;
    const outcome = await outcomeOf(() => fetch({ toString: () => env.url(`echo?${++count}`) }));
    return { outcome, count };
  }),
  ...["get", "post", "put", "delete", "head", "options", "PATCH", "PROPFIND"].map((method) =>
    call(`sends the method ${method}`, (env) => [env.url("echo"), { method }]),
  ),
  ...["TRACE", "connect", "TRACK", "GE T", "", "é"].map((method) =>
    call(`rejects the method ${JSON.stringify(method)}`, (env) => [env.url("echo"), { method }]),
  ),
  call("accepts `undefined` as the method, and sends a GET", (env) => [env.url("echo"), { method: undefined }]),
  call("converts an object to a method", (env) => [env.url("echo"), { method: { toString: () => "POST" } }]),
  ...["GET", "HEAD"].map((method) =>
    call(`rejects a ${method} with a body`, (env) => [env.url("echo"), { method, body: "a" }]),
  ),
  call("rejects a GET with an empty body", (env) => [env.url("echo"), { body: "" }]),
  call("accepts `null` as the body of a GET", (env) => [env.url("echo"), { body: null }]),
  call("sends a DELETE with a body", (env) => [env.url("echo"), { method: "DELETE", body: "a" }]),
  call("sends a POST without a body", (env) => [env.url("echo"), { method: "POST" }]),
];

// Responses: statuses, headers, bodies, failures of the network, schemes other than http, and options that a server sees.

import { call, described, outcomeOf, type Row, row, settledAs, sleep } from "../row.ts";

const status = (code: number, method = "GET") =>
  call(`resolves with a ${code} to a ${method}`, (env) => [env.url(`status?code=${code}&text=Own`), { method }]);

const read = (path: string, how: "json" | "arrayBuffer" | "blob" | "formData" | "text"): Row =>
  row(`reads ${path} with ${how}()`, async (fetch, env) => {
    const response = await fetch(env.url(path));
    const before = response.bodyUsed;
    const value = await settledAs(async () => response[how]());
    const shown =
      value instanceof ArrayBuffer
        ? value.byteLength
        : value instanceof Blob
          ? [value.size, value.type]
          : value instanceof FormData
            ? [...value].map(([name, field]) => [
                name,
                typeof field === "string" ? field : `${field.name} ${field.size}`,
              ])
            : value;
    return { before, shown, after: response.bodyUsed, again: await settledAs(() => response.text()) };
  });

/** SHA-256 of "echo". */
const INTEGRITY = "sha256-CSx56PgOVZ5AS89mDEjzUitnq6n/FISwNn4aTd73Qx0=";

export const RESPONSES: readonly Row[] = [
  ...[200, 201, 202, 204, 205, 206, 304, 400, 403, 404, 405, 410, 418, 429, 500, 502, 503].map((code) => status(code)),
  ...[200, 204, 404].flatMap((code) => ["POST", "HEAD", "DELETE"].map((method) => status(code, method))),
  call("resolves with a 401 that names another error than invalid_token", (env) => [
    env.url("challenge"),
    { method: "POST", body: "a" },
  ]),
  call("resolves with a 401 of a foreign origin", (env) => [env.url("challenge", "other")]),
  call("resolves with all headers", (env) => [env.url("headers")]),
  call("decompresses a body", (env) => [env.url("gzip")]),
  call("resolves with a body in chunks", (env) => [env.url("stream")]),
  read("json", "json"),
  read("echo", "json"),
  read("form", "formData"),
  read("params", "formData"),
  read("bytes?n=300000", "arrayBuffer"),
  read("bytes?n=0", "blob"),
  read("stream", "blob"),
  read("status?code=204", "text"),
  row(
    "resolves with the headers before the body is complete",
    async (fetch, env) => {
      const controller = new AbortController();
      const response = await fetch(env.url("drip"), { method: "POST", body: "a", signal: controller.signal });
      const reader = response.body?.getReader();
      const first = await reader?.read();
      controller.abort();
      return { status: response.status, first: new TextDecoder().decode(first?.value) };
    },
    { isUnseen: true },
  ),
  row("streams the body of a response", async (fetch, env) => {
    const response = await fetch(env.url("stream"));
    const reader = response.body?.getReader();
    let text = "";
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    return { text, isUsed: response.bodyUsed };
  }),
  row("lets a response be cloned", async (fetch, env) => {
    const response = await fetch(env.url("json"), { method: "POST", body: "a" });
    const clone = response.clone();
    return [await described(response), await described(clone)];
  }),
  row(
    "lets a body be cancelled",
    async (fetch, env) => {
      const response = await fetch(env.url("bytes?n=500000"));
      await response.body?.cancel();
      return { status: response.status, isUsed: response.bodyUsed };
    },
    { isUnseen: true },
  ),
  row("resolves with headers that cannot be changed", async (fetch, env) => {
    const response = await fetch(env.url("echo"));
    const set = await settledAs(() => response.headers.set("X-A", "1"));
    return [set, await response.text()];
  }),
  row("resolves with a genuine Response", async (fetch, env) => {
    const response = await fetch(env.url("echo"), { method: "POST", body: "a" });
    const { name } = response.constructor;
    return [response instanceof Response, name, Object.keys(response), await response.text()];
  }),
  row("returns a genuine promise, another at each call", async (fetch, env) => {
    const [a, b] = [fetch(env.url("echo?a")), fetch(env.url("echo?b"))];
    const kinds = [a instanceof Promise, Object.getPrototypeOf(a) === Promise.prototype, a === b];
    return [kinds, await (await a).text(), await (await b).text()];
  }),
  row(
    "rejects when it reads a body that breaks off",
    async (fetch, env) => {
      const response = await fetch(env.url("broken"));
      const text = (await settledAs(() => response.text())) as object;
      return { status: response.status, isRejected: "rejected" in Object(text) };
    },
    { isUnseen: true },
  ),
  call("rejects when the server ends the connection", (env) => [env.url("reset")], { isUnseen: true }),
  call(
    "rejects a POST when the server ends the connection",
    (env) => [env.url("reset"), { method: "POST", body: "a" }],
    { isUnseen: true },
  ),
  call("rejects when nothing listens", () => ["http://127.0.0.1:9/"]),
  call("rejects a port that is blocked", () => ["http://127.0.0.1:25/"]),
  row("sends 20 calls at once, each with its own body", (fetch, env) =>
    Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const init = { method: "POST", body: `body ${index}`, headers: { "X-Index": String(index) } };
        return (await fetch(env.url(`mirror?${index}`), init)).text();
      }),
    ),
  ),
  row("works without `this`, and with any", async (fetch, env) => {
    const holder = { fetch };
    const bound = fetch.bind(undefined);
    return [await outcomeOf(() => holder.fetch(env.url("echo?1"))), await outcomeOf(() => bound(env.url("echo?2")))];
  }),
  row("ignores further arguments", (fetch, env) =>
    outcomeOf(() => fetch(env.url("echo"), { method: "POST", body: "a" }, "more", { a: 1 })),
  ),

  call("reads a data: URL", () => ["data:text/plain;charset=utf-8,a%20text"]),
  call("reads a data: URL in Base64", () => ["data:;base64,YQ=="]),
  call("resolves or rejects a POST to a data: URL", () => ["data:,a", { method: "POST", body: "a" }]),
  call("rejects a malformed data: URL", () => ["data:text/plain"]),
  row("reads a blob: URL", async (fetch) => {
    const url = URL.createObjectURL(new Blob(["a blob"], { type: "text/own" }));
    const { url: _, ...outcome } = (await outcomeOf(() => fetch(url))) as Record<string, unknown>;
    URL.revokeObjectURL(url);
    return outcome;
  }),
  row("reads a part of a blob: URL, or all of it", async (fetch) => {
    const url = URL.createObjectURL(new Blob(["a blob"]));
    const sent = await outcomeOf(() => fetch(url, { headers: { Range: "bytes=0-0" } }));
    const { url: _, ...outcome } = sent as Record<string, unknown>;
    URL.revokeObjectURL(url);
    return outcome;
  }),
  row("rejects a blob: URL that is unknown", (fetch) => outcomeOf(() => fetch("blob:null/0"))),
  ...[
    "about:blank",
    "file:///nowhere",
    "ftp://127.0.0.1/",
    "mailto:a@b.test",
    "unknown://127.0.0.1:9/",
    "ws://127.0.0.1:9/",
  ].map((url) => call(`resolves or rejects ${url}`, () => [url])),

  ...["omit", "same-origin", "include"].flatMap((credentials) =>
    (["origin", "other"] as const).map((at) =>
      row(
        `obeys credentials: ${credentials} at ${at === "origin" ? "its own" : "another"} origin`,
        async (fetch, env) => {
          await (await fetch(env.url("headers"), { credentials })).text();
          return outcomeOf(() => fetch(env.url("echo", at), { method: "POST", body: "a", credentials }));
        },
      ),
    ),
  ),
  ...["cors", "no-cors", "same-origin"].flatMap((mode) =>
    (["origin", "other"] as const).map((at) =>
      call(
        `obeys mode: ${mode} at ${at === "origin" ? "its own" : "another"} origin`,
        (env) => [env.url("echo", at), { mode }],
        { mayLackToken: mode === "no-cors" },
      ),
    ),
  ),
  ...["default", "no-store", "reload", "no-cache", "force-cache"].map((cache) =>
    row(`obeys cache: ${cache}`, async (fetch, env) => {
      const first = await outcomeOf(() => fetch(env.url("cacheable")));
      await sleep(5);
      return [first, await outcomeOf(() => fetch(env.url("cacheable"), { cache }))];
    }),
  ),
  call("rejects mode: same-origin with only-if-cached, or resolves", (env) => [
    env.url("cacheable"),
    { cache: "only-if-cached", mode: "same-origin" },
  ]),
  // A 401 whose body is of another integrity is a network error to `fetch`: the 401 is not visible.
  call("accepts a body with the expected integrity", (env) => [env.url("echo"), { integrity: INTEGRITY }], {
    mayBeRejected: true,
  }),
  call(
    "rejects a body with another integrity, if the platform checks it",
    (env) => [env.url("json"), { integrity: INTEGRITY }],
    { mayBeRejected: true },
  ),
  call("sends with keepalive", (env) => [env.url("echo"), { method: "POST", body: "a", keepalive: true }]),
  call("sends or rejects 70,000 bytes with keepalive", (env) => [
    env.url("echo"),
    { method: "POST", body: new Uint8Array(70_000), keepalive: true },
  ]),
  call("sends the given referrer", (env) => [env.url("echo"), { referrer: `${env.origin}/from` }]),
  call("sends no referrer if it is empty", (env) => [env.url("echo"), { referrer: "" }]),
  ...["no-referrer", "origin", "unsafe-url", "strict-origin-when-cross-origin"].map((referrerPolicy) =>
    call(`obeys referrerPolicy: ${referrerPolicy}`, (env) => [
      env.url("echo", "second"),
      { method: "POST", body: "a", referrer: `${env.origin}/from?a`, referrerPolicy },
    ]),
  ),
];

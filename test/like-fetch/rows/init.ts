// The second argument: every kind of object that holds members, and when they are read.

import { call, type Env, type Fetch, outcomeOf, type Row, row } from "../row.ts";

class Settings {
  get method(): string {
    return "POST";
  }
  get body(): string {
    return "from a getter";
  }
  get headers(): object {
    return { "X-A": "1" };
  }
}

/** What reaches the function that really sends, as it understands it. */
async function received(fetch: Fetch, env: Env, ...args: unknown[]): Promise<unknown> {
  const calls: unknown[] = [];
  const restore = env.replaceFetch(async (input, init) => {
    const request = new Request(input as string, init as RequestInit);
    const { method, url, credentials, mode, cache, redirect, referrer, referrerPolicy, integrity, keepalive } = request;
    const headers = [...request.headers].filter(([name]) => name !== "authorization");
    const { duplex, targetAddressSpace } = request as unknown as Record<string, unknown>;
    calls.push({ method, url, credentials, mode, cache, redirect, referrer, referrerPolicy, integrity, keepalive });
    calls.push({ headers, duplex, targetAddressSpace, isAborted: request.signal.aborted });
    const { next, cf, priority, dispatcher, tls } = (init ?? {}) as Record<string, unknown>;
    calls.push({ next, cf, priority, dispatcher, tls });
    return new Response("from a mock", { headers: { "X-Answer": "mock" } });
  });
  try {
    return [await outcomeOf(() => fetch(...args)), calls];
  } finally {
    restore();
  }
}

/** A member of init that a server cannot see: a replaced `fetch` shows whether it was passed on. */
const passesOn = (name: string, value: unknown): Row =>
  row(
    `passes on ${name}: ${JSON.stringify(value)}`,
    (fetch, env) => received(fetch, env, env.url("echo"), { [name]: value }),
    { isAlone: true },
  );

const takes = (title: string, init: () => unknown): Row => call(title, (env) => [env.url("echo"), init()]);

export const INITS: readonly Row[] = [
  takes("accepts init from getters of a class", () => new Settings()),
  takes("accepts init from a subclass of a class with getters", () => new (class extends Settings {})()),
  takes("accepts inherited members of init", () => Object.create({ method: "PUT", body: "inherited" })),
  takes("accepts own getters of init", () => ({
    get method() {
      return "PUT";
    },
  })),
  takes("accepts an init that inherits from another", () =>
    Object.assign(Object.create({ method: "PUT", headers: { "X-A": "1" } }), { body: "own" }),
  ),
  takes("accepts an init without a prototype", () => Object.assign(Object.create(null), { method: "PUT" })),
  takes("accepts members of init that are not enumerable", () =>
    Object.defineProperty({}, "method", { value: "PUT", enumerable: false }),
  ),
  takes("accepts a frozen init", () => Object.freeze({ method: "PUT", body: "frozen" })),
  takes("accepts a proxy as init", () => new Proxy({ method: "PUT", body: "behind a proxy" }, {})),
  takes("accepts a function as init", () => Object.assign(() => {}, { method: "PUT" })),
  takes("accepts an array as init", () => Object.assign([], { method: "PUT" })),
  takes("accepts `null` as init", () => null),
  takes("accepts `undefined` as init", () => undefined),
  takes("accepts an empty init", () => ({})),
  takes("accepts members of init that are `undefined`", () => ({
    method: undefined,
    headers: undefined,
    body: undefined,
    signal: undefined,
    redirect: undefined,
    credentials: undefined,
  })),
  takes("ignores unknown members of init", () => ({ method: "PUT", unknown: { a: 1 }, timeout: 5 })),
  ...[5, "POST", true, Symbol("init")].map((init) =>
    call(`resolves or rejects ${String(init)} as init`, (env) => [env.url("echo"), init], { mayLackToken: true }),
  ),
  row("rejects with what a getter of init throws", async (fetch, env) => {
    const reason = new RangeError("no");
    const thrower = (name: string) =>
      Object.defineProperty({}, name, {
        get() {
          throw reason;
        },
      });
    const outcomes = [];
    for (const name of ["method", "headers", "body", "signal", "redirect"]) {
      outcomes.push(await outcomeOf(() => fetch(env.url("echo"), thrower(name)), reason));
    }
    return outcomes;
  }),
  row("reads each member of init at its first value", (fetch, env) => {
    const counts: Record<string, number> = {};
    const count = (name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
      return counts[name];
    };
    const init = {
      get method() {
        return count("method") === 1 ? "POST" : "PUT";
      },
      get body() {
        return `body ${count("body")}`;
      },
      get headers() {
        return { "X-A": String(count("headers")) };
      },
    };
    return outcomeOf(() => fetch(env.url("echo"), init));
  }),
  row("sends what init holds at the moment of the call", (fetch, env) => {
    const init: Record<string, unknown> = { method: "POST", body: "then", headers: { "X-A": "then" } };
    const pending = outcomeOf(() => fetch(env.url("echo"), init));
    Object.assign(init, { method: "PUT", body: "later", headers: { "X-A": "later" } });
    return pending;
  }),
  row("sends what one init holds at each of several calls, and changes nothing in it", async (fetch, env) => {
    const init = { method: "POST", body: "", headers: {} as object };
    const outcomes = await Promise.all(
      [1, 2, 3].map((number) => {
        init.body = `body ${number}`;
        init.headers = { "X-Number": String(number) };
        return outcomeOf(() => fetch(env.url(`echo?${number}`), init));
      }),
    );
    return { outcomes, init };
  }),
  row("ignores that a member is deleted after the call", (fetch, env) => {
    const init: Partial<Record<string, unknown>> = { method: "POST", body: "then" };
    const pending = outcomeOf(() => fetch(env.url("echo"), init));
    delete init["method"];
    delete init["body"];
    return pending;
  }),
  ...(
    [
      ["redirect", "sometimes"],
      ["credentials", "maybe"],
      ["mode", "fast"],
      ["mode", "navigate"],
      ["cache", "always"],
      ["cache", "only-if-cached"],
      ["referrerPolicy", "all"],
      ["referrer", "http://"],
      ["priority", "highest"],
      ["duplex", "full"],
      ["window", "here"],
      ["signal", {}],
      ["signal", "abort"],
    ] as const
  ).map(([name, value]) =>
    call(`resolves or rejects ${name}: ${JSON.stringify(value)}`, (env) => [env.url("echo"), { [name]: value }]),
  ),
  ...(
    [
      ["credentials", "include"],
      ["credentials", "omit"],
      ["mode", "same-origin"],
      ["mode", "no-cors"],
      ["cache", "no-store"],
      ["cache", "reload"],
      ["redirect", "manual"],
      ["redirect", "error"],
      ["referrer", ""],
      ["referrer", "about:client"],
      ["referrerPolicy", "no-referrer"],
      ["integrity", "sha256-AAAA"],
      ["keepalive", true],
      ["priority", "low"],
      ["next", { revalidate: 60, tags: ["a"] }],
      ["cf", { cacheTtl: 60 }],
      ["tls", { rejectUnauthorized: true }],
    ] as const
  ).map(([name, value]) => passesOn(name, value)),
  row(
    "passes on members of init that are inherited or come from getters",
    (fetch, env) =>
      received(
        fetch,
        env,
        env.url("echo"),
        new (class {
          get credentials() {
            return "include";
          }
          get keepalive() {
            return true;
          }
          get referrerPolicy() {
            return "no-referrer";
          }
          get redirect() {
            return "manual";
          }
        })(),
      ),
    { isAlone: true },
  ),
  row(
    "passes on the settings of a Request",
    (fetch, env) =>
      received(
        fetch,
        env,
        new Request(env.url("echo"), {
          method: "POST",
          body: "a",
          credentials: "omit",
          cache: "reload",
          redirect: "error",
          keepalive: true,
          referrerPolicy: "origin",
          integrity: "sha256-AAAA",
        }),
      ),
    { isAlone: true },
  ),
  row(
    "calls the current global fetch, such as a mock that was installed later",
    (fetch, env) => received(fetch, env, env.url("echo"), { method: "POST", body: "a" }),
    { isAlone: true },
  ),
  row(
    "rejects with what a replaced fetch rejects with",
    async (fetch, env) => {
      const reason = new RangeError("from a mock");
      const restore = env.replaceFetch(() => Promise.reject(reason));
      const outcome = await outcomeOf(() => fetch(env.url("echo")), reason);
      restore();
      return outcome;
    },
    { isAlone: true },
  ),
  row(
    "returns the very response that a replaced fetch returns",
    async (fetch, env) => {
      const response = new Response("mine");
      const restore = env.replaceFetch(async () => response);
      const isSame = (await fetch(env.url("echo"), { method: "POST", body: "a" })) === response;
      restore();
      return isSame;
    },
    { isAlone: true },
  ),
];

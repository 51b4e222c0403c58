// Aborts at each stage: before the call, while a token is awaited, before the headers, in the body, afterwards.

import { call, type Fetch, outcomeOf, type Row, row, settledAs, sleep } from "../row.ts";

/** Less than a slow token takes. */
const AT_ONCE_MS = 2000;
const unseen = { isUnseen: true };
const once = { isUnseen: true, mayBeRejected: true };

/** A call that is aborted after some time, if ever; the server holds it. */
const abortedAfter = (milliseconds: number, init: () => object = () => ({}), more = ""): Row =>
  row(
    `rejects with the reason of an abort ${milliseconds} ms after the call${more}`,
    async (fetch, env) => {
      const controller = new AbortController();
      const reason = new RangeError("enough");
      const pending = outcomeOf(() => fetch(env.url("hold"), { ...init(), signal: controller.signal }), reason);
      if (milliseconds > 0) await sleep(milliseconds);
      controller.abort(reason);
      return pending;
    },
    unseen,
  );

const REASONS: readonly (readonly [string, unknown])[] = [
  ["no reason", undefined],
  ["`null`", null],
  ["a string", "a reason"],
  ["an object", { why: 1 }],
  ["an error", new RangeError("enough")],
];

/** Aborts when the server has the request. */
async function abortOnArrival(
  fetch: Fetch,
  arrived: () => Promise<void>,
  controller: AbortController,
  ...args: unknown[]
): Promise<unknown> {
  const reason = new RangeError("enough");
  const pending = outcomeOf(() => fetch(...args), reason);
  await Promise.race([arrived(), pending]);
  controller.abort(reason);
  return pending;
}

export const ABORTS: readonly Row[] = [
  call("rejects if the signal is already aborted", (env) => [env.url("echo"), { signal: AbortSignal.abort() }]),
  ...REASONS.map(([name, reason]) =>
    row(`rejects with the reason of a signal that is already aborted: ${name}`, (fetch, env) =>
      outcomeOf(() => fetch(env.url("echo"), { signal: AbortSignal.abort(reason) }), reason ?? undefined),
    ),
  ),
  ...REASONS.map(([name, reason]) =>
    row(
      `rejects with the reason of a later abort: ${name}`,
      async (fetch, env) => {
        const controller = new AbortController();
        const pending = outcomeOf(() => fetch(env.url("hold"), { signal: controller.signal }), reason ?? undefined);
        await Promise.race([env.arrived(), pending]);
        controller.abort(reason);
        return pending;
      },
      unseen,
    ),
  ),
  ...[0, 1, 2, 4, 8, 16].map((milliseconds) => abortedAfter(milliseconds)),
  ...[0, 3, 8].map((milliseconds) =>
    abortedAfter(milliseconds, () => ({ method: "POST", body: new Uint8Array(100_000) }), ", with a body"),
  ),
  ...[0, 60].flatMap((milliseconds) =>
    ["a string", "a Request"].map((input) =>
      row(
        `rejects at once when it is aborted ${milliseconds} ms after the call of ${input}`,
        async (fetch, env) => {
          const controller = new AbortController();
          const reason = new RangeError("enough");
          const init = { method: "POST", body: "a", signal: controller.signal };
          const args = input === "a Request" ? [new Request(env.url("hold"), init)] : [env.url("hold"), init];
          const pending = outcomeOf(() => fetch(...args), reason);
          if (milliseconds > 0) await sleep(milliseconds);
          controller.abort(reason);
          return Promise.race([pending, sleep(AT_ONCE_MS).then(() => "late")]);
        },
        { isUnseen: true, isTokenSlow: true },
      ),
    ),
  ),
  row("rejects an aborted call with an invalid URL because of the URL", (fetch) =>
    outcomeOf(() => fetch("http://", { signal: AbortSignal.abort(new RangeError("enough")) })),
  ),
  row("uses up an aborted Request, or leaves it", async (fetch, env) => {
    const request = new Request(env.url("echo"), { method: "POST", body: "a", signal: AbortSignal.abort() });
    return { outcome: await outcomeOf(() => fetch(request)), isUsed: request.bodyUsed };
  }),
  row(
    "obeys the abort of a Request's signal",
    (fetch, env) => {
      const controller = new AbortController();
      const request = new Request(env.url("hold"), { signal: controller.signal });
      return abortOnArrival(fetch, env.arrived, controller, request);
    },
    unseen,
  ),
  row(
    "obeys the abort of a signal in init rather than that of a Request",
    (fetch, env) => {
      const controller = new AbortController();
      const request = new Request(env.url("hold"), { signal: new AbortController().signal });
      return abortOnArrival(fetch, env.arrived, controller, request, { signal: controller.signal });
    },
    unseen,
  ),
  row("ignores the abort of a Request if init has another signal", async (fetch, env) => {
    const controller = new AbortController();
    const request = new Request(env.url("stream"), { method: "POST", body: "a", signal: controller.signal });
    const pending = outcomeOf(() => fetch(request, { signal: new AbortController().signal }));
    controller.abort();
    return pending;
  }),
  row("ignores the abort of a Request if init has the signal `null`", async (fetch, env) => {
    const controller = new AbortController();
    const request = new Request(env.url("stream"), { method: "POST", body: "a", signal: controller.signal });
    const pending = outcomeOf(() => fetch(request, { signal: null }));
    controller.abort();
    return pending;
  }),
  row("sends an aborted Request if init has the signal `null`", (fetch, env) => {
    const request = new Request(env.url("echo"), { signal: AbortSignal.abort() });
    return outcomeOf(() => fetch(request, { signal: null }));
  }),
  call("accepts `null` as a signal", (env) => [env.url("echo"), { method: "POST", body: "a", signal: null }]),
  call("accepts `undefined` as a signal", (env) => [env.url("echo"), { signal: undefined }]),
  call(
    "rejects after the time of AbortSignal.timeout",
    (env) => [env.url("hold"), { signal: AbortSignal.timeout(30) }],
    unseen,
  ),
  row(
    "obeys the abort of any of several signals",
    (fetch, env) => {
      const controller = new AbortController();
      const signal = AbortSignal.any([new AbortController().signal, controller.signal]);
      return abortOnArrival(fetch, env.arrived, controller, env.url("hold"), { signal });
    },
    unseen,
  ),
  row(
    "rejects several calls that share a signal",
    async (fetch, env) => {
      const controller = new AbortController();
      const reason = new RangeError("enough");
      const { signal } = controller;
      const calls = [1, 2, 3].map((page) => outcomeOf(() => fetch(env.url(`hold?${page}`), { signal }), reason));
      await Promise.race([env.arrived(), ...calls]);
      controller.abort(reason);
      return Promise.all(calls);
    },
    unseen,
  ),
  row(
    "aborts only the call whose signal is aborted",
    async (fetch, env) => {
      const controller = new AbortController();
      const reason = new RangeError("enough");
      const ended = outcomeOf(() => fetch(env.url("hold"), { signal: controller.signal }), reason);
      const other = outcomeOf(() => fetch(env.url("echo?other")));
      controller.abort(reason);
      return Promise.all([ended, other]);
    },
    unseen,
  ),
  row(
    "obeys an abort of a POST before the headers",
    (fetch, env) => {
      const controller = new AbortController();
      const init = { method: "POST", body: "a text", signal: controller.signal };
      return abortOnArrival(fetch, env.arrived, controller, env.url("hold"), init);
    },
    unseen,
  ),
  row(
    "obeys an abort of a Request with a body before the headers",
    (fetch, env) => {
      const controller = new AbortController();
      const request = new Request(env.url("hold"), { method: "POST", body: "a text", signal: controller.signal });
      return abortOnArrival(fetch, env.arrived, controller, request);
    },
    unseen,
  ),
  ...["init", "a Request"].map((where) =>
    row(
      `obeys an abort while a stream in ${where} is being sent, and cancels the stream`,
      async (fetch, env) => {
        const controller = new AbortController();
        const reason = new RangeError("enough");
        let isCancelled = false;
        let pulls = 0;
        const body = new ReadableStream({
          async pull(stream) {
            if (++pulls > 300) return stream.close();
            await sleep(5);
            stream.enqueue(new Uint8Array(10));
          },
          cancel() {
            isCancelled = true;
          },
        });
        const init = { method: "POST", body, duplex: "half", signal: controller.signal };
        const args = where === "init" ? [env.url("hold"), init] : [new Request(env.url("hold"), init as RequestInit)];
        const pending = outcomeOf(() => fetch(...args), reason);
        // Chromium has rejected it by then: it sends streams over HTTP/2 only.
        await Promise.race([pending, sleep(250)]);
        controller.abort(reason);
        const outcome = await pending;
        await sleep(5);
        return { outcome, isCancelled };
      },
      once,
    ),
  ),
  row(
    "obeys an abort while the body of the response is read",
    async (fetch, env) => {
      const controller = new AbortController();
      const reason = new RangeError("enough");
      const response = await fetch(env.url("drip"), { signal: controller.signal });
      const text = settledAs(() => response.text(), reason);
      controller.abort(reason);
      return { status: response.status, text: await text };
    },
    unseen,
  ),
  row(
    "obeys an abort between the headers and the reading of the body",
    async (fetch, env) => {
      const controller = new AbortController();
      const reason = new RangeError("enough");
      const response = await fetch(env.url("drip"), { method: "POST", body: "a", signal: controller.signal });
      controller.abort(reason);
      return { status: response.status, text: await settledAs(() => response.text(), reason) };
    },
    unseen,
  ),
  row(
    "obeys an abort of a Request's signal in the body of the response",
    async (fetch, env) => {
      const controller = new AbortController();
      const request = new Request(env.url("drip"), { method: "POST", body: "a", signal: controller.signal });
      const response = await fetch(request);
      controller.abort();
      return { status: response.status, text: await settledAs(() => response.text()) };
    },
    unseen,
  ),
  row("ignores an abort after the body was read", async (fetch, env) => {
    const controller = new AbortController();
    const outcome = await outcomeOf(() => fetch(env.url("echo"), { signal: controller.signal }));
    controller.abort();
    return outcome;
  }),
  row("rejects a second call with a signal that was aborted by then", async (fetch, env) => {
    const controller = new AbortController();
    const first = await outcomeOf(() => fetch(env.url("echo"), { signal: controller.signal }));
    controller.abort();
    return [first, await outcomeOf(() => fetch(env.url("echo"), { signal: controller.signal }))];
  }),
];

// Every kind of body, and what happens if it changes after the call.

import {
  call,
  encode,
  LATE_MS,
  outcomeOf,
  post,
  problemOf,
  type Row,
  row,
  settledAs,
  sleep,
  streamOf,
} from "../row.ts";

const formOf = (...fields: [string, string | Blob, string?][]): FormData => {
  const form = new FormData();
  for (const [name, value, file] of fields) {
    if (typeof value === "string") form.append(name, value);
    else if (file) form.append(name, value, file);
    else form.append(name, value);
  }
  return form;
};

/** A row that posts a body and then changes it. */
function changed<T>(title: string, body: () => T, change: (body: T) => void): Row {
  return row(title, (fetch, env) => {
    const value = body();
    const pending = outcomeOf(() => fetch(env.url("echo"), { method: "POST", body: value }));
    change(value);
    return pending;
  });
}

const once = { mayBeRejected: true };

async function* parts(): AsyncGenerator<Uint8Array> {
  yield encode("a");
  await sleep(1);
  yield encode("b");
}

export const BODIES: readonly Row[] = [
  post("sends a string", () => "a text"),
  post("sends a string with characters of every kind", () => "é € 🙂 \u0000 \ud800"),
  post("sends an empty string", () => ""),
  post("sends a String object", () => new String("an object")),
  post("sends a number", () => 5),
  post("sends `false`", () => false),
  post("sends any object as its string", () => ({ toString: () => "converted" })),
  post("sends a plain object as a string", () => ({ a: 1 })),
  post("sends `null` as no body", () => null),
  post("sends `undefined` as no body", () => undefined),
  post("rejects a symbol as a body", () => Symbol("body")),
  post("sends an ArrayBuffer", () => encode("a buffer").buffer),
  post("sends an empty ArrayBuffer", () => new ArrayBuffer(0)),
  post("sends bytes", () => new Uint8Array([0, 255, 128, 10])),
  post("sends a part of a buffer", () => encode("not this, that").subarray(10)),
  post("sends a DataView", () => new DataView(encode("not this, that").buffer, 10, 4)),
  post("sends numbers of 64 bits", () => new Float64Array([1, 2.5])),
  post("sends a Buffer, or a subclass of Uint8Array", () =>
    "Buffer" in globalThis
      ? (globalThis as unknown as { Buffer: { from(text: string): unknown } }).Buffer.from("a Buffer")
      : new (class extends Uint8Array {})([1, 2, 3]),
  ),
  post("sends 200,000 bytes", () => new Uint8Array(200_000).map((_, index) => index)),
  post("sends 2,000,000 bytes", () => new Uint8Array(2_000_000).map((_, index) => index), { isLong: true }),
  post("sends a Blob with its type", () => new Blob(["a ", "blob"], { type: "text/own" })),
  post("sends a Blob without a type", () => new Blob(["blob"])),
  post("sends an empty Blob", () => new Blob()),
  post("sends a slice of a Blob", () => new Blob(["not this, that"]).slice(10, 14, "text/x")),
  post("sends a File", () => (typeof File === "undefined" ? "no File" : new File(["f"], "a.txt", { type: "text/x" }))),
  post(
    "sends URLSearchParams",
    () =>
      new URLSearchParams([
        ["a", "1"],
        ["a", "é &"],
      ]),
  ),
  post("sends empty URLSearchParams", () => new URLSearchParams()),
  post("sends a form", () => formOf(["a", "1"], ["a", "2"], ["b", ""])),
  post("sends an empty form", () => new FormData()),
  post("sends a form with files", () =>
    formOf(["f", new Blob(["one"], { type: "text/one" }), 'a "name" é.txt'], ["g", new Blob([new Uint8Array(70_000)])]),
  ),
  post("sends a form with line breaks and quotes", () => formOf(['a "b"\n', "1\r\n2\n3"])),
  post("sends a stream", () => streamOf(["a", "b"]), once),
  call(
    "sends a stream with duplex",
    (env) => [env.url("echo"), { method: "POST", body: streamOf(["a", "b"]), duplex: "half" }],
    once,
  ),
  call(
    "sends an empty stream",
    (env) => [env.url("echo"), { method: "POST", body: streamOf([]), duplex: "half" }],
    once,
  ),
  call("sends an async generator", (env) => [env.url("echo"), { method: "POST", body: parts(), duplex: "half" }], once),
  call(
    "sends a stream of 300,000 bytes",
    (env) => [
      env.url("echo"),
      { method: "POST", body: streamOf([1, 2, 3].map((fill) => new Uint8Array(100_000).fill(fill))), duplex: "half" },
    ],
    once,
  ),
  call(
    "sends a stream as a Request's body in its time",
    (env) => {
      const body = streamOf(["a", "b"], sleep(20));
      return [new Request(env.url("echo"), { method: "POST", body, duplex: "half" } as RequestInit)];
    },
    once,
  ),
  call(
    "resolves or rejects a stream of numbers",
    (env) => [env.url("echo"), { method: "POST", duplex: "half", body: streamOf([5]) }],
    { ...once, isUnseen: true },
  ),
  row(
    "resolves or rejects when a stream fails",
    (fetch, env) => {
      const reason = new RangeError("no more");
      const body = new ReadableStream({ start: (controller) => controller.error(reason) });
      return outcomeOf(() => fetch(env.url("echo"), { method: "POST", body, duplex: "half" }), reason);
    },
    { ...once, isUnseen: true },
  ),
  row(
    "resolves or rejects a locked stream",
    (fetch, env) => {
      const body = streamOf(["a"]);
      body.getReader();
      return outcomeOf(() => fetch(env.url("echo"), { method: "POST", body, duplex: "half" }));
    },
    once,
  ),
  row(
    "resolves or rejects a stream that was read",
    async (fetch, env) => {
      const body = streamOf(["a", "b"]);
      const reader = body.getReader();
      await reader.read();
      reader.releaseLock();
      return outcomeOf(() => fetch(env.url("echo"), { method: "POST", body, duplex: "half" }));
    },
    once,
  ),
  row(
    "locks a stream at once",
    async (fetch, env) => {
      const body = streamOf(["a", "b"]);
      const pending = outcomeOf(() => fetch(env.url("echo"), { method: "POST", body, duplex: "half" }));
      const isLocked = body.locked;
      const outcome = await pending;
      return { isLocked, outcome, isLockedAfterwards: body.locked };
    },
    once,
  ),
  row("rejects with what a body's toString throws", (fetch, env) => {
    const reason = new RangeError("no");
    const throwing = () => {
      throw reason;
    };
    return outcomeOf(() => fetch(env.url("echo"), { method: "POST", body: { toString: throwing } }), reason);
  }),
  row("converts a body's toString once", async (fetch, env) => {
    let count = 0;
    const body = { toString: () => `converted ${++count}` };
    return [await outcomeOf(() => fetch(env.url("echo"), { method: "POST", body })), count];
  }),
  changed(
    "sends bytes as they are at the call",
    () => encode("then"),
    (bytes) => bytes.fill(0),
  ),
  changed(
    "sends large bytes as they are at the call",
    () => new Uint8Array(100_000).fill(1),
    (bytes) => bytes.fill(2),
  ),
  changed(
    "sends a buffer as it is at the call",
    () => encode("then").buffer,
    (buffer) => new Uint8Array(buffer).fill(0),
  ),
  changed(
    "sends a view as it is at the call",
    () => new DataView(encode("then").buffer),
    (view) => view.setUint8(0, 0),
  ),
  changed(
    "sends a buffer that is transferred afterwards",
    () => encode("then").buffer,
    (buffer) => {
      structuredClone(buffer, { transfer: [buffer] });
    },
  ),
  changed(
    "sends parameters as they are at the call",
    () => new URLSearchParams("a=then"),
    (params) => params.set("a", "later"),
  ),
  changed(
    "sends a form as it is at the call",
    () => formOf(["a", "then"]),
    (form) => form.set("a", "later"),
  ),
  changed(
    "sends a form without what is added afterwards",
    () => formOf(["a", "then"]),
    (form) => form.append("b", "later"),
  ),
  row("sends a transferred buffer, or rejects it", (fetch, env) => {
    const body = encode("gone").buffer;
    structuredClone(body, { transfer: [body] });
    return outcomeOf(() => fetch(env.url("echo"), { method: "POST", body }));
  }),
  row("sends what one form holds at each of several calls", async (fetch, env) => {
    const body = new FormData();
    const outcomes = await Promise.all(
      [1, 2, 3].map((page) => {
        body.set("page", String(page));
        return outcomeOf(() => fetch(env.url(`echo?${page}`), { method: "POST", body }));
      }),
    );
    return { outcomes, fields: [...body] };
  }),
  row("sends what one buffer holds at each of several calls", (fetch, env) => {
    const body = encode("0");
    return Promise.all(
      [1, 2, 3].map((digit) => {
        body[0] = 48 + digit;
        return outcomeOf(() => fetch(env.url(`echo?${digit}`), { method: "POST", body }));
      }),
    );
  }),
  row("sends what one URLSearchParams holds at each of several calls", (fetch, env) => {
    const body = new URLSearchParams();
    return Promise.all(
      [1, 2, 3].map((page) => {
        body.set("page", String(page));
        return outcomeOf(() => fetch(env.url(`echo?${page}`), { method: "POST", body }));
      }),
    );
  }),
  row("sends one Blob, one form and one string several times, one after the other", async (fetch, env) => {
    const outcomes = [];
    for (const body of [new Blob(["again"]), formOf(["a", "again"]), "again"]) {
      for (const time of [1, 2]) {
        outcomes.push(await outcomeOf(() => fetch(env.url(`echo?${time}`), { method: "POST", body })));
      }
    }
    return outcomes;
  }),
  row(
    "resolves with an early response while a stream is still being sent",
    async (fetch, env) => {
      let end = () => {};
      const hold = new Promise<void>((resolve) => {
        end = resolve;
      });
      const body = streamOf(["a"], hold);
      const outcome = await Promise.race([
        outcomeOf(() => fetch(env.url("early"), { method: "POST", body, duplex: "half" })),
        sleep(LATE_MS).then(() => "late"),
      ]);
      end();
      return outcome;
    },
    { ...once, isUnseen: true },
  ),
  row(
    "resolves with an early response while the stream of a Request is still being sent",
    async (fetch, env) => {
      let end = () => {};
      const hold = new Promise<void>((resolve) => {
        end = resolve;
      });
      const init = { method: "POST", body: streamOf(["a"], hold), duplex: "half" } as RequestInit;
      const outcome = await Promise.race([
        outcomeOf(() => fetch(new Request(env.url("early"), init))),
        sleep(LATE_MS).then(() => "late"),
      ]);
      end();
      return outcome;
    },
    { ...once, isUnseen: true },
  ),
  row(
    "resolves with an early response to 2,000,000 bytes",
    (fetch, env) => outcomeOf(() => fetch(env.url("early"), { method: "POST", body: new Uint8Array(2_000_000) })),
    { isUnseen: true, isLong: true },
  ),
  row(
    "reads a stream no faster than it is sent",
    async (fetch, env) => {
      let pulls = 0;
      const body = new ReadableStream(
        {
          pull(controller) {
            if (++pulls > 3) controller.close();
            else controller.enqueue(encode(`${pulls}`));
          },
        },
        { highWaterMark: 0 },
      );
      const before = pulls;
      const outcome = await outcomeOf(() => fetch(env.url("mirror"), { method: "POST", body, duplex: "half" }));
      return { before, outcome, pulls };
    },
    once,
  ),
  row("returns the body that the server mirrors", async (fetch, env) => {
    const response = await fetch(env.url("mirror"), { method: "POST", body: formOf(["a", "é"]) });
    const fields = await settledAs(async () => [...(await response.formData())]);
    return { status: response.status, fields };
  }),
  row("never throws synchronously, whatever the body is", async (fetch, env) => {
    const outcomes = [];
    for (const body of [Symbol("a"), Object.create(null), () => {}]) {
      try {
        outcomes.push(await outcomeOf(() => fetch(env.url("echo"), { method: "POST", body })));
      } catch (error) {
        outcomes.push(problemOf(error));
      }
    }
    return outcomes;
  }),
];

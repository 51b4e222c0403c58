// A row of the table, and how it describes the outcome of a call: as JSON that is equal for equal outcomes.

/** Rows also pass what `fetch` does not allow. */
export type Fetch = (...args: unknown[]) => Promise<Response>;

/** Where a row runs. Each run has URLs of its own. */
export interface Env {
  /** Receives the token. Browsers run the table in a page of this origin. */
  readonly origin: string;
  /** A URL of that origin, or of `second`, which receives the token too, or of `other`, which does not. */
  url(path: string, at?: "origin" | "second" | "other"): string;
  /** Resolves when the server has a request past the check of its token. */
  arrived(): Promise<void>;
  /** Replaces the global `fetch`, until the returned function is called. */
  replaceFetch(mock: Fetch): () => void;
}

export interface Row {
  /** What `fetch` does: a sentence without its subject. */
  readonly title: string;
  readonly run: (fetch: Fetch, env: Env) => Promise<unknown>;
  /** After a 401 to the first token, that 401 may be the outcome: the body cannot be replayed, or the 401 is not visible. */
  readonly mayBeRejected?: boolean;
  /** The body is too long to be copied from a plain Request. */
  readonly isLong?: boolean;
  /** What the server received is not compared, because a cancelled request may arrive or not. */
  readonly isUnseen?: boolean;
  /** A request to one of our origins may lack the token, as after a redirect from elsewhere. */
  readonly mayLackToken?: boolean;
  /** The token request is slow, if there is no token yet or the first was rejected. */
  readonly isTokenSlow?: boolean;
  /** Changes globals, so that no other row may run at the same time. */
  readonly isAlone?: boolean;
}

/** Without an outcome after this time, a call hangs. (On a busy machine a call may take a second.) */
export const LATE_MS = 4000;

export function row(title: string, run: Row["run"], options: Omit<Row, "title" | "run"> = {}): Row {
  return { title, run, ...options };
}

/** A row that calls `fetch` once and describes the response. */
export function call(title: string, args: (env: Env) => unknown[], options?: Omit<Row, "title" | "run">): Row {
  return row(title, (fetch, env) => outcomeOf(() => fetch(...args(env))), options);
}

/** A row that posts one body. */
export function post(title: string, body: () => unknown, options?: Omit<Row, "title" | "run">): Row {
  return call(title, (env) => [env.url("echo"), { method: "POST", body: body() }], options);
}

/** The outcome of a call: a response, a rejection, or a synchronous error. */
export async function outcomeOf(send: () => Promise<Response>, reason?: unknown): Promise<unknown> {
  let promise: Promise<Response>;
  try {
    promise = send();
  } catch (error) {
    return { threw: problemOf(error, reason) };
  }
  try {
    return await described(await promise);
  } catch (error) {
    return { rejected: problemOf(error, reason) };
  }
}

/** Everything that a caller can observe of a response. */
export async function described(response: Response): Promise<unknown> {
  const { status, statusText, ok, type, url, redirected } = response;
  const hasBody = response.body === undefined ? "unknown" : response.body !== null;
  const headers = [...response.headers].filter(([name]) => !IGNORED.has(name));
  const body = await settledAs(() => response.text());
  return { status, statusText, ok, type, url, redirected, hasBody, headers, body };
}

const IGNORED = new Set(["connection", "date", "keep-alive", "transfer-encoding"]);

/** The value of a promise, or its rejection. */
export async function settledAs(work: () => unknown, reason?: unknown): Promise<unknown> {
  try {
    return (await work()) ?? String(undefined);
  } catch (error) {
    return { rejected: problemOf(error, reason) };
  }
}

/** What programs read of an error: name and codes, not the message. */
export function problemOf(error: unknown, reason?: unknown): unknown {
  if (reason !== undefined && error === reason) return "the reason itself";
  if (!(error instanceof Error)) return { value: String(error) };
  const { cause } = error;
  const code = "code" in error ? String(error.code) : "none";
  if (!(cause instanceof Error)) return { name: error.name, code };
  return { name: error.name, code, cause: { name: cause.name, code: "code" in cause ? String(cause.code) : "none" } };
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A stream of some texts; `hold` keeps it open after them until the promise resolves. */
export function streamOf(chunks: readonly unknown[], hold?: Promise<unknown>): ReadableStream {
  return new ReadableStream({
    async start(controller) {
      for (const chunk of chunks) controller.enqueue(typeof chunk === "string" ? encode(chunk) : chunk);
      await hold;
      // It may have been cancelled meanwhile.
      try {
        controller.close();
      } catch {}
    },
  });
}

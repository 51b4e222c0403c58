// Wrappers around `fetch` as people write them, each with one fault and the row of the table that must find it.

import type { Mode } from "./modes.ts";
import { type Fetch, type Row, sleep } from "./row.ts";

type Init = Record<string, unknown>;
/** A careless wrapper, which works for a string, a plain init and headers as an object. */
type Wrapper = (token: () => Promise<string>, isOurs: (url: string) => boolean) => Fetch;

interface Wrong {
  readonly fault: string;
  readonly row: string;
  readonly wrapper: Wrapper;
  /** Its first token is rejected. */
  readonly isRejected?: boolean;
}

const fetchNow: Fetch = (...args) => (globalThis.fetch as Fetch)(...args);
const atImport = globalThis.fetch as Fetch;

function authorised(init: unknown, token: string): Init {
  const headers = new Headers((init as Init)?.["headers"] as HeadersInit);
  if (!headers.has("Authorization")) headers.set("Authorization", `Bearer ${token}`);
  return { ...(init as Init), headers };
}

/** A wrapper that changes init before it is sent. */
const sending =
  (change: (init: Init, input: unknown) => Init | Promise<Init>): Wrapper =>
  (token) =>
  async (input, init) => {
    const sent = authorised(init, await token());
    return fetchNow(input, await change(sent, input));
  };

/** A wrapper that changes the response. */
const receiving =
  (change: (response: Response) => Response | Promise<Response>): Wrapper =>
  (token) =>
  async (input, init) =>
    change(await fetchNow(input, authorised(init, await token())));

const without = (name: string): Wrapper => sending(({ [name]: _, ...init }) => init);

/** A wrapper that replays after a 401, with the arguments that `again` returns. */
const replaying =
  (again: (input: unknown, init: Init, first: Request) => [unknown, Init]): Wrapper =>
  (token) =>
  async (input, init) => {
    const first = new Request(input as string, authorised(init, await token()));
    const copy = first.clone();
    const response = await fetchNow(first);
    return response.status === 401 ? fetchNow(...again(input, authorised(init, await token()), copy)) : response;
  };

export const WRONG: readonly Wrong[] = [
  {
    fault: "sends no token",
    row: "accepts a string",
    wrapper: () => fetchNow,
  },
  {
    fault: "sends the token to every origin",
    row: "goes to a foreign origin",
    wrapper: sending((init) => init),
  },
  { fault: "drops credentials", row: 'passes on credentials: "include"', wrapper: without("credentials") },
  { fault: "drops keepalive", row: "passes on keepalive: true", wrapper: without("keepalive") },
  { fault: "drops cache", row: 'passes on cache: "no-store"', wrapper: without("cache") },
  {
    fault: "drops the signal",
    row: "rejects with the reason of an abort 8 ms after the call",
    wrapper: without("signal"),
  },
  { fault: "drops redirect", row: "obeys redirect: manual", wrapper: without("redirect") },
  {
    fault: "drops unknown members",
    row: 'passes on next: {"revalidate":60,"tags":["a"]}',
    wrapper: sending(({ method, headers, body, signal }) => ({ method, headers, body, signal })),
  },
  {
    fault: "spreads init, so that inherited members are lost",
    row: "accepts init from getters of a class",
    wrapper: sending((init) => init),
  },
  {
    fault: "reads its arguments late",
    row: "sends what init holds at the moment of the call",
    wrapper: (token) => async (input, init) => {
      await sleep(1);
      return fetchNow(input, authorised(init, await token()));
    },
  },
  {
    fault: "reads a URL object late",
    row: "sends one URL object that changes between calls",
    wrapper: sending((init) => init),
  },
  {
    fault: "reads bytes late",
    row: "sends bytes as they are at the call",
    wrapper: sending((init) => init),
  },
  {
    fault: "does not hear an abort while it waits for the token",
    row: "rejects at once when it is aborted 0 ms after the call of a string",
    wrapper: (token) => async (input, init) => {
      await sleep(3000);
      return fetchNow(input, authorised(init, await token()));
    },
  },
  {
    fault: "rejects with an abort error of its own",
    row: "rejects with the reason of a signal that is already aborted: an error",
    wrapper: (token) => async (input, init) => {
      if (((init as Init)["signal"] as AbortSignal).aborted) throw new DOMException("aborted", "AbortError");
      return fetchNow(input, authorised(init, await token()));
    },
  },
  {
    fault: "uses only the URL of a Request",
    row: "accepts a Request with method, headers and a body",
    wrapper: (token) => async (input, init) => fetchNow((input as Request).url, authorised(init, await token())),
  },
  {
    fault: "drops the headers of a Request",
    row: "accepts a Request with method, headers and a body",
    wrapper: sending((init) => init),
  },
  {
    fault: "turns bodies into streams",
    row: "sends a string",
    wrapper: sending((init, input) => ({ ...init, duplex: "half", body: new Request(input as string, init).body })),
  },
  {
    fault: "reads bodies as text",
    row: "sends bytes",
    wrapper: sending(async (init, input) => ({ ...init, body: await new Request(input as string, init).text() })),
  },
  {
    fault: "loses the boundary of a form when it sends it again",
    row: "sends a form",
    isRejected: true,
    wrapper: replaying((input, init, first) => {
      const headers = new Headers(first.headers);
      headers.set("Authorization", "Bearer good-1");
      return [input, { ...init, headers }];
    }),
  },
  {
    fault: "sends no body again",
    row: "sends a string",
    isRejected: true,
    wrapper: replaying((input, { body: _, ...init }) => [input, init]),
  },
  {
    fault: "does not send again",
    row: "sends a string",
    isRejected: true,
    wrapper: sending((init) => init),
  },
  {
    fault: "reads a stream to its end before it sends it",
    row: "resolves with an early response while a stream is still being sent",
    wrapper: sending(async (init) => ({ ...init, body: await new Response(init["body"] as BodyInit).blob() })),
  },
  {
    fault: "throws what should be rejected",
    row: "rejects a URL that cannot be parsed",
    wrapper: (token) => (input, init) => {
      const url = new URL(input as string);
      return token().then((value) => fetchNow(url, authorised(init, value)));
    },
  },
  {
    fault: "converts the URL twice",
    row: "converts a URL's toString once",
    wrapper: (token) => async (input, init) => {
      new URL(String(input));
      return fetchNow(input, authorised(init, await token()));
    },
  },
  {
    fault: "treats `null` headers as missing",
    row: "rejects `null` as headers",
    wrapper: (token) => async (input, init) =>
      fetchNow(input, authorised({ ...(init as Init), headers: (init as Init)["headers"] ?? {} }, await token())),
  },
  {
    fault: "uses up an iterator of headers before it sends it",
    row: "sends headers that come from an iterator to another origin",
    wrapper: (token, isOurs) => async (input, init) => {
      const sent = authorised(init, await token());
      return fetchNow(input, isOurs(String(input)) ? sent : init);
    },
  },
  {
    fault: "writes the token into the caller's headers",
    row: "sends what one Headers object holds at each call, and adds nothing to it",
    wrapper: (token) => async (input, init) => {
      ((init as Init)["headers"] as Headers).set("Authorization", `Bearer ${await token()}`);
      return fetchNow(input, init);
    },
  },
  {
    fault: "replaces the caller's own Authorization",
    row: "sends the caller's own Authorization",
    wrapper: (token) => async (input, init) =>
      fetchNow(input, { ...(init as Init), headers: { Authorization: `Bearer ${await token()}` } }),
  },
  {
    fault: "returns a new Response",
    row: "follows a 302",
    wrapper: receiving((response) => new Response(response.body, response)),
  },
  {
    fault: "reads the whole body before it returns",
    row: "resolves with the headers before the body is complete",
    wrapper: receiving(async (response) => {
      await response.clone().arrayBuffer();
      return response;
    }),
  },
  {
    fault: "throws for statuses that are not ok",
    row: "resolves with a 404 to a GET",
    wrapper: receiving((response) => {
      if (!response.ok) throw new Error(response.statusText);
      return response;
    }),
  },
  {
    fault: "keeps the fetch that it found when it was made",
    row: "calls the current global fetch, such as a mock that was installed later",
    wrapper: (token) => async (input, init) => atImport(input, authorised(init, await token())),
  },
];

/** The mode that runs a wrong wrapper. */
export function modeOf({ fault, wrapper, isRejected = false }: Wrong): Mode {
  return {
    name: fault,
    isRejected,
    async make(origins: readonly string[], _row: Row) {
      const tokens = isRejected ? ["stale-1", "good-1"] : ["good-1"];
      const token = async () => {
        await sleep(2);
        return (tokens.length > 1 ? tokens.shift() : tokens[0]) as string;
      };
      return wrapper(token, (url) => origins.some((origin) => url.startsWith(`${origin}/`)));
    },
  };
}

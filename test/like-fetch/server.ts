// An API on three loopback origins that records requests, parsed so that equal requests have equal records.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { ACTIONS } from "./actions.ts";

/** A request as the server parsed it. */
export interface Arrival {
  readonly at: "origin" | "second" | "other";
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: unknown;
  /** The token that it carried. Not compared. */
  readonly token: "good" | "stale" | "own" | "none";
}

/** The state of one run of one row. */
interface Run {
  readonly arrivals: Arrival[];
  /** The number of requests that passed the check of the token. */
  served: number;
  open: number;
  changed: () => void;
}

export interface LikeFetchServer {
  readonly origin: string;
  readonly second: string;
  readonly other: string;
  /** The requests of a run, once none is under way any more. */
  arrivalsOf(id: string): Promise<readonly Arrival[]>;
  /** Files for browsers and runtimes: path, then type and content. */
  readonly files: Map<string, readonly [type: string, content: string]>;
  /** Receives what is posted to `/report/<name>`. */
  onReport: (name: string, body: string) => void;
  close(): Promise<void>;
}

/** Headers that differ between equal calls, or describe the connection. */
const NOISE = new Set(["connection", "host", "keep-alive"]);
/** How long the server waits for an abort or a request that may never come. */
const PATIENCE_MS = 1500;

export async function startServer(): Promise<LikeFetchServer> {
  const runs = new Map<string, Run>();
  const http = (["origin", "second", "other"] as const).map((at) =>
    createServer({ keepAliveTimeout: 60_000 }, (request, response) => void respond(at, request, response)),
  );
  const origins = await Promise.all(http.map(listen));
  const server: LikeFetchServer = {
    origin: origins[0] as string,
    second: origins[1] as string,
    other: origins[2] as string,
    arrivalsOf: (id) => arrivalsOf(runOf(id)),
    files: new Map(),
    onReport: () => {},
    async close() {
      for (const one of http) {
        one.closeAllConnections();
        one.close();
      }
      await Promise.all(http.map((one) => once(one, "close")));
    },
  };

  function runOf(id: string): Run {
    let run = runs.get(id);
    if (!run) {
      run = { arrivals: [], served: 0, open: 0, changed: () => {} };
      runs.set(id, run);
    }
    return run;
  }

  async function respond(at: Arrival["at"], request: IncomingMessage, response: ServerResponse): Promise<void> {
    allowOrigins(request, response);
    const [path = ""] = (request.url ?? "").split("?");
    const [, area, id = "", action = ""] = path.split("/");
    const file = server.files.get(path);
    if (request.headers["access-control-request-method"]) response.writeHead(204).end();
    else if (file) response.writeHead(200, { "Content-Type": file[0], "Service-Worker-Allowed": "/" }).end(file[1]);
    else if (area === "run") await record(at, runOf(id), id.startsWith("deny"), action, request, response);
    else if (area === "arrivals") response.end(JSON.stringify(await arrivalsOf(runOf(id))));
    else if (area === "arrived") response.end(String(await until(runOf(id), (run) => run.served > 0)));
    else if (area === "report") response.end("thanks", () => {}) && server.onReport(id, await text(request));
    else response.writeHead(404).end();
  }

  return server;
}

async function record(
  at: Arrival["at"],
  run: Run,
  isDenied: boolean,
  action: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  run.open++;
  response.on("close", () => {
    run.open--;
    run.changed();
  });
  const token = tokenOf(request.headers.authorization);
  const isEarly = action === "early";
  const bytes = isEarly ? undefined : await buffer(request).catch(() => undefined);
  const { method, url } = request;
  const body = bytes ? await parsed(bytes, request.headers["content-type"]) : "not read";
  run.arrivals.push({ at, method, url, headers: headersOf(request), body, token });
  if (isDenied || token === "stale") {
    // Not "close": what the client still sends of the body is ignored, as servers do.
    response.writeHead(401, { "WWW-Authenticate": 'Bearer error="invalid_token"', "Cache-Control": "no-store" });
    response.end("rejected");
    return;
  }
  run.served++;
  run.changed();
  const { searchParams } = new URL(url ?? "", "http://server.invalid");
  const act = ACTIONS[action];
  if (act) await act({ request, response, query: searchParams, body: bytes, patienceMs: PATIENCE_MS });
  else response.writeHead(404).end();
}

async function arrivalsOf(run: Run): Promise<readonly Arrival[]> {
  await until(run, ({ open }) => open === 0);
  return run.arrivals;
}

async function until(run: Run, isReached: (run: Run) => boolean): Promise<boolean> {
  const end = Date.now() + 2 * PATIENCE_MS;
  while (!isReached(run) && Date.now() < end) {
    await new Promise<void>((resolve) => {
      run.changed = resolve;
      setTimeout(resolve, 100);
    });
  }
  return isReached(run);
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Allows browsers everything: which origin receives the token is not decided by CORS. */
function allowOrigins({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Access-Control-Allow-Origin", headers.origin ?? "*");
  response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Access-Control-Allow-Methods", headers["access-control-request-method"] ?? "GET");
  response.setHeader("Access-Control-Allow-Headers", headers["access-control-request-headers"] ?? "Authorization");
  response.setHeader("Access-Control-Expose-Headers", "X-Answer, WWW-Authenticate, Location");
}

function tokenOf(authorization: string | undefined): Arrival["token"] {
  if (authorization === undefined) return "none";
  if (authorization.startsWith("Bearer stale")) return "stale";
  return authorization.startsWith("Bearer good") ? "good" : "own";
}

function headersOf({ rawHeaders }: IncomingMessage): [string, string][] {
  const joined = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    const isOurs = name === "authorization" && tokenOf(rawHeaders[index + 1]) !== "own";
    if (NOISE.has(name) || isOurs) continue;
    // Repeated headers and a list are equal (RFC 9110 §5.2).
    const before = joined.get(name);
    const value = rawHeaders[index + 1] ?? "";
    joined.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const pairs = [...joined];
  // Boundaries are random, and may differ in length: the fields are compared instead.
  const boundary = /boundary=[^;]*/;
  const isForm = pairs.some(([name, value]) => name === "content-type" && boundary.test(value));
  return pairs
    .filter(([name]) => !isForm || name !== "content-length")
    .map(([name, value]): [string, string] => [name, value.replace(boundary, "boundary=…")])
    .sort();
}

async function parsed(bytes: Buffer, type: string | undefined): Promise<unknown> {
  if (!type?.startsWith("multipart/form-data")) return shown(bytes);
  try {
    const form = await new Response(new Uint8Array(bytes), { headers: { "Content-Type": type } }).formData();
    return { fields: await Promise.all([...form].map(async ([name, value]) => [name, await fieldOf(value)])) };
  } catch {
    return { unreadable: bytes.length };
  }
}

async function fieldOf(value: string | File): Promise<unknown> {
  if (typeof value === "string") return value;
  return { file: value.name, type: value.type, content: shown(Buffer.from(await value.arrayBuffer())) };
}

/** Short texts as they are, everything else as a digest. */
function shown(bytes: Buffer): string {
  const content = bytes.toString();
  const isText = bytes.length <= 300 && Buffer.from(content).equals(bytes);
  return isText ? content : `${bytes.length} bytes, SHA-256 ${createHash("sha256").update(bytes).digest("hex")}`;
}

// What the server does at the path `/run/<id>/<action>?…`.

import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** `undefined` if it was not read. */
  readonly body: Buffer | undefined;
  readonly patienceMs: number;
}

type Action = (call: Call) => void | Promise<void>;

const FORM = [
  '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
  '--b\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n',
].join("");

export const ACTIONS: Readonly<Record<string, Action>> = {
  echo: ({ response }) => send(response, 200, "text/plain", "echo"),
  /** Responds with the body of the request. */
  mirror: ({ request, response, body }) =>
    send(response, 200, request.headers["content-type"] ?? "text/plain", body ?? ""),
  json: ({ response }) => send(response, 200, "application/json", '{"a":[1,2]}'),
  form: ({ response }) => send(response, 200, "multipart/form-data; boundary=b", FORM),
  params: ({ response }) => send(response, 200, "application/x-www-form-urlencoded", "a=1&b=%C3%A9"),
  bytes: ({ response, query }) =>
    send(response, 200, "application/octet-stream", Buffer.alloc(Number(query.get("n")), 7)),
  status({ response, query }) {
    const code = Number(query.get("code"));
    response.writeHead(code, query.get("text") ?? undefined, { "Cache-Control": "no-store" });
    response.end([204, 205, 304].includes(code) ? undefined : `status ${code}`);
  },
  /** A 401 that names another error than `invalid_token`. */
  challenge({ response }) {
    response.writeHead(401, { "WWW-Authenticate": 'Bearer error="insufficient_scope"', "Cache-Control": "no-store" });
    response.end("not that");
  },
  redirect({ response, query }) {
    const to = query.get("to");
    response.writeHead(Number(query.get("code") ?? 302), {
      ...(to !== null && { Location: to }),
      "Cache-Control": "no-store",
    });
    response.end("moved");
  },
  /** Redirects to itself. */
  loop({ request, response }) {
    response.writeHead(302, { Location: request.url, "Cache-Control": "no-store" }).end();
  },
  headers({ response }) {
    response.setHeader("Set-Cookie", ["a=1", "b=2"]);
    response.setHeader("X-Answer", ["one", "two"]);
    send(response, 200, "text/plain", "headers");
  },
  gzip({ response }) {
    response.setHeader("Content-Encoding", "gzip");
    send(response, 200, "text/plain", gzipSync("unpacked"));
  },
  cacheable({ response }) {
    response.writeHead(200, { "Cache-Control": "max-age=60", ETag: '"v1"', "Content-Type": "text/plain" }).end("kept");
  },
  async stream({ response }) {
    response.writeHead(200, { "Content-Type": "text/plain", "Cache-Control": "no-store" });
    for (const chunk of ["one ", "two ", "three"]) {
      response.write(chunk);
      await sleep(3);
    }
    response.end();
  },
  /** Sends no headers until the client aborts, or `patienceMs` are over. */
  async hold({ response, patienceMs }) {
    await closed(response, patienceMs);
    send(response, 200, "text/plain", "the client did not abort");
  },
  /** Sends the first part of the body, and never the rest. */
  async drip({ response, patienceMs }) {
    response.writeHead(200, { "Content-Type": "text/plain", "Cache-Control": "no-store" }).write("first");
    await closed(response, patienceMs);
    response.destroy();
  },
  /** Responds before the body has arrived. */
  early({ request, response, query }) {
    request.resume();
    send(response, Number(query.get("code") ?? 413), "text/plain", "early");
  },
  /** Sends less than its Content-Length. */
  broken({ response }) {
    response.writeHead(200, { "Content-Length": "100", "Content-Type": "text/plain", "Cache-Control": "no-store" });
    response.write("begun");
    setTimeout(() => response.destroy(), 5);
  },
  reset: ({ response }) => void response.destroy(),
};

function send(response: ServerResponse, code: number, type: string, body: string | Buffer): void {
  const bytes = Buffer.from(body);
  response.writeHead(code, { "Content-Type": type, "Content-Length": bytes.length, "Cache-Control": "no-store" });
  response.end(bytes);
}

function closed(response: ServerResponse, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patienceMs);
    response.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

// A proxy in front of a token endpoint, which counts requests and simulates outages.

import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { type Listening, listen } from "./listen.ts";

const ABOUT_THE_CONNECTION = /^(connection|keep-alive|content-(encoding|length)|transfer-encoding)$/;

export class TokenProxy {
  /** Requests that arrived, and those of them that were answered 503. */
  requests = 0;
  unavailable = 0;
  /** By URL: each source has one of its own, which differs in its query. */
  readonly #inFlight = new Map<string, number>();
  mostInFlight = 0;
  /** The token that the endpoint issued last. */
  newestToken = "";
  /** Answers 503 with this `Retry-After`, in seconds. */
  retryAfter: number | undefined;
  url = "";
  readonly #target: string;
  #listening: Listening | undefined;

  static async inFrontOf(target: string): Promise<TokenProxy> {
    const proxy = new TokenProxy(target);
    await proxy.comeUp();
    return proxy;
  }

  private constructor(target: string) {
    this.#target = target;
  }

  /** Closes the port, so that connections are refused. */
  async goDown(): Promise<void> {
    await this.#listening?.close();
  }

  async comeUp(): Promise<void> {
    const port = this.url ? Number(new URL(this.url).port) : 0;
    this.#listening = await listen(this.#listener, port);
    this.url = this.#listening.origin + new URL(this.#target).pathname;
  }

  #count(url: string, change: number): void {
    const inFlight = (this.#inFlight.get(url) ?? 0) + change;
    this.#inFlight.set(url, inFlight);
    this.mostInFlight = Math.max(this.mostInFlight, inFlight);
  }

  readonly #listener = (request: IncomingMessage, response: ServerResponse): void => {
    // The client may have closed the connection.
    this.#forward(request, response).catch(() => response.destroy());
  };

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = "" } = request;
    this.requests++;
    this.#count(url, 1);
    response.once("close", () => this.#count(url, -1));
    const body = await buffer(request);
    if (this.retryAfter !== undefined) {
      this.unavailable++;
      response.writeHead(503, { "Retry-After": this.retryAfter }).end();
      return;
    }
    const { authorization = "", "content-type": type = "", accept = "" } = request.headers;
    const headers = { "Content-Type": type, Accept: accept, ...(authorization && { Authorization: authorization }) };
    const upstream = await fetch(this.#target, { method: "POST", headers, body, redirect: "manual" });
    const text = await upstream.text();
    if (upstream.ok) this.newestToken = JSON.parse(text).access_token;
    for (const [name, value] of upstream.headers) if (!ABOUT_THE_CONNECTION.test(name)) response.setHeader(name, value);
    response.writeHead(upstream.status).end(text);
  }
}

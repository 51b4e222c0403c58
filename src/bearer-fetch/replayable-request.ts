// A `Request` that remembers its body, for clients that make requests before they send them.

import { bodyOf, copyOfBody, type ReplayBody, registerBodies } from "./body.ts";
import { isDictionary, readInit } from "./fetch-arguments.ts";

/** Where there is no `Request`, this module can still be imported. */
const PlatformRequest: typeof Request = globalThis.Request ?? class {};

class RequestWithBody extends PlatformRequest {
  readonly #body: ReplayBody;

  static {
    registerBodies((request) => (#body in request ? request.#body : undefined));
  }

  constructor(...[input, given]: ConstructorParameters<typeof Request>) {
    const init = withFixedBody(given);
    super(input, init);
    this.#body = init?.body ?? (input instanceof PlatformRequest ? bodyOf(input) : null);
  }

  /** openapi-fetch throws if other middleware returns anything but an instance of its client's class; any request will do. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return PlatformRequest[Symbol.hasInstance](value);
  }
}

/**
 * A `Request` that remembers its body, so that it can be sent again. The first time costs nothing more.
 *
 * Its type is the platform's own: where that is generic, as in Cloudflare's types, no other would do.
 *
 * @example
 * const api = createClient<paths>({ baseUrl, Request: ReplayableRequest });
 */
export const ReplayableRequest: typeof Request = RequestWithBody;

/** The same init, if no one can change its body any more; else a copy, with a copy of the body. */
function withFixedBody(given: RequestInit | undefined): RequestInit | undefined {
  if (!given || !isDictionary(given)) return given;
  // The usual case, and the fastest: no getter, and a body that cannot be changed.
  if (typeof Object.getOwnPropertyDescriptor(given, "body")?.value === "string") return given;
  const init = readInit(given);
  if (init.body != null) init.body = copyOfBody(init.body);
  return init;
}

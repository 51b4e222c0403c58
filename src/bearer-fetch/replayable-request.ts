// A `Request` class that remembers its body, for client libraries that create a `Request` before they call `fetch`. How
// bodies are replayed is in `body.ts`.

import { bodyOf, copyBody, type ReplayBody, registerRememberedBody } from "./body.ts";
import { isDictionary, readInit } from "./fetch-arguments.ts";

/** Jest's jsdom has no `Request`, and this module must be importable there. */
const PlatformRequest: typeof Request = globalThis.Request ?? class {};

class RequestWithBody extends PlatformRequest {
  readonly #body: ReplayBody;

  static {
    registerRememberedBody((request) => (#body in request ? request.#body : undefined));
  }

  constructor(...[input, given]: ConstructorParameters<typeof Request>) {
    const init = withFixedBody(given);
    super(input, init);
    this.#body = init?.body ?? (input instanceof PlatformRequest ? bodyOf(input) : null);
  }

  /** Makes every `Request` an instance: openapi-fetch throws if middleware returns a request that is not one. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return PlatformRequest[Symbol.hasInstance](value);
  }
}

// Declared as `typeof Request`, because Cloudflare's types do not accept a subclass.
/**
 * A `Request` that remembers its body, so that a call can be replayed without a copy of the body.
 *
 * @example
 * const api = createClient<paths>({ baseUrl, Request: ReplayableRequest });
 */
export const ReplayableRequest: typeof Request = RequestWithBody;

/** Returns options whose body the caller cannot change later. */
function withFixedBody(given: RequestInit | undefined): RequestInit | undefined {
  if (!given || !isDictionary(given)) return given;
  // The usual and fastest case: a string, which cannot change, and not a getter.
  if (typeof Object.getOwnPropertyDescriptor(given, "body")?.value === "string") return given;
  const init = readInit(given);
  if (init.body != null) init.body = copyBody(init.body);
  return init;
}

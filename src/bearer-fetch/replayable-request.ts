// A request that can be sent again: what its body was made of, or a copy of it.

import { readUpTo } from "../token-request/response-body.ts";

/** What to send again: a body, `null` for none, `undefined` where it is gone. (`BodyInit` has a name in lib dom only.) */
export type ReplayBody = RequestInit["body"] | null | undefined;

/** Bodies of unknown origin are copied, up to this size, so that the request can be replayed. */
const MAX_COPY_BYTES = 2 ** 20;

/** The platform's; some have none, such as Jest's jsdom, and must be able to load this file all the same. */
const PlatformRequest: typeof Request = globalThis.Request ?? class {};

class RequestWithBody extends PlatformRequest {
  readonly #body: ReplayBody;

  constructor(...[input, init]: ConstructorParameters<typeof Request>) {
    super(input, init);
    this.#body = init?.body ?? (input instanceof PlatformRequest ? undefined : null);
  }

  static bodyOf(request: Request): ReplayBody {
    return #body in request ? request.#body : undefined;
  }

  /** openapi-fetch refuses from other middleware what is no instance of its client's class; any request will do. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return PlatformRequest[Symbol.hasInstance](value);
  }
}

/**
 * A `Request` that knows what its body was made of, so that it can be sent again, at no cost to the first time.
 *
 * Its type is the platform's own: where that is generic, as in Cloudflare's types, no other would do.
 *
 * @example
 * const api = createClient<paths>({ baseUrl, Request: ReplayableRequest });
 */
export const ReplayableRequest: typeof Request = RequestWithBody;

/** What a request's body was made of: `null` if it has none, `undefined` if that is not known. */
export function bodyOf(request: Request): ReplayBody {
  const known = RequestWithBody.bodyOf(request);
  // Reading `body` may build a stream, so it comes last.
  return known === undefined && !request.body ? null : known;
}

/** Reads a copy of a request's body while the request is sent; `undefined` where it is too long. */
export async function copyOf(request: Request): Promise<ReplayBody> {
  try {
    return await readUpTo(MAX_COPY_BYTES, request.clone().body);
  } catch {
    return undefined;
  }
}

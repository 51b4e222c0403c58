// The tokens that were sent a short while ago, by the header that they were sent in.

import type { AccessToken } from "../access-token.ts";

/** A call may outlive its token, but not by many. */
const MAX_SENT = 10;

export class SentTokens {
  readonly #byHeader = new Map<string, AccessToken>();
  #latest: AccessToken | undefined;

  add(token: AccessToken): void {
    if (token === this.#latest) return;
    this.#latest = token;
    this.#byHeader.set(token.authorization, token);
    if (this.#byHeader.size > MAX_SENT) this.#byHeader.delete(this.#byHeader.keys().next().value as string);
  }

  /** The token that was sent in this header, if it was one of ours. */
  find(authorization: string | null): AccessToken | undefined {
    return authorization === null ? undefined : this.#byHeader.get(authorization);
  }
}

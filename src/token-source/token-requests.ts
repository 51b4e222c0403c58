// The token requests of a source: sends one, checks its response, and recognises the requests of its own source. Retries are in
// `refresh.ts`.

import { AccessToken, type AnyTokenResponse } from "../access-token.ts";
import type { TimedToken } from "../store/stored-values.ts";
import { type Clock, elapsedSince, markOf } from "../time/clock.ts";
import { ExpiredTokenError } from "./refresh-policy.ts";
import type { TokenCache } from "./token-cache.ts";
import type { TokenRequester } from "./token-requester.ts";

export class TokenRequests {
  readonly #requester: TokenRequester;
  readonly #cache: TokenCache;
  readonly #clock: Clock;
  readonly #defaultLifetime: number | undefined;
  /** The signals of this source's token requests. */
  readonly #signals = new WeakSet<AbortSignal>();
  /** Set while the requester is called. Most functions send their request before they return a promise. */
  #isCalling = false;

  constructor(requester: TokenRequester, cache: TokenCache, clock: Clock, defaultLifetime: number | undefined) {
    this.#requester = requester;
    this.#cache = cache;
    this.#clock = clock;
    this.#defaultLifetime = defaultLifetime;
  }

  /**
   * Sends one token request.
   *
   * @throws {ExpiredTokenError} if the token has expired on arrival
   * @throws what the requester throws, and `TokenResponseError` as `AccessToken.from` does
   */
  async send(signal: AbortSignal): Promise<TimedToken> {
    const since = markOf(this.#clock);
    const response = (await this.#call(signal)) as AnyTokenResponse;
    const token = AccessToken.from(response, {
      requestedAt: new Date(since.wall),
      scope: this.#requester.scope,
      defaultLifetime: this.#defaultLifetime,
    });
    const lifetimeMs = this.#cache.lifetimeMs(token, since);
    if (lifetimeMs <= elapsedSince(since, this.#clock)) throw new ExpiredTokenError(response.expires_in);
    return { token, since, remainingMs: lifetimeMs, lifetimeMs };
  }

  /**
   * Reports whether a call is one of these token requests.
   *
   * A user's `request` function may call the global `fetch`, and that may be a `bearerFetch` of the same source.
   */
  isOwn(url: string, signal: AbortSignal | undefined): boolean {
    if (url === this.#requester.url || (signal && this.#signals.has(signal))) return true;
    return this.#isCalling && !this.#cache.current();
  }

  #call(signal: AbortSignal): ReturnType<TokenRequester["request"]> {
    this.#signals.add(signal);
    this.#isCalling = true;
    try {
      return this.#requester.request({ signal });
    } finally {
      this.#isCalling = false;
    }
  }
}

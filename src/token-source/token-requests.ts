// The token requests of a source: sends a request, checks the response, and recognises the source's own requests.
// Retries are in `refresh.ts`.

import { AccessToken, type AnyTokenResponse } from "../access-token.ts";
import type { TimedToken } from "../store/stored-values.ts";
import { type Clock, elapsedSince, markOf } from "../time/clock.ts";
import { ExpiredTokenError } from "./refresh-policy.ts";
import type { TokenCache } from "./token-cache.ts";
import type { TokenRequester } from "./token-requester.ts";

export interface TokenRequests {
  /**
   * Sends one token request.
   *
   * @throws {ExpiredTokenError} if the token has expired on arrival
   * @throws what the requester throws, and `TokenResponseError` as `AccessToken.from` does
   */
  send(signal: AbortSignal): Promise<TimedToken>;
  /**
   * Reports whether a call is one of these token requests.
   *
   * A user's `request` function may call the global `fetch`, and that may be a `bearerFetch` of the same source.
   */
  isOwn(url: string, signal: AbortSignal | undefined): boolean;
}

export function createTokenRequests(
  requester: TokenRequester,
  cache: TokenCache,
  clock: Clock,
  defaultLifetime: number | undefined,
): TokenRequests {
  const { scope } = requester;
  const ownSignals = new WeakSet<AbortSignal>();
  // Set while the requester is called. Most functions send their request before they return a promise.
  let isCalling = false;

  const call = (signal: AbortSignal) => {
    ownSignals.add(signal);
    isCalling = true;
    try {
      return requester.request({ signal });
    } finally {
      isCalling = false;
    }
  };

  return {
    async send(signal) {
      const since = markOf(clock);
      const response = (await call(signal)) as AnyTokenResponse;
      const token = AccessToken.from(response, { requestedAt: new Date(since.wall), scope, defaultLifetime });
      const lifetimeMs = cache.lifetimeMs(token, since);
      if (lifetimeMs <= elapsedSince(since, clock)) throw new ExpiredTokenError(response.expires_in);
      return { token, since, remainingMs: lifetimeMs, lifetimeMs };
    },
    isOwn(url, signal) {
      if (url === requester.url || (signal && ownSignals.has(signal))) return true;
      return isCalling && !cache.current();
    },
  };
}

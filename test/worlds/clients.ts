// The clients that are simulated in a world: this package, and a naive client for comparison. (What plain `fetch` would get, the world
// itself records.)

import { bearerFetch, createTokenSource, TokenRequestError } from "oauth2-token-response";
import { API, type CallInit, type ClientFactory } from "./scenario.ts";
import { EndpointFailure, type TokenOnTheWire } from "./token-endpoint.ts";

export const ours: ClientFactory = ({ clock, request, fetch, store }) => {
  const tokens = createTokenSource({
    clock,
    store,
    tokenName: "worlds",
    sharedSecret: "a secret of at least 32 characters, as it must be",
    request: ({ signal }) =>
      request(signal).catch((error) => {
        throw error instanceof EndpointFailure ? new TokenRequestError("https://id.test", error) : error;
      }),
  });
  return bearerFetch(tokens, { origins: [API], fetch });
};

/** Replays every 401 once, after a refresh that concurrent calls share. */
export const naive: ClientFactory = ({ clock, request, fetch }) => {
  let token: TokenOnTheWire | undefined;
  let expiresAt = 0;
  let refresh: Promise<void> | undefined;
  const refreshToken = () => {
    const sentAt = clock.now();
    refresh ??= request()
      .then((fresh) => {
        token = fresh;
        expiresAt = sentAt + fresh.expires_in * 1000;
      })
      .finally(() => {
        refresh = undefined;
      });
    return refresh;
  };
  const send = (url: string, init: CallInit) =>
    fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token?.access_token}` } });
  return async (url, init) => {
    if (clock.now() >= expiresAt) await refreshToken();
    const response = await send(url, init);
    if (response.status !== 401) return response;
    try {
      await refreshToken();
    } catch {
      return response;
    }
    return send(url, init);
  };
};

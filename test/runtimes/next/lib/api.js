import { AsyncLocalStorage } from "node:async_hooks";
import { after } from "next/server";
import { bearerFetch, createTokenSource } from "oauth2-token-response";

const { API_URL, TOKEN_URL } = process.env;
// Next.js keeps on disk what a static page fetches. Outside of a page it keeps nothing.
const outsideOfPages = AsyncLocalStorage.snapshot();

/** How often a refresh was handed to `after`. */
const background = { refreshes: 0 };

const tokens = createTokenSource({
  tokenUrl: TOKEN_URL,
  clientId: "your-client-id",
  clientSecret: "your-client-secret",
  clientAuthentication: "client_secret_post",
  fetch: (url, init) => outsideOfPages(() => fetch(url, init)),
  waitUntil: (promise) => {
    after(promise);
    background.refreshes++;
  },
});
const api = bearerFetch(tokens, { origins: [API_URL] });

/** Posts to the API, and returns what is known then. */
export async function post(from) {
  const response = await api(`${API_URL}/${from}`, { method: "POST", body: JSON.stringify({ from }) });
  return JSON.stringify({ status: response.status, refreshes: background.refreshes });
}

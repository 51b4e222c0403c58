// axios: its fetch adapter takes a `fetch` function. `bearerFetch` sends the token and replays a call after a 401.
// Interceptors work as before.

import axios from "axios";
import { bearerFetch, createTokenSource, ReplayableRequest } from "oauth2-token-response";

const tokens = createTokenSource({
  tokenUrl: "https://login.example.com/token",
  clientId: process.env["OAUTH2_CLIENT_ID"] ?? "your-client-id",
  clientSecret: process.env["OAUTH2_CLIENT_SECRET"] ?? "your-client-secret",
});
const baseURL = "https://api.example.com";
const api = axios.create({
  baseURL,
  adapter: "fetch",
  // axios creates a `Request` before it calls `fetch`. Without `ReplayableRequest`, each body of up to 1 MiB is copied
  // for a replay.
  env: { fetch: bearerFetch(tokens, { origins: [baseURL] }), Request: ReplayableRequest },
});

const { data } = await api.post("/companies", { name: "Zoë & Söhne" });
console.log(data);

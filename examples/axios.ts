// With axios: its fetch adapter takes a `fetch`, which sends the token and replays after a 401. Interceptors work as before.

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
  // `ReplayableRequest` remembers what a body was made of: without it each body is copied while it is sent, up to 1 MiB.
  env: { fetch: bearerFetch(tokens, { origins: [baseURL] }), Request: ReplayableRequest },
});

const { data } = await api.post("/companies", { name: "Zoë & Söhne" });
console.log(data);

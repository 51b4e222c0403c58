import axios from "axios";
import { ReplayableRequest } from "oauth2-token-response";
import { api, apiUrl } from "./tokens.ts";

export const client = axios.create({
  baseURL: apiUrl,
  adapter: "fetch",
  env: { fetch: api, Request: ReplayableRequest },
});

import { createFetch } from "ofetch";
import { api, apiUrl } from "./tokens.ts";

export const client = createFetch({ fetch: api }).create({ baseURL: apiUrl });

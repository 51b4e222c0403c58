import Anthropic from "@anthropic-ai/sdk";
import { api, apiUrl } from "./tokens.ts";

export const client = new Anthropic({
  baseURL: apiUrl,
  fetch: api,
  apiKey: null,
  defaultHeaders: { Authorization: null },
});

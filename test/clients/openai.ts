import OpenAI from "openai";
import { api, apiUrl } from "./tokens.ts";

export const client = new OpenAI({
  baseURL: `${apiUrl}/v1`,
  fetch: api,
  apiKey: "unused",
  defaultHeaders: { Authorization: null },
});

import { bearerFetch } from "oauth2-token-response";
import { Agent, fetch, type RequestInit } from "undici";
import { apiUrl, tokens } from "./tokens.ts";

const dispatcher = new Agent({ connections: 8 });
const send = (url: string, init?: RequestInit) => fetch(url, { ...init, dispatcher });
export const api = bearerFetch(tokens, { origins: [apiUrl], fetch: send as typeof globalThis.fetch });

import { bearerFetch } from "oauth2-token-response";
import { apiUrl, tokens } from "./tokens.ts";

globalThis.fetch = bearerFetch(tokens, { origins: [apiUrl] });

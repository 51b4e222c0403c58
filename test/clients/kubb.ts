import { setConfig } from "@kubb/plugin-client/clients/fetch";
import { bearerFetch } from "oauth2-token-response";
import { apiUrl, tokens } from "./tokens.ts";

globalThis.fetch = bearerFetch(tokens, { origins: [apiUrl] });
setConfig({ baseURL: apiUrl });

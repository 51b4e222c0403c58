import type { paths } from "oauth2-token-response";
import { bearerMiddleware, ReplayableRequest } from "oauth2-token-response/openapi-fetch";
import createClient from "openapi-fetch";
import { apiUrl, tokens } from "./tokens.ts";

export const client = createClient<paths>({ baseUrl: apiUrl, Request: ReplayableRequest });
client.use(bearerMiddleware(tokens, { origins: [apiUrl] }));

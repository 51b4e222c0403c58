import { client } from "./generated/hey-api/client.gen.ts";
import { api, apiUrl } from "./tokens.ts";

client.setConfig({ baseUrl: apiUrl, fetch: api });

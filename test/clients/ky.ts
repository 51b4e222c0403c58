import ky from "ky";
import { api, apiUrl } from "./tokens.ts";

export const client = ky.create({ prefix: apiUrl, fetch: api });

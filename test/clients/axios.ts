import axios from "axios";
import { api, apiUrl } from "./tokens.ts";

export const client = axios.create({ baseURL: apiUrl, adapter: "fetch", env: { fetch: api } });

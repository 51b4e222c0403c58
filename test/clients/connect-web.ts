import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { Companies } from "./fixtures/companies_pb.ts";
import { api, apiUrl } from "./tokens.ts";

export const client = createClient(Companies, createConnectTransport({ baseUrl: apiUrl, fetch: api }));

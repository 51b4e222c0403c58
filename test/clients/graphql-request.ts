import { GraphQLClient } from "graphql-request";
import { api, apiUrl } from "./tokens.ts";

export const client = new GraphQLClient(`${apiUrl}/graphql`, { fetch: api });

import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { api, apiUrl } from "./tokens.ts";

const link = new HttpLink({ uri: `${apiUrl}/graphql`, fetch: api });
export const client = new ApolloClient({ link, cache: new InMemoryCache() });

import { createTRPCClient, httpBatchLink } from "@trpc/client";
import type { AppRouter } from "./fixtures/trpc-router.ts";
import { api, apiUrl } from "./tokens.ts";

export const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${apiUrl}/trpc`, fetch: api })] });

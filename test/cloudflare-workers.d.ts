// What examples/serverless.ts takes of Workers; `wrangler types` writes it for a Worker of one's own.

declare module "cloudflare:workers" {
  export const env: { readonly OAUTH2_CLIENT_ID: string; readonly OAUTH2_CLIENT_SECRET: string };
  export function waitUntil(promise: Promise<unknown>): void;
}

// Preloaded by programs that name the real provider, or the servers of the documentation's examples: their requests go to the
// test provider, at PROVIDER_URL. As in the tests, the endpoints are those of the fixture.

import { register } from "node:module";

const fixture = new URL("../fixture/endpoints.ts", import.meta.url).href;
const hooks = `export async function resolve(name, context, next) {
  const found = await next(name, context);
  return found.url.includes("/src/generated/endpoints.ts") ? { ...found, url: "${fixture}" } : found;
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const SERVERS = [
  ["https://enterprise-api.easyship.com", ""],
  ["https://login.example.com/token", "/oauth2/token"],
  ["https://api.example.com", ""],
];
const realFetch = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const request = new Request(input, init);
  const [server, path] = SERVERS.find(([server]) => request.url.startsWith(server)) ?? ["", ""];
  return realFetch(new Request(request.url.replace(server, process.env.PROVIDER_URL + path), request));
};

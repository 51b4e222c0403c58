// Preloaded by programs that name the real provider, or the servers of the documentation's examples: their requests go to the
// test provider, at PROVIDER_URL.

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

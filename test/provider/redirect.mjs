// Preloaded by programs that name the real provider: their requests go to the test provider, at PROVIDER_URL.

const REAL = "https://enterprise-api.easyship.com";
const realFetch = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const request = new Request(input, init);
  return realFetch(new Request(request.url.replace(REAL, process.env.PROVIDER_URL), request));
};

// Where may a secret be sent? To the endpoints below the base URL, and to the origins of the API, over https: or on loopback.

/** Hosts to which plain http is safe; `URL` has normalised the name. */
const LOOPBACK = /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/;

/** Checks where the endpoints are; returns the URL, normalised. */
export function checkBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) && new URL(baseUrl);
  // A URL can also hold credentials, a query and a fragment. The message does not repeat them.
  if (!url || !isSecure(url) || url.href !== url.origin + url.pathname) {
    throw new TypeError("`baseUrl` must be an https: URL (http: on loopback) of just origin and path");
  }
  return url.href;
}

/** Checks the origins that get the token; returns whether a URL is of one of them. */
export function checkOrigins(origins: string | readonly string[] | undefined): (url: string) => boolean {
  if (!origins) {
    throw new TypeError('`origins` is required, because this source does not know one: ["https://api.example.com"]');
  }
  const prefixes = [origins].flat().map((text) => {
    if (!URL.canParse(text)) throw new TypeError("`origins` must be URLs, such as https://api.example.com");
    const url = new URL(text);
    if (!isSecure(url))
      throw new TypeError(`A token must not go to ${url.origin}: https: is needed, except on loopback`);
    return `${url.origin}/`;
  });
  return (url) => prefixes.some((prefix) => url.startsWith(prefix));
}

/** Whether nobody on the way can read what is sent to this URL. */
function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
}

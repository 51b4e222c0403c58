// Where may a secret be sent? To the endpoints that the options name, and to the origins of the API, over https: or on loopback.

/** Hosts to which plain http is safe; `URL` has normalised the name. */
const LOOPBACK = /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/;

/** Checks the URL that the described endpoints are below; returns it, normalised. */
export function checkBaseUrl(baseUrl: string): string {
  return checkUrl("baseUrl", baseUrl, "origin and path", ({ origin, pathname }) => origin + pathname);
}

/** Checks the URL of an endpoint, which may have a query (RFC 6749 §3.2); returns it, normalised. */
export function checkEndpointUrl(option: string, text: string): string {
  return checkUrl(option, text, "origin, path and query", ({ origin, pathname, search }) => origin + pathname + search);
}

/** A URL can also hold credentials and a fragment. The message does not repeat them. */
function checkUrl(option: string, text: string, parts: string, joined: (url: URL) => string): string {
  const url = URL.canParse(text) && new URL(text);
  if (!url || !isSecure(url) || url.href !== joined(url)) {
    throw new TypeError(`\`${option}\` must be an https: URL (http: on loopback) of just ${parts}`);
  }
  return url.href;
}

/** Checks the origins that get the token; returns whether a URL is of one of them. */
export function checkOrigins(origins: string | readonly string[] | undefined): (url: string) => boolean {
  if (!origins?.length) {
    throw new TypeError(
      '`origins` is required, because the source does not know where the API is: { origins: ["https://api.example.com"] }',
    );
  }
  const prefixes = [origins].flat().map((text) => {
    const url = URL.canParse(text) && new URL(text);
    // In `localhost:3000` the host is a scheme, and a wildcard would match nothing.
    if (!url || url.origin === "null" || url.host.includes("*")) {
      throw new TypeError("`origins` must be URLs, such as https://api.example.com");
    }
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

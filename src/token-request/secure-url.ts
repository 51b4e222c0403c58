// Decides where a secret may be sent: to the endpoints and origins that the options name, over https or on loopback.

/** Loopback hosts, for which plain http is safe. `URL` has normalised the name. */
const LOOPBACK = /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/;

/** Checks the base URL of the described endpoints, and returns it normalised. */
export function checkBaseUrl(baseUrl: string): string {
  return checkUrl("baseUrl", baseUrl, "origin and path", ({ origin, pathname }) => origin + pathname);
}

/** Checks the URL of an endpoint, which may have a query (RFC 6749 §3.2), and returns it normalised. */
export function checkEndpointUrl(option: string, text: string): string {
  return checkUrl(option, text, "origin, path and query", ({ origin, pathname, search }) => origin + pathname + search);
}

/** Rejects a URL with other parts, such as credentials. The message does not repeat it, as it may be secret. */
function checkUrl(option: string, text: string, parts: string, join: (url: URL) => string): string {
  const url = URL.canParse(text) && new URL(text);
  if (!url || !isSecure(url) || url.href !== join(url)) {
    throw new TypeError(`\`${option}\` must be an https: URL (http: on loopback) with ${parts} only`);
  }
  return url.href;
}

/** Checks the origins that get the token. Returns a function that reports whether a URL has one of them. */
export function checkOrigins(origins: string | readonly string[] | undefined): (url: string) => boolean {
  if (!origins?.length) {
    throw new TypeError('`origins` is required if the source has no `baseUrl`, such as ["https://api.example.com"]');
  }
  const prefixes = [origins].flat().map((text) => {
    const url = URL.canParse(text) && new URL(text);
    // `URL` reads `localhost:3000` as a scheme and a path. Wildcards are not supported.
    if (!url || url.origin === "null" || url.host.includes("*")) {
      throw new TypeError("`origins` must be URLs, such as https://api.example.com");
    }
    if (!isSecure(url))
      throw new TypeError(`\`origins\` must not contain ${url.origin}: https: is required, except on loopback`);
    return `${url.origin}/`;
  });
  return (url) => prefixes.some((prefix) => url.startsWith(prefix));
}

/** Reports whether requests to a URL cannot be read on the way. */
function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
}

// Where a runtime forces `bearerFetch` to differ from its own plain `fetch`, and why nothing can be done about it.

export interface Exception {
  /** Which reports it is about. */
  readonly runtime: RegExp;
  /** Which rows. */
  readonly row: RegExp;
  /** Which differences in them: how they begin. */
  readonly at: RegExp;
  readonly reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    runtime: /^(workerd|firefox worker|firefox service worker)$/,
    row: /abort/,
    at: /^outcome\.rejected$/,
    reason:
      "fetch rejects with a copy of an abort's reason, or an AbortError; a wait for the token with the reason itself",
  },
  {
    runtime: /^bun$/,
    row: /^sends empty URLSearchParams$/,
    at: /^server saw\.0\.headers|^the rejected request$/,
    reason: "Bun names the type of empty URLSearchParams only if the request has other headers, such as Authorization",
  },
  {
    runtime: /^node2[45]$/,
    row: /^passes on what a Request says$/,
    at: /^outcome\.1\.0\.referrerPolicy$/,
    reason: "undici 7 forgets the referrerPolicy of a Request that is passed on without init; with init it is named",
  },
];

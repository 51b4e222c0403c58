// Differences between `bearerFetch` and the plain `fetch` of a runtime that the runtime forces, with the reason.

export interface Exception {
  /** The reports that are excepted. */
  readonly runtime: RegExp;
  /** The rows. */
  readonly row: RegExp;
  /** The places of the differences in them. */
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
    row: /^passes on the settings of a Request$/,
    at: /^outcome\.1\.0\.referrerPolicy$/,
    reason: "undici 7 forgets the referrerPolicy of a Request that is passed on without init; with init it is named",
  },
];

// The description of an authorization server for the scenes.

import { revokeToken, type TokenSourceOptions } from "oauth2-token-response";

type Fetch = typeof globalThis.fetch;

/** With characters that Basic credentials, forms and URLs encode differently. */
export const CLIENT_SECRET = "s3cret:with/all+of %them&in=it";
export const CLIENT_ID = "client";
/** For servers that register a client for one authentication method only. */
export const POST_CLIENT_ID = "client-post";
export const TOKEN_SECONDS = 4;

/** How Basic credentials are written. */
export interface BasicOptions {
  readonly encodeClientCredentials?: false;
}

/** What a user knows: from the server's own pages, and of the API. */
export interface Connection {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiOrigin: string;
}

export interface ForeignServer {
  readonly name: string;
  /** The URL of its module. */
  readonly module: string;
  /** What a user writes. */
  readonly connect: (connection: Connection) => Fetch;
  /** What a user passes besides `tokenUrl`, the client and its secret. */
  readonly options?: BasicOptions;
  readonly postClientId?: string;
  /** What else the server can do, if anything. */
  readonly extra?: Extra;
  /** What is not from npm, with a command that succeeds if it is installed. */
  readonly needs?: { readonly packages: string; readonly command: string; readonly args: readonly string[] };
  /** Starts it: in this process, if it is from npm. */
  readonly start: () => Promise<RunningServer>;
}

/** A token request with something more, by options that take the place of the usual ones. */
export interface Extra {
  readonly title: string;
  readonly options: (tokenUrl: string) => Partial<TokenSourceOptions>;
  /** The audience that the token must have, if it has one. */
  readonly audience?: unknown;
}

export interface RunningServer {
  /** The token endpoint itself. */
  readonly tokenUrl: string;
  /** A resource that takes this server's tokens, and echoes what is posted. */
  readonly echoUrl: string;
  readonly revoke: (token: string) => Promise<void>;
  readonly audienceOf?: (token: string) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** Revokes tokens as a user does, who has been given the URL. */
export function revokeAt(revocationUrl: string, options: BasicOptions = {}): RunningServer["revoke"] {
  return (token) => revokeToken({ revocationUrl, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...options, token });
}

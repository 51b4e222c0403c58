// The options and results of the functions in `token-request.ts`: types only.

import type { AccessToken } from "../access-token.ts";
import type { Scope } from "../generated/endpoints.ts";
import type { Authorisation, ClientCredentials, Fields, ProviderOptions, SendOptions } from "./endpoint.ts";

/** The client, and what it requests besides the scope. */
export interface GrantOptions extends ClientCredentials {
  /**
   * Fields that are added to the request, or replace its standard fields: `audience`, `resource`, or `grant_type` with
   * the fields of that grant. A field with several values is sent several times.
   */
  readonly params?: Fields | undefined;
}

/** For a token of the described provider. */
export interface ProviderGrantOptions extends GrantOptions, ProviderOptions {
  readonly tokenUrl?: undefined;
  /** The scopes, separated by spaces or as a list. */
  readonly scope: string | readonly Scope[];
}

/** For a token of any authorization server. */
export interface UrlGrantOptions extends GrantOptions {
  readonly baseUrl?: undefined;
  /** The URL of the token endpoint, such as `https://login.example.com/oauth/token`. Http only on loopback. */
  readonly tokenUrl: string;
  /** The scopes, separated by spaces or as a list. */
  readonly scope?: string | readonly string[] | undefined;
}

/** For {@link requestToken}. */
export type TokenRequestOptions = SendOptions &
  (ProviderGrantOptions | UrlGrantOptions) & {
    /** The lifetime of a token whose response has no `expires_in`, in milliseconds (default: unknown). */
    readonly defaultLifetimeMs?: number | undefined;
  };

/** For {@link getTokenInfo}. */
export interface TokenInfoOptions extends SendOptions, ProviderOptions {
  readonly accessToken: AccessToken;
}

interface Introspection extends SendOptions {
  /** The token to introspect. */
  readonly token: string;
}

/** For {@link introspectToken}, with the described provider. */
export interface IntrospectOptions extends Introspection, ProviderOptions {
  readonly introspectionUrl?: undefined;
  /** The token that authorises the call. It must not be the token to introspect: the provider would reject that. */
  readonly accessToken: AccessToken;
}

/** For {@link introspectToken}, with any authorization server. A client or an access token authorises the call. */
export type UrlIntrospectOptions = Introspection &
  Authorisation & {
    readonly baseUrl?: undefined;
    /** The URL of the introspection endpoint. */
    readonly introspectionUrl: string;
  };

/** The response of an introspection endpoint (RFC 7662 §2.2). */
export interface TokenIntrospection {
  readonly active: boolean;
  readonly scope?: string;
  readonly client_id?: string;
  readonly exp?: number;
  readonly iat?: number;
  readonly [member: string]: unknown;
}

/** For {@link revokeToken}. */
export type RevokeOptions = SendOptions &
  ClientCredentials & {
    /** The token to revoke. */
    readonly token: string;
  } & (
    | (ProviderOptions & { readonly revocationUrl?: undefined })
    | {
        readonly baseUrl?: undefined;
        /** The URL of the revocation endpoint. */
        readonly revocationUrl: string;
      }
  );

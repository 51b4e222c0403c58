// The values that processes share through a store: the token, the cooldown and the lease. What a process does with them
// is decided in `shared-token.ts`.

import { AccessToken, type AnyTokenResponse } from "../access-token.ts";
import { type TokenError, TokenRequestError, TokenResponseError } from "../errors.ts";
import { type Clock, elapsedSince, type Mark } from "../time/clock.ts";
import {
  cooldownMs,
  ExpiredTokenError,
  LONGEST_COOLDOWN_MS,
  unchangedCooldownMs,
} from "../token-source/refresh-policy.ts";
import { CLOCK_GRACE_MS, type Entry, type SealedStore, type ValueKind } from "./sealed-store.ts";

export const TOKEN: ValueKind = { name: "token", graceMs: CLOCK_GRACE_MS };
/** Without grace: a cooldown that ends early costs one request, but one that ends late keeps callers from a token. */
export const COOLDOWN: ValueKind = { name: "cooldown", graceMs: 0 };
/** The right to request the next token. */
export const LEASE: ValueKind = { name: "lease", graceMs: 0 };

/** How long a token of unknown lifetime stays in the store. */
const UNKNOWN_LIFETIME_TTL_MS = 86_400_000;
/** How long a cooldown stays stored after its end, so that further failures are counted as failures in a row. */
const COUNT_MS = 600_000;
/** Statuses that may concern only one process: it has a wrong proxy, or an old secret during a rotation. */
const OWN_STATUSES = [401, 403, 407];

/** A token with its lifetime. A source goes by these values, not by `token.expiresAt`, which is for users. */
export interface TimedToken {
  readonly token: AccessToken;
  /** When the token was requested, or read from the store. */
  readonly since: Mark;
  /** The remaining lifetime at `since`. */
  readonly remainingMs: number;
  /** The lifetime when the token was issued. */
  readonly lifetimeMs: number;
}

export interface StoredToken {
  readonly response: AnyTokenResponse & { readonly access_token: string };
  /** `null` if the lifetime is unknown, because JSON has no `Infinity`. */
  readonly lifetimeMs: number | null;
}

/** A time without token requests: after a failure, or because the server would only return the same token. */
export interface StoredCooldown {
  /** How many requests in a row have failed. */
  readonly count?: number;
  /** Missing if the server returned the same token. */
  readonly failure?: ConstructorParameters<typeof TokenRequestError>[1];
}

/** The values that a process reads before it decides. */
export interface Entries {
  readonly token: Entry<StoredToken>;
  readonly cooldown: Entry<StoredCooldown>;
}

export async function readEntries(store: SealedStore): Promise<Entries> {
  const [token, cooldown] = await Promise.all([store.read<StoredToken>(TOKEN), store.read<StoredCooldown>(COOLDOWN)]);
  return { token, cooldown };
}

/** Stores a token instead of the one that was read, and ends the cooldown. */
export async function storeToken(
  store: SealedStore,
  { token, since, lifetimeMs, ...issued }: TimedToken,
  read: Entries,
  clock: Clock,
): Promise<void> {
  const remainingMs = issued.remainingMs - elapsedSince(since, clock);
  if (read.token.content?.response.access_token === token.value) {
    // The server returned the same token, so the other processes need not request one yet.
    const ttlMs = Math.min(unchangedCooldownMs(remainingMs), LONGEST_COOLDOWN_MS) + COUNT_MS;
    await store.replace(COOLDOWN, read.cooldown.text, { content: {}, ttlMs });
    return;
  }
  // The generated type of a response does not matter here.
  const response: object = token.response;
  const content: StoredToken = { response: { ...response, access_token: token.value }, lifetimeMs };
  const next = { content, ttlMs: Number.isFinite(lifetimeMs) ? remainingMs : UNKNOWN_LIFETIME_TTL_MS };
  const { isDone } = await store.replace(TOKEN, read.token.text, next);
  // The token that was read may have expired meanwhile. If another one is stored, it is newer and stays.
  if (isDone === false) await store.replace(TOKEN, undefined, next);
  if (read.cooldown.text) await store.remove(COOLDOWN, read.cooldown.text);
}

/** Stores a failure as a cooldown, if it concerns all processes. */
export async function storeFailure(store: SealedStore, error: TokenError, { cooldown }: Entries): Promise<void> {
  if (!concernsAll(error)) return;
  const count = (cooldown.content?.count ?? 0) + 1;
  const shown = error instanceof TokenRequestError ? error : { errorDescription: error.message };
  const { status, error: code, errorDescription } = shown as TokenRequestError;
  const content: StoredCooldown = { count, failure: { status, error: code, errorDescription } };
  const ttlMs = Math.min(cooldownMs(error, count, Math.random()), LONGEST_COOLDOWN_MS) + COUNT_MS;
  await store.replace(COOLDOWN, cooldown.text, { content, ttlMs });
}

/** Converts a stored token to an access token. `remainingMs` is its remaining lifetime at `since`. */
export function toTimedToken(stored: StoredToken, since: Mark, remainingMs: number, scope: string): TimedToken {
  const { response, lifetimeMs } = stored;
  const wire = lifetimeMs === null ? response : { ...response, created_at: null, expires_in: remainingMs / 1000 };
  const token = AccessToken.from(wire, { requestedAt: new Date(since.wall), scope });
  return { token, since, remainingMs, lifetimeMs: lifetimeMs ?? Infinity };
}

/** Returns the remaining time of a stored cooldown. */
export function remainingCooldownMs({ content, remainingMs, since }: Entry<StoredCooldown>, clock: Clock): number {
  return content ? remainingMs - COUNT_MS - elapsedSince(since, clock) : 0;
}

/** Reports whether every process would get this failure: the endpoint responded, with a status not in the list. */
function concernsAll(error: TokenError): boolean {
  if (error instanceof TokenRequestError) return error.status !== undefined && !OWN_STATUSES.includes(error.status);
  return error instanceof TokenResponseError && !(error instanceof ExpiredTokenError);
}

// What processes tell each other through a store: the token, and why none is requested for a while. What follows from it is
// decided in `shared-token.ts`.

import { AccessToken, type AnyTokenResponse } from "../access-token.ts";
import { type TokenError, TokenRequestError, TokenResponseError } from "../errors.ts";
import { type Clock, elapsedSince, type Mark } from "../time/clock.ts";
import {
  cooldownMs,
  ExpiredTokenError,
  LONGEST_COOLDOWN_MS,
  unchangedCooldownMs,
} from "../token-source/refresh-policy.ts";
import { CLOCK_GRACE_MS, type Entry, type Kind, type SealedStore } from "./sealed-store.ts";

export const TOKEN: Kind = { name: "token", graceMs: CLOCK_GRACE_MS };
/** No grace: a cooldown that ends early costs a request, one that ends late keeps callers from a token. */
export const COOLDOWN: Kind = { name: "cooldown", graceMs: 0 };
export const LEASE: Kind = { name: "lease", graceMs: 0 };

/** How long a token of unknown lifetime stays in the store. */
const UNKNOWN_LIFETIME_TTL_MS = 86_400_000;
/** How long failures in a row are counted after the cooldown of the last one. */
const COUNT_MS = 600_000;
/** Failures that may be about one process: a wrong proxy, an old secret while it is being rotated. */
const OWN_STATUSES = [401, 403, 407];

/** A token and its place in time. */
export interface TimedToken {
  readonly token: AccessToken;
  /** When it was requested, or read from the store. */
  readonly since: Mark;
  /** The remaining lifetime at `since`. */
  readonly remainingMs: number;
  /** The lifetime when it was issued. */
  readonly lifetimeMs: number;
}

export interface StoredToken {
  readonly response: AnyTokenResponse & { readonly access_token: string };
  /** `null` if the lifetime is unknown: JSON makes that of `Infinity`. */
  readonly lifetimeMs: number | null;
}

/** No token is requested for a while: after a failure, or because the server would only return the same token. */
export interface StoredCooldown {
  readonly count?: number;
  readonly failure?: ConstructorParameters<typeof TokenRequestError>[1];
}

/** The two values that a process reads before it decides. */
export interface Entries {
  readonly token: Entry<StoredToken>;
  readonly cooldown: Entry<StoredCooldown>;
}

export async function readEntries(store: SealedStore): Promise<Entries> {
  const [token, cooldown] = await Promise.all([store.read<StoredToken>(TOKEN), store.read<StoredCooldown>(COOLDOWN)]);
  return { token, cooldown };
}

/** Publishes a token in place of the one that was read, and ends the cooldown. */
export async function publish(
  store: SealedStore,
  { token, since, lifetimeMs, ...issued }: TimedToken,
  read: Entries,
  clock: Clock,
): Promise<void> {
  const remainingMs = issued.remainingMs - elapsedSince(since, clock);
  if (read.token.content?.response.access_token === token.value) {
    // The server would only return it again.
    const ttlMs = Math.min(unchangedCooldownMs(remainingMs), LONGEST_COOLDOWN_MS) + COUNT_MS;
    await store.replace(COOLDOWN, read.cooldown.text, { content: {}, ttlMs });
    return;
  }
  // What the description says of its members decides nothing here.
  const response: object = token.response;
  const content: StoredToken = { response: { ...response, access_token: token.value }, lifetimeMs };
  const next = { content, ttlMs: Number.isFinite(lifetimeMs) ? remainingMs : UNKNOWN_LIFETIME_TTL_MS };
  const { isDone } = await store.replace(TOKEN, read.token.text, next);
  // What was read may have expired by now. If there is another token, it is newer, and stays.
  if (isDone === false) await store.replace(TOKEN, undefined, next);
  if (read.cooldown.text) await store.remove(COOLDOWN, read.cooldown.text);
}

/** Publishes a failure, if every process would see the same. */
export async function publishFailure(store: SealedStore, error: TokenError, { cooldown }: Entries): Promise<void> {
  if (!isShared(error)) return;
  const count = (cooldown.content?.count ?? 0) + 1;
  const shown = error instanceof TokenRequestError ? error : { errorDescription: error.message };
  const { status, error: code, errorDescription } = shown as TokenRequestError;
  const content: StoredCooldown = { count, failure: { status, error: code, errorDescription } };
  const ttlMs = Math.min(cooldownMs(error, count, Math.random()), LONGEST_COOLDOWN_MS) + COUNT_MS;
  await store.replace(COOLDOWN, cooldown.text, { content, ttlMs });
}

/** A stored token as a source uses it, with the lifetime that remains from `since` on. */
export function tokenOf(stored: StoredToken, since: Mark, remainingMs: number, scope: string): TimedToken {
  const { response, lifetimeMs } = stored;
  const wire = lifetimeMs === null ? response : { ...response, created_at: null, expires_in: remainingMs / 1000 };
  const token = AccessToken.from(wire, { requestedAt: new Date(since.wall), scope });
  return { token, since, remainingMs, lifetimeMs: lifetimeMs ?? Infinity };
}

/** The rest of a shared cooldown, of either sort. */
export function restOfCooldownMs({ content, remainingMs, since }: Entry<StoredCooldown>, clock: Clock): number {
  return content ? remainingMs - COUNT_MS - elapsedSince(since, clock) : 0;
}

/** Reports whether a failure is one that every process would see: the endpoint responded, and not about this process. */
function isShared(error: TokenError): boolean {
  if (error instanceof TokenRequestError) return error.status !== undefined && !OWN_STATUSES.includes(error.status);
  return error instanceof TokenResponseError && !(error instanceof ExpiredTokenError);
}

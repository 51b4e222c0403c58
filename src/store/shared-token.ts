// One token for many processes: a process adopts what another one requested, or requests a token under a lease. The store is
// never a dependency: while it is away, each process requests its own.

import { AccessToken } from "../access-token.ts";
import { TokenRequestError } from "../errors.ts";
import type { OAuth2TokenResponse } from "../generated/types.ts";
import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { sleep, withTimeout } from "../time/wait.ts";
import type { TokenError } from "../token-source/events.ts";
import type { Attempt } from "../token-source/refresh.ts";
import {
  ExpiredTokenError,
  failureCooldownMs,
  RejectedTokenError,
  unchangedCooldownMs,
} from "../token-source/refresh-policy.ts";
import { type Entry, SealedStore, type SealedStoreOptions } from "./sealed-store.ts";
import type { TokenStore } from "./token-store.ts";

/** How long a request under a lease may take. Its lease lasts a little longer, so that a dead holder is replaced soon. */
const LEASED_ATTEMPT_MS = 5000;
const LEASE_MS = 6000;
/** How much of an attempt to spend waiting for another process before requesting a token ourselves. */
const WAITING_SHARE = 2 / 3;
/** A process that waits reads the store again after this long, or up to four times as long. */
const POLL_MS = 50;
/** How long a token of unknown lifetime stays in the store. */
const UNKNOWN_LIFETIME_TTL_MS = 86_400_000;
/** How long failures in a row are counted after the cooldown of the last one. */
const COUNT_MS = 600_000;

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

/** What this process has, and how it requests a token itself. */
export interface LocalState {
  request(signal: AbortSignal): Promise<TimedToken>;
  /** The cached token. */
  cached(): { readonly value: string | undefined; readonly remainingMs: number };
  /** Whether an API rejected it. */
  isRejected(value: string): boolean;
}

interface StoredToken {
  readonly response: OAuth2TokenResponse & { readonly access_token: string };
  /** `null`, as JSON has it, where the lifetime is unknown. */
  readonly lifetimeMs: number | null;
}

/** No token is requested for a while: after a failure, or because the server would only return the same token. */
interface StoredCooldown {
  readonly count?: number;
  readonly failure?: ConstructorParameters<typeof TokenRequestError>[1];
}

/** What a source says of itself to share its token. */
export type SharedTokenOptions = Omit<SealedStoreOptions, "store"> & {
  readonly scope: string;
  readonly endpoint: string;
};

/** One process's side of the agreement. */
export class SharedToken {
  readonly #store: SealedStore;
  readonly #clock: Clock;
  readonly #scope: string;
  readonly #endpoint: string;

  constructor(options: SharedTokenOptions & { readonly store: TokenStore }) {
    this.#store = new SealedStore(options);
    this.#clock = options.clock;
    this.#scope = options.scope;
    this.#endpoint = options.endpoint;
  }

  /**
   * Adopts the shared token, waits for the process that requests one, or requests one.
   *
   * @throws what the request throws, or the failure of the process that made the last one
   */
  async attempt(local: LocalState, { signal, limitMs }: Attempt): Promise<TimedToken> {
    const begun = markOf(this.#clock);
    let lease: string | false | undefined = false;
    try {
      for (;;) {
        const [token, cooldown] = await Promise.all([
          this.#store.read<StoredToken>("token"),
          this.#store.read<StoredCooldown>("cooldown"),
        ]);
        const adoptable = this.#adoptable(token, cooldown, local);
        if (adoptable) return adoptable;
        const mayWait = elapsedSince(begun, this.#clock) < limitMs * WAITING_SHARE;
        // `undefined`: the store cannot be reached. A second token does no harm.
        if (lease !== false || !mayWait) return await this.#request(token, cooldown, local);
        lease = await this.#store.replace("lease", undefined, {}, LEASE_MS);
        // With the lease it reads once more: another process may have requested a token in between.
        if (lease === false) await sleep(POLL_MS * (1 + 3 * Math.random()), this.#clock);
        signal.throwIfAborted();
      }
    } finally {
      // Not awaited: the token is there, and who waits for it needs no lease.
      if (lease) this.#store.remove("lease", lease);
    }
  }

  /** Removes a token that an API rejected, unless another one is stored by now. */
  async discard(value: string): Promise<void> {
    const { text, content } = await this.#store.read<StoredToken>("token");
    if (text && content?.response.access_token === value) await this.#store.remove("token", text);
  }

  /** The stored token if it can be adopted. @throws the stored failure during its cooldown */
  #adoptable(token: Entry<StoredToken>, cooldown: Entry<StoredCooldown>, local: LocalState): TimedToken | undefined {
    const value = token.content?.response.access_token;
    const cooldownMs = cooldown.content ? cooldown.ttlMs - COUNT_MS : 0;
    const failure = cooldown.content?.failure;
    if (value !== undefined && !local.isRejected(value)) {
      const cached = local.cached();
      const isSame = value === cached.value;
      const isUnchanged = isSame && cooldownMs > 0 && !failure;
      if (isUnchanged || (!isSame && token.ttlMs > cached.remainingMs)) return this.#adopt(token);
    }
    if (cooldownMs > 0 && failure)
      throw new TokenRequestError(this.#endpoint, { ...failure, retryAfterMs: cooldownMs });
    return undefined;
  }

  #adopt({ content, ttlMs, since }: Entry<StoredToken>): TimedToken {
    const { response = {}, lifetimeMs: stored = null } = content ?? {};
    const lifetimeMs = stored ?? Infinity;
    // The time to live is not sealed: who can write to the store could lengthen it.
    const remainingMs = stored === null ? Infinity : Math.min(ttlMs, stored);
    const wire = stored === null ? response : { ...response, created_at: null, expires_in: remainingMs / 1000 };
    const requestedAt = new Date(since.wall);
    const token = AccessToken.from(wire as OAuth2TokenResponse, { requestedAt, scope: this.#scope });
    return { token, since, remainingMs, lifetimeMs };
  }

  async #request(token: Entry<StoredToken>, cooldown: Entry<StoredCooldown>, local: LocalState): Promise<TimedToken> {
    try {
      const toError = (cause: DOMException) => new TokenRequestError(this.#endpoint, {}, { cause });
      const limit = { timeoutMs: LEASED_ATTEMPT_MS, clock: this.#clock, toError };
      const issued = await withTimeout((signal) => local.request(signal), limit);
      await this.#share(issued, token, cooldown);
      return issued;
    } catch (error) {
      await this.#shareFailure(error as TokenError, cooldown);
      throw error;
    }
  }

  async #share(issued: TimedToken, entry: Entry<StoredToken>, cooldown: Entry<StoredCooldown>): Promise<void> {
    const isKnown = Number.isFinite(issued.lifetimeMs);
    const ttlMs = isKnown ? issued.remainingMs - elapsedSince(issued.since, this.#clock) : UNKNOWN_LIFETIME_TTL_MS;
    const access_token = issued.token.value;
    if (entry.content?.response.access_token === access_token) {
      await this.#store.replace(
        "cooldown",
        cooldown.text,
        {} satisfies StoredCooldown,
        unchangedCooldownMs(ttlMs) + COUNT_MS,
      );
      return;
    }
    const lifetimeMs = isKnown ? issued.lifetimeMs : null;
    const stored: StoredToken = { response: { ...issued.token.response, access_token }, lifetimeMs };
    const isWritten = await this.#store.replace("token", entry.text, stored, ttlMs);
    // What was seen may be gone by now, since an API rejected it; another token there is newer, and stays.
    if (isWritten === false) await this.#store.replace("token", undefined, stored, ttlMs);
    if (cooldown.text) await this.#store.remove("cooldown", cooldown.text);
  }

  async #shareFailure(error: TokenError, cooldown: Entry<StoredCooldown>): Promise<void> {
    // These two are no failure of the endpoint.
    if (error instanceof ExpiredTokenError || error instanceof RejectedTokenError) return;
    const count = (cooldown.content?.count ?? 0) + 1;
    const shown = error instanceof TokenRequestError ? error : { errorDescription: error.message };
    const { status, error: code, errorDescription } = shown as TokenRequestError;
    const stored: StoredCooldown = { count, failure: { status, error: code, errorDescription } };
    await this.#store.replace(
      "cooldown",
      cooldown.text,
      stored,
      failureCooldownMs(error, count, Math.random()) + COUNT_MS,
    );
  }
}

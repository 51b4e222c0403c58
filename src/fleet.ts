// One token for many processes: a member takes over what another one asked for, or asks under a lease. The store is never a
// dependency: where it is away, each member asks for itself.

import { type Clock, elapsedSince, type Mark, markOf } from "./clock.ts";
import { TokenRequestError } from "./errors.ts";
import type { TokenError } from "./events.ts";
import { coolDownMs, quietMs } from "./freshness.ts";
import type { OAuth2TokenResponse } from "./generated/schemas.ts";
import { type Attempt, ExpiredTokenError, RefusedTokenError, withinTime } from "./retry.ts";
import { AccessToken } from "./token.ts";
import { type Seen, Vault, type VaultOptions } from "./vault.ts";

/** A request under a lease may take so long; its lease lasts a little longer, so that a dead holder is replaced soon. */
const REQUEST_MS = 5000;
const LEASE_MS = 6000;
/** So much of an attempt a member waits for others, before it asks alone. */
const PATIENCE = 2 / 3;
/** Whoever waits looks again after so long, or up to four times as long. */
const POLL_MS = 50;
/** So long a token lies in the store whose life is unknown. */
const UNKNOWN_MS = 86_400_000;
/** So long failures in a row are counted after the pause of the last one. */
const COUNTED_MS = 600_000;

/** A token and its place in time. */
export interface TimedToken {
  readonly token: AccessToken;
  /** When it was asked for, or seen in the store. */
  readonly since: Mark;
  /** Counted from `since`. */
  readonly lifeMs: number;
  /** How long it lived when it was new. */
  readonly wholeMs: number;
}

/** How a member asks, and what it knows of tokens. */
export interface Member {
  ask(signal: AbortSignal): Promise<TimedToken>;
  /** What it has already. */
  inHand(): { readonly value: string | undefined; readonly leftMs: number };
  /** Whether an API refused it. */
  isRefused(value: string): boolean;
}

interface StoredToken {
  readonly response: OAuth2TokenResponse & { readonly access_token: string };
  /** `null`, as JSON has it, where the life is unknown. */
  readonly wholeMs: number | null;
}

/** Nobody is to ask for a while: after a failure, or where the server would only give the token that is there. */
interface StoredPause {
  readonly count?: number;
  readonly failure?: ConstructorParameters<typeof TokenRequestError>[1];
}

/** One member's side of the agreement. */
export class Fleet {
  readonly #vault: Vault;
  readonly #clock: Clock;
  readonly #scope: string;
  readonly #endpoint: string;

  constructor(options: VaultOptions & { readonly scope: string; readonly endpoint: string }) {
    this.#vault = new Vault(options);
    this.#clock = options.clock;
    this.#scope = options.scope;
    this.#endpoint = options.endpoint;
  }

  /**
   * Takes over the fleet's token, waits for the member that asks for one, or asks.
   *
   * @throws what asking throws, or the failure of the member that asked last
   */
  async attempt(member: Member, { signal, limitMs }: Attempt): Promise<TimedToken> {
    const begun = markOf(this.#clock);
    let lease: string | false | undefined = false;
    try {
      for (;;) {
        const [token, pause] = await Promise.all([
          this.#vault.look<StoredToken>("token"),
          this.#vault.look<StoredPause>("pause"),
        ]);
        const known = this.#known(token, pause, member);
        if (known) return known;
        const isPatient = elapsedSince(begun, this.#clock) < limitMs * PATIENCE;
        // `undefined`: the store cannot tell who asks. A second token does no harm.
        if (lease !== false || !isPatient) return await this.#ask(token, pause, member);
        lease = await this.#vault.replace("lease", undefined, {}, LEASE_MS);
        // With the lease it looks once more: another one may have asked in between.
        if (lease === false) await this.#sleep(POLL_MS * (1 + 3 * Math.random()));
        signal.throwIfAborted();
      }
    } finally {
      // Not awaited: the token is there, and whoever waits for it needs no lease.
      if (lease) this.#vault.remove("lease", lease);
    }
  }

  /** Takes away from the others what an API refused. */
  async discard(value: string): Promise<void> {
    const { text, content } = await this.#vault.look<StoredToken>("token");
    if (text && content?.response.access_token === value) await this.#vault.remove("token", text);
  }

  /** What the fleet has: a token to take over, or the reason why nobody is to ask. */
  #known(token: Seen<StoredToken>, pause: Seen<StoredPause>, member: Member): TimedToken | undefined {
    const value = token.content?.response.access_token;
    const pauseMs = pause.content ? pause.leftMs - COUNTED_MS : 0;
    const failure = pause.content?.failure;
    if (value !== undefined && !member.isRefused(value)) {
      const held = member.inHand();
      const isSame = value === held.value;
      const isKept = isSame && pauseMs > 0 && !failure;
      if (isKept || (!isSame && token.leftMs > held.leftMs)) return this.#adopt(token);
    }
    if (pauseMs > 0 && failure) throw new TokenRequestError(this.#endpoint, { ...failure, retryAfterMs: pauseMs });
    return undefined;
  }

  #adopt({ content, leftMs, since }: Seen<StoredToken>): TimedToken {
    const { response = {}, wholeMs: stored = null } = content ?? {};
    const wholeMs = stored ?? Infinity;
    // The time to live is not sealed: whoever can write to the store could lengthen it.
    const lifeMs = stored === null ? Infinity : Math.min(leftMs, stored);
    const told = stored === null ? response : { ...response, created_at: null, expires_in: lifeMs / 1000 };
    const requestedAt = new Date(since.wall);
    const token = AccessToken.from(told as OAuth2TokenResponse, { requestedAt, scope: this.#scope });
    return { token, since, lifeMs, wholeMs };
  }

  async #ask(token: Seen<StoredToken>, pause: Seen<StoredPause>, member: Member): Promise<TimedToken> {
    try {
      const asked = await withinTime(member.ask, REQUEST_MS, this.#clock, this.#endpoint);
      await this.#share(asked, token, pause);
      return asked;
    } catch (error) {
      await this.#shareFailure(error as TokenError, pause);
      throw error;
    }
  }

  async #share(asked: TimedToken, seen: Seen<StoredToken>, pause: Seen<StoredPause>): Promise<void> {
    const isKnown = Number.isFinite(asked.wholeMs);
    const leftMs = isKnown ? asked.lifeMs - elapsedSince(asked.since, this.#clock) : UNKNOWN_MS;
    const access_token = asked.token.value;
    if (seen.content?.response.access_token === access_token) {
      await this.#vault.replace("pause", pause.text, {} satisfies StoredPause, quietMs(leftMs) + COUNTED_MS);
      return;
    }
    const wholeMs = isKnown ? asked.wholeMs : null;
    const stored: StoredToken = { response: { ...asked.token.response, access_token }, wholeMs };
    const isWritten = await this.#vault.replace("token", seen.text, stored, leftMs);
    // What was seen may be gone by now, since an API refused it; another token there is newer, and left.
    if (isWritten === false) await this.#vault.replace("token", undefined, stored, leftMs);
    if (pause.text) await this.#vault.remove("pause", pause.text);
  }

  async #shareFailure(error: TokenError, pause: Seen<StoredPause>): Promise<void> {
    // These two are no failure of the endpoint.
    if (error instanceof ExpiredTokenError || error instanceof RefusedTokenError) return;
    const count = (pause.content?.count ?? 0) + 1;
    const told = error instanceof TokenRequestError ? error : { errorDescription: error.message };
    const { status, error: code, errorDescription } = told as TokenRequestError;
    const stored: StoredPause = { count, failure: { status, error: code, errorDescription } };
    await this.#vault.replace("pause", pause.text, stored, coolDownMs(error, count, Math.random()) + COUNTED_MS);
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimeout(resolve, milliseconds));
  }
}

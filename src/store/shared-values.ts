// The store in the words of a fleet: reads the token and the cooldown, takes and returns the lease, publishes what a request
// brought. What follows from it is decided in `shared-token.ts`.

import type { TokenError } from "../errors.ts";
import { type Clock, elapsedSince } from "../time/clock.ts";
import type { SealedStore, Write } from "./sealed-store.ts";
import {
  COOLDOWN,
  type Entries,
  failureCooldown,
  LEASE,
  type StoredCooldown,
  type StoredToken,
  storableToken,
  type TimedToken,
  TOKEN,
  unchangedCooldown,
} from "./stored-values.ts";

/** What a fleet's processes read and write. Each method is told how long a command may take; none rejects. */
export class SharedValues {
  readonly #store: SealedStore;
  readonly #clock: Clock;

  constructor(store: SealedStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async read(timeoutMs: number): Promise<Entries> {
    const [token, cooldown] = await Promise.all([
      this.#store.read<StoredToken>(TOKEN, timeoutMs),
      this.#store.read<StoredCooldown>(COOLDOWN, timeoutMs),
    ]);
    return { token, cooldown };
  }

  takeLease(leaseMs: number, timeoutMs: number): Promise<Write> {
    return this.#store.replace(LEASE, undefined, {}, { ttlMs: leaseMs, timeoutMs });
  }

  /** Removes our lease, also if the store did not respond when we took it: it may have it. */
  async returnLease({ text, isDone }: Write, timeoutMs: number): Promise<void> {
    if (text && isDone !== false) await this.#store.remove(LEASE, text, timeoutMs);
  }

  /** Publishes a token in place of the one that was read, and ends the cooldown. */
  async publish(issued: TimedToken, { token, cooldown }: Entries, timeoutMs: number): Promise<void> {
    const { content, ttlMs } = storableToken(issued, this.#clock);
    if (token.content?.response.access_token === issued.token.value) {
      const unchanged = unchangedCooldown(issued.remainingMs - elapsedSince(issued.since, this.#clock));
      await this.#store.replace(COOLDOWN, cooldown.text, unchanged.content, { ttlMs: unchanged.ttlMs, timeoutMs });
      return;
    }
    const { isDone } = await this.#store.replace(TOKEN, token.text, content, { ttlMs, timeoutMs });
    // What was read may have expired by now. If there is another token, it is newer, and stays.
    if (isDone === false) await this.#store.replace(TOKEN, undefined, content, { ttlMs, timeoutMs });
    if (cooldown.text) await this.#store.remove(COOLDOWN, cooldown.text, timeoutMs);
  }

  /** Publishes a failure, if every process would see the same. */
  async publishFailure(error: TokenError, { cooldown }: Entries, timeoutMs: number): Promise<void> {
    const shared = failureCooldown(error, cooldown);
    if (shared) await this.#store.replace(COOLDOWN, cooldown.text, shared.content, { ttlMs: shared.ttlMs, timeoutMs });
  }
}

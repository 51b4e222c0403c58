// Wraps a store: encrypts its values, checks how long they are valid, limits the time of each command, and leaves the
// store alone after an error. What the values mean is in `stored-values.ts`.

import { safeCause } from "../errors.ts";
import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { createSeal, type Seal } from "./seal.ts";
import type { TokenStore } from "./token-store.ts";

/** After an error, the store is not used for this long. */
const COOLDOWN_MS = 10_000;
/**
 * How far the clocks of two machines may differ. Kerberos allows the same (RFC 4120), so most machines stay within it.
 *
 * If an attacker puts an old value back into the store, it is accepted for this long after its end at most.
 */
export const CLOCK_GRACE_MS = 300_000;

export interface SealedStoreOptions {
  readonly store: TokenStore;
  /** The secret that the processes that share the token have in common. */
  readonly secret: string;
  /** Distinguishes this token from others with the same secret. */
  readonly identity: readonly string[];
  readonly clock: Clock;
  /** Returns the time limit of the next command. */
  readonly timeoutMs: () => number;
  /** Called when the store failed, with the time until it is used again. */
  readonly onStoreFailed: (error: unknown, retryInMs: number) => void;
}

/** One of the values that are stored for a token. */
export interface ValueKind {
  readonly name: string;
  /** How long a value is accepted after its sealed end, because the clocks of machines differ. */
  readonly graceMs: number;
}

/** The result of a read. */
export interface Entry<T> {
  /** The sealed text, which `replace` and `remove` expect. */
  readonly text: string | undefined;
  /** The opened value. Missing if there is none, if it could not be opened, or if it has expired. */
  readonly content?: T;
  /** How long the value is valid, counted from `since`. */
  readonly remainingMs: number;
  readonly since: Mark;
}

/** A value to store. */
export interface NewValue<T = object> {
  readonly content: T;
  readonly ttlMs: number;
}

/** The result of a write. */
export interface WriteResult {
  /** The sealed text that was sent to the store. `undefined` if nothing was sent. */
  readonly text: string | undefined;
  /** `false` if another value was stored there. `undefined` if the store did not respond. */
  readonly isDone?: boolean | undefined;
}

/** A value as it is sealed. It includes its time to live, because an attacker could change that of the store. */
interface Envelope<T> extends NewValue<T> {
  /** When it was sealed, in epoch milliseconds. */
  readonly sealedAt: number;
}

/** Stores sealed values. If the store fails, methods report it to `onStoreFailed` and do not reject. */
export class SealedStore {
  readonly #options: SealedStoreOptions;
  #seal: Promise<Seal> | undefined;
  #failedAt: Mark | undefined;

  constructor(options: SealedStoreOptions) {
    if (!globalThis.crypto?.subtle) {
      throw new TypeError("A `store` needs Web Crypto (`crypto.subtle`). Browsers have it on https: pages only");
    }
    this.#options = options;
  }

  /** Reads a value. The entry has no content if there is no valid value, or if the store fails. */
  async read<T>({ name, graceMs }: ValueKind): Promise<Entry<T>> {
    // Taken before the read, so that the remaining time is never too long.
    const since = markOf(this.#options.clock);
    const found = await this.#command(async (store, seal) => {
      const key = keyOf(seal, name);
      const stored = await store.read(key);
      return stored && { ...stored, opened: await seal.open(key, stored.value) };
    });
    const empty = { text: found?.value, remainingMs: 0, since };
    if (found?.opened === undefined) return empty;
    const envelope: Envelope<T> = JSON.parse(found.opened);
    const remainingMs = remainingMsOf(envelope, found.ttlMs, since.wall, graceMs);
    return remainingMs > 0 ? { ...empty, content: envelope.content, remainingMs } : empty;
  }

  /** Stores a value if the stored text is the expected one, or if nothing is stored and `expected` is `undefined`. */
  async replace({ name }: ValueKind, expected: string | undefined, next: NewValue): Promise<WriteResult> {
    let text: string | undefined;
    const isDone = await this.#command(async (store, seal) => {
      const key = keyOf(seal, name);
      const envelope: Envelope<object> = { ...next, sealedAt: this.#options.clock.now() };
      const value = await seal.seal(key, JSON.stringify(envelope));
      text = value;
      return store.compareAndSet(key, expected, { value, ttlMs: next.ttlMs });
    });
    return { text, isDone };
  }

  /** Removes a value if the stored text is the expected one. */
  async remove({ name }: ValueKind, expected: string): Promise<void> {
    // Tried even after an error: a store that is full can still remove a lease, and others wait for that.
    await this.#try((store, seal) => store.compareAndSet(keyOf(seal, name), expected, undefined));
  }

  /** Runs a command, unless the store failed recently. */
  async #command<T>(command: Command<T>): Promise<T | undefined> {
    return this.#isCoolingDown() ? undefined : this.#try(command);
  }

  /** Runs a command. Returns `undefined` if it fails or takes too long. */
  async #try<T>(command: Command<T>): Promise<T | undefined> {
    const { store, secret, identity, clock, timeoutMs, onStoreFailed } = this.#options;
    const run = async () => {
      this.#seal ??= createSeal(secret, identity);
      return command(store, await this.#seal);
    };
    try {
      return await withTimeout(run, { timeoutMs: timeoutMs(), clock });
    } catch (error) {
      // If several commands fail at once, only the first is reported.
      if (this.#isCoolingDown()) return undefined;
      this.#failedAt = markOf(clock);
      onStoreFailed(safeCause(error), COOLDOWN_MS);
      return undefined;
    }
  }

  #isCoolingDown(): boolean {
    return this.#failedAt !== undefined && elapsedSince(this.#failedAt, this.#options.clock) < COOLDOWN_MS;
  }
}

type Command<T> = (store: TokenStore, seal: Seal) => Promise<T>;

function keyOf(seal: Seal, name: string): string {
  return `${seal.name}:${name}`;
}

/** Returns how long a value is valid. The store's time to live, the sealed one and the age each limit it. */
function remainingMsOf(sealed: Envelope<unknown>, storeTtlMs: number, now: number, graceMs: number): number {
  const ageMs = now - sealed.sealedAt;
  // The other machine's clock is far ahead, so the age is unknown.
  if (ageMs < -CLOCK_GRACE_MS) return 0;
  return Math.min(storeTtlMs, sealed.ttlMs, sealed.ttlMs + graceMs - ageMs);
}

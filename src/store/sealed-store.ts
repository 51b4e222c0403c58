// A store as one process sees it: everything in it is sealed, nothing in it is trusted, and no command may take long.

import { safeCause } from "../errors.ts";
import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { createSeal, type Seal } from "./seal.ts";
import type { TokenStore } from "./token-store.ts";

/** How long the store is left alone after an error. */
const COOLDOWN_MS = 10_000;
/**
 * How far the clocks of two machines may differ. Kerberos allows the same (RFC 4120), so most machines are kept within it. An
 * old value that someone puts back into the store is believed for this long after its end, and no longer.
 */
export const CLOCK_GRACE_MS = 300_000;

export interface SealedStoreOptions {
  readonly store: TokenStore;
  /** What all processes that share the token know, and nobody else. */
  readonly secret: string;
  /** What tells this token from others of the same secret. */
  readonly identity: readonly string[];
  readonly clock: Clock;
  /** How long a command may take now. */
  readonly timeoutMs: () => number;
  /** Called when the store failed, with the time for which it is left alone. */
  readonly onStoreFailed: (error: unknown, retryInMs: number) => void;
}

/** What is stored under one key. */
export interface Kind {
  readonly name: string;
  /** How long after its sealed end a value is still believed, for clocks that differ. */
  readonly graceMs: number;
}

/** What was in the store when it was read. */
export interface Entry<T> {
  /** The sealed text, to be replaced. */
  readonly text: string | undefined;
  /** What it opened to, if it did. */
  readonly content?: T;
  /** How long it is valid, from `since` on. */
  readonly remainingMs: number;
  readonly since: Mark;
}

/** A value to be stored. */
export interface Storable<T = object> {
  readonly content: T;
  readonly ttlMs: number;
}

/** What came of a write. */
export interface Write {
  /** The text to be written; `undefined` if the store was not asked. */
  readonly text: string | undefined;
  /** `false` if something else was stored there; `undefined` if the store did not respond. */
  readonly isDone?: boolean | undefined;
}

/** A sealed value: its length is sealed with it, since anyone who can write to the store can change the time to live. */
interface Envelope<T> extends Storable<T> {
  /** When it was sealed, in epoch milliseconds. */
  readonly sealedAt: number;
}

/** Stores sealed values, by kind. No method rejects. */
export class SealedStore {
  readonly #options: SealedStoreOptions;
  #seal: Promise<Seal> | undefined;
  #failedAt: Mark | undefined;

  constructor(options: SealedStoreOptions) {
    if (!globalThis.crypto?.subtle) {
      throw new TypeError("A `store` needs Web Crypto (`crypto.subtle`), which browsers have on https: pages only");
    }
    this.#options = options;
  }

  /** Reads a value; the entry is empty if there is none, it does not open, or the store is away. */
  async read<T>({ name, graceMs }: Kind): Promise<Entry<T>> {
    // The store's response cannot be older than this.
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

  /** Replaces the expected text; `undefined` stands for nothing. */
  async replace({ name }: Kind, expected: string | undefined, next: Storable): Promise<Write> {
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

  /** Removes the expected text, unless something else is stored there by now. */
  async remove({ name }: Kind, expected: string): Promise<void> {
    // Tried in any case: a store that is full still removes a lease, for which others wait.
    await this.#try((store, seal) => store.compareAndSet(keyOf(seal, name), expected, undefined));
  }

  /** Runs a command, unless the store failed a short while ago. */
  async #command<T>(command: Command<T>): Promise<T | undefined> {
    return this.#isCoolingDown() ? undefined : this.#try(command);
  }

  /** Runs a command; returns `undefined` if it fails or takes too long. */
  async #try<T>(command: Command<T>): Promise<T | undefined> {
    const { store, secret, identity, clock, timeoutMs, onStoreFailed } = this.#options;
    const run = async () => {
      this.#seal ??= createSeal(secret, identity);
      return command(store, await this.#seal);
    };
    try {
      return await withTimeout(run, { timeoutMs: timeoutMs(), clock });
    } catch (error) {
      // Of several commands at once, the first reports.
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

/** How long a value is still valid: the store's time to live, the sealed length and the sealed time bound it, and the shortest wins. */
function remainingMsOf(sealed: Envelope<unknown>, storeTtlMs: number, now: number, graceMs: number): number {
  const ageMs = now - sealed.sealedAt;
  // The clock that sealed it was far ahead, so its time says nothing.
  if (ageMs < -CLOCK_GRACE_MS) return 0;
  return Math.min(storeTtlMs, sealed.ttlMs, sealed.ttlMs + graceMs - ageMs);
}

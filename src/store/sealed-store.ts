// A store as one process sees it: everything in it is sealed, nothing in it is trusted, and no command may take long.

import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { withTimeout } from "../time/wait.ts";
import { createSeal, type Seal } from "./seal.ts";
import type { TokenStore } from "./token-store.ts";

/** What a command may take of a caller's time. */
const COMMAND_TIMEOUT_MS = 50;
/** How long the store is left alone after an error. */
const COOLDOWN_MS = 10_000;

/** Whose values they are. */
export interface SealedStoreOptions {
  readonly store: TokenStore;
  /** What all processes that share the token know, and nobody else. */
  readonly secret: string;
  /** What tells this token from others of the same secret. */
  readonly identity: readonly string[];
  readonly clock: Clock;
  /** Is told that the store failed, and for how long it is left alone. */
  readonly onStoreFailed: (error: unknown, retryInMs: number) => void;
}

/** What was in the store when it was read. */
export interface Entry<T> {
  /** The sealed text, to be replaced. */
  readonly text?: string;
  /** What it opened to, if it did. */
  readonly content?: T;
  /** How long it will still be there, from `since` on. */
  readonly ttlMs: number;
  readonly since: Mark;
}

/** Keeps sealed values, by kind. */
export class SealedStore {
  readonly #options: SealedStoreOptions;
  #seal: Promise<Seal> | undefined;
  #failedAt: Mark | undefined;

  constructor(options: SealedStoreOptions) {
    this.#options = options;
  }

  /** The entry; an empty one if the store is away. */
  async read<T>(kind: string): Promise<Entry<T>> {
    const { key, open } = await this.#sealFor(kind);
    // The store's answer cannot be older than this.
    const since = markOf(this.#options.clock);
    const found = await this.#command((store) => store.read(key));
    if (!found) return { ttlMs: 0, since };
    const { value: text, ttlMs } = found;
    const opened = ttlMs > 0 ? await open(text) : undefined;
    return opened === undefined ? { text, ttlMs, since } : { text, content: JSON.parse(opened), ttlMs, since };
  }

  /**
   * Replaces the expected text, or nothing.
   *
   * @returns the new text; `false` where something else lies there by now, `undefined` where the store is away
   */
  async replace(
    kind: string,
    expected: string | undefined,
    content: object,
    ttlMs: number,
  ): Promise<string | false | undefined> {
    const { key, seal } = await this.#sealFor(kind);
    const value = await seal(JSON.stringify(content));
    const isDone = await this.#command((store) => store.compareAndSet(key, expected, { value, ttlMs }));
    return isDone && value;
  }

  /** Removes the expected text, unless something else is there by now. */
  async remove(kind: string, expected: string): Promise<void> {
    const { key } = await this.#sealFor(kind);
    // Tried in any case: a store that is full still takes a lease back, for which others wait.
    await this.#try((store) => store.compareAndSet(key, expected, undefined));
  }

  async #sealFor(kind: string) {
    const { secret, identity } = this.#options;
    this.#seal ??= createSeal(secret, identity);
    const seal = await this.#seal;
    const key = `${seal.name}:${kind}`;
    return { key, open: (text: string) => seal.open(key, text), seal: (text: string) => seal.seal(key, text) };
  }

  /** Sends a command, unless the store failed a short while ago. */
  async #command<T>(command: (store: TokenStore) => Promise<T>): Promise<T | undefined> {
    return this.#isCoolingDown() ? undefined : this.#try(command);
  }

  /** Sends a command; `undefined` if the store fails or takes too long. */
  async #try<T>(command: (store: TokenStore) => Promise<T>): Promise<T | undefined> {
    const { store, clock, onStoreFailed } = this.#options;
    try {
      return await withTimeout(() => command(store), { timeoutMs: COMMAND_TIMEOUT_MS, clock });
    } catch (error) {
      // Of several commands at once the first tells.
      if (!this.#isCoolingDown()) onStoreFailed(error, COOLDOWN_MS);
      this.#failedAt = markOf(clock);
      return undefined;
    }
  }

  #isCoolingDown(): boolean {
    return this.#failedAt !== undefined && elapsedSince(this.#failedAt, this.#options.clock) < COOLDOWN_MS;
  }
}

// A store as a member of a fleet sees it: everything in it is sealed, nothing in it is trusted, and no command may take long.

import { type Clock, elapsedSince, type Mark, markOf } from "./clock.ts";
import { createSeal, type Seal } from "./seal.ts";
import type { TokenStore } from "./store.ts";

/** What a command may take of a caller's time. */
const BUDGET_MS = 50;
/** After an error the store is left alone for so long. */
const AWAY_MS = 10_000;

/** Whose vault it is. */
export interface VaultOptions {
  readonly store: TokenStore;
  /** What all members know and nobody else. */
  readonly secret: string;
  /** What tells this fleet from others of the same secret. */
  readonly identity: readonly string[];
  readonly clock: Clock;
  /** Is told that the store failed, and for how long it is left alone. */
  readonly onStoreFailed: (error: unknown, retryInMs: number) => void;
}

/** What lay in the store when it was looked at. */
export interface Seen<T> {
  /** As it lay there, to be replaced. */
  readonly text?: string;
  /** What it opened to, if it did. */
  readonly content?: T;
  /** How long it will still be there, from `since` on. */
  readonly leftMs: number;
  readonly since: Mark;
}

/** Keeps values of a fleet, by kind. */
export class Vault {
  readonly #options: VaultOptions;
  #seal: Promise<Seal> | undefined;
  #awaySince: Mark | undefined;

  constructor(options: VaultOptions) {
    this.#options = options;
  }

  /** What lies there; nothing where the store is away. */
  async look<T>(kind: string): Promise<Seen<T>> {
    const { key, open } = await this.#sealFor(kind);
    // The store's answer cannot be older than this.
    const since = markOf(this.#options.clock);
    const found = await this.#ask((store) => store.read(key));
    if (!found) return { leftMs: 0, since };
    const { value: text, leftMs } = found;
    const opened = leftMs > 0 ? await open(text) : undefined;
    return opened === undefined ? { text, leftMs, since } : { text, content: JSON.parse(opened), leftMs, since };
  }

  /**
   * Replaces what was seen there, or nothing.
   *
   * @returns the new text; `false` where something else lies there by now, `undefined` where the store is away
   */
  async replace(
    kind: string,
    seen: string | undefined,
    content: object,
    lifeMs: number,
  ): Promise<string | false | undefined> {
    const { key, close } = await this.#sealFor(kind);
    const value = await close(JSON.stringify(content));
    const isDone = await this.#ask((store) => store.compareAndSet(key, seen, { value, lifeMs }));
    return isDone && value;
  }

  /** Takes away what was seen there, unless something else lies there by now. */
  async remove(kind: string, seen: string): Promise<void> {
    const { key } = await this.#sealFor(kind);
    // Tried in any case: a store that is full still takes a lease back, for which others wait.
    await this.#try((store) => store.compareAndSet(key, seen, undefined));
  }

  async #sealFor(kind: string) {
    const { secret, identity } = this.#options;
    this.#seal ??= createSeal(secret, identity);
    const seal = await this.#seal;
    const key = `${seal.name}:${kind}`;
    return { key, open: (text: string) => seal.open(key, text), close: (text: string) => seal.close(key, text) };
  }

  /** Asks the store, unless it failed a short while ago. */
  async #ask<T>(command: (store: TokenStore) => Promise<T>): Promise<T | undefined> {
    return this.#isAway() ? undefined : this.#try(command);
  }

  /** Asks the store; `undefined` where it fails or takes too long. */
  async #try<T>(command: (store: TokenStore) => Promise<T>): Promise<T | undefined> {
    const { store, clock, onStoreFailed } = this.#options;
    let timer: unknown;
    const budget = new Promise<never>((_, reject) => {
      const expire = () => reject(new DOMException(`The store took longer than ${BUDGET_MS} ms`, "TimeoutError"));
      // Twice: a busy process sees its timers before its sockets, on which the answer may wait.
      timer = clock.setTimeout(() => {
        timer = clock.setTimeout(expire, 0);
      }, BUDGET_MS);
    });
    try {
      return await Promise.race([command(store), budget]);
    } catch (error) {
      // Of several commands at once the first tells.
      if (!this.#isAway()) onStoreFailed(error, AWAY_MS);
      this.#awaySince = markOf(clock);
      return undefined;
    } finally {
      clock.clearTimeout(timer);
    }
  }

  #isAway(): boolean {
    return this.#awaySince !== undefined && elapsedSince(this.#awaySince, this.#options.clock) < AWAY_MS;
  }
}

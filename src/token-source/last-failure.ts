// The last failure of a token source, and the cooldown that follows it. `refresh-policy.ts` decides how long a cooldown is.

import { copyOfError, type TokenError } from "../errors.ts";
import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { cooldownMs } from "./refresh-policy.ts";

interface Failure {
  readonly error: TokenError;
  readonly since: Mark;
  readonly cooldownMs: number;
  /** How many refreshes in a row have failed. */
  readonly count: number;
  readonly hadToken: boolean;
}

/** Remembers why the latest refresh failed, until a refresh succeeds. */
export class LastFailure {
  readonly #clock: Clock;
  #failure: Failure | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get exists(): boolean {
    return this.#failure !== undefined;
  }

  /** Whether an unexpired token was cached when the refresh failed. */
  get hadToken(): boolean {
    return this.#failure?.hadToken ?? false;
  }

  /** Records a failure. Returns the length of its cooldown in milliseconds. */
  record(error: TokenError, hadToken: boolean): number {
    const count = (this.#failure?.count ?? 0) + 1;
    const failure = { error, count, cooldownMs: cooldownMs(error, count, Math.random()), hadToken };
    this.#failure = { ...failure, since: markOf(this.#clock) };
    return failure.cooldownMs;
  }

  clear(): void {
    this.#failure = undefined;
  }

  /** The remaining time of the cooldown, in milliseconds. */
  cooldownMs(): number {
    const failure = this.#failure;
    return failure ? Math.max(failure.cooldownMs - elapsedSince(failure.since, this.#clock), 0) : 0;
  }

  /** Creates an error for one caller, with the time of the next try. */
  errorForCaller(error: TokenError | undefined = this.#failure?.error): TokenError {
    return copyOfError(error as TokenError, new Date(this.#clock.now() + this.cooldownMs()));
  }
}

// The last failure of a token source, and the cooldown after it. `refresh-policy.ts` decides how long a cooldown is.

import { copyOfError, type TokenError } from "../errors.ts";
import { type Clock, elapsedSince, type Mark, markOf } from "../time/clock.ts";
import { cooldownMs } from "./refresh-policy.ts";

export interface Failure {
  readonly error: TokenError;
  readonly since: Mark;
  /** The length of its cooldown. */
  readonly lengthMs: number;
  /** How many refreshes in a row have failed. */
  readonly count: number;
  readonly hadToken: boolean;
}

/** Remembers why the latest refresh failed, until a refresh succeeds. */
export interface LastFailure {
  /** Returns the failure, or `undefined` if the latest refresh succeeded. */
  current(): Failure | undefined;
  /** Records a failure. Returns the length of its cooldown in milliseconds. */
  record(error: TokenError, hadToken: boolean): number;
  clear(): void;
  /** Returns the remaining time of the cooldown, in milliseconds. */
  cooldownMs(): number;
  /** Creates an error for one caller, with the time of the next try (default: the error of the failure). */
  errorForCaller(error?: TokenError): TokenError;
}

export function createLastFailure(clock: Clock): LastFailure {
  let failure: Failure | undefined;
  const remainingMs = () => (failure ? Math.max(failure.lengthMs - elapsedSince(failure.since, clock), 0) : 0);
  return {
    current: () => failure,
    record(error, hadToken) {
      const count = (failure?.count ?? 0) + 1;
      const lengthMs = cooldownMs(error, count, Math.random());
      failure = { error, count, hadToken, lengthMs, since: markOf(clock) };
      return lengthMs;
    },
    clear() {
      failure = undefined;
    },
    cooldownMs: remainingMs,
    errorForCaller: (error = failure?.error) => copyOfError(error as TokenError, new Date(clock.now() + remainingMs())),
  };
}

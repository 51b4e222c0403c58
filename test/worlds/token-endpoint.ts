// A simulated token endpoint: what it issues, its outages, and its revocations. It also records what each client has received, because
// that is what plain `fetch` would send.

import type { FakeClock } from "../fake-clock.ts";

/** How the endpoint behaves. Times are milliseconds from the start of the world, without the time that the machine sleeps. */
export interface TokenEndpointOptions {
  /**
   * `new`: each response has a new token, and older ones stay valid. `reused`: the valid token with its remaining lifetime, if there
   * is one. `single`: a new token ends all older ones. `static`: always the same value, with a new lifetime after each response.
   */
  readonly issues: "new" | "reused" | "single" | "static";
  /** In seconds, as on the wire. */
  readonly lifetime: number;
  readonly latencyMs: number;
  readonly outages: readonly Outage[];
}

export interface Outage {
  readonly from: number;
  readonly until: number;
  /** The status that is sent instead of a token. 0: no response. */
  readonly status: number;
  readonly retryAfterMs?: number | undefined;
}

/** An error response. */
export class EndpointFailure extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, retryAfterMs?: number) {
    super(`the token endpoint answered ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface TokenOnTheWire {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
}

/** A request that the endpoint received. */
export interface TokenRequest {
  readonly at: number;
  readonly hasFailed: boolean;
}

/** A token as the server records it. */
interface IssuedToken {
  readonly value: string;
  readonly issuedAt: number;
  expiresAt: number;
  isRevoked: boolean;
}

/** A token as the client that received it records it. */
interface ReceivedToken {
  readonly value: string;
  readonly wall: number;
  readonly monotonic: number;
  /** 0 once either clock has passed the expiry. */
  lifetimeMs: number;
}

/** A request that gets no response fails after a minute, as a connection does. */
const SILENCE_MS = 60_000;

export class TokenEndpoint {
  readonly requests: TokenRequest[] = [];
  /** How long the machine of the clients has slept. Servers do not sleep. */
  sleptMs = 0;
  readonly #options: TokenEndpointOptions;
  readonly #clock: FakeClock;
  readonly #issued = new Map<string, IssuedToken>();
  #latest: IssuedToken | undefined;
  readonly #received: ReceivedToken[][] = [];

  constructor(options: TokenEndpointOptions, clock: FakeClock) {
    this.#options = options;
    this.#clock = clock;
  }

  get now(): number {
    return this.#clock.monotonic() + this.sleptMs;
  }

  /** Issues a token to the client with this number. */
  async request(client: number, signal?: AbortSignal): Promise<TokenOnTheWire> {
    const sentAt = { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
    const { latencyMs, outages } = this.#options;
    const outage = outages.find(({ from, until }) => sentAt.monotonic >= from && sentAt.monotonic < until);
    this.requests.push({ at: sentAt.monotonic, hasFailed: outage !== undefined });
    await this.#sleep(outage?.status === 0 ? SILENCE_MS : latencyMs / 2, signal);
    if (outage) throw new EndpointFailure(outage.status, outage.retryAfterMs);
    const { value, expiresAt } = this.#issue();
    const expires_in = Math.floor((expiresAt - this.now) / 1000);
    await this.#sleep(latencyMs / 2, signal);
    // Moments are whole milliseconds, as a `Date` has them.
    this.#receive(client, { value, ...sentAt, lifetimeMs: expires_in * 1000 - (sentAt.wall % 1) });
    return { access_token: value, token_type: "Bearer", expires_in };
  }

  revokeAll(): void {
    for (const token of this.#issued.values()) token.isRevoked = true;
  }

  /** The age of a token. `undefined` if it is revoked or expired. */
  ageOf(value: string | undefined): number | undefined {
    const token = this.#issued.get(value ?? "");
    if (!token || token.isRevoked || this.now >= token.expiresAt) return undefined;
    return this.now - token.issuedAt;
  }

  isLatest(value: string | undefined): boolean {
    return this.#latest?.value === value;
  }

  /**
   * What plain `fetch` would send: the newest token that this client has received, unless it has expired. (If clock jumps end a newer
   * token before an older one, the older one is ignored.)
   */
  newestOf(client: number): { readonly value: string; readonly remainingMs: number } | undefined {
    const token = this.#received[client]?.at(-1);
    if (!token || !this.#isUnexpired(token)) return undefined;
    return { value: token.value, remainingMs: token.lifetimeMs - this.#elapsed(token) };
  }

  /** Must be called whenever a clock jumps, because a token that has once expired stays expired. */
  noteExpiries(): void {
    for (const token of this.#received.flat()) this.#isUnexpired(token);
  }

  #issue(): IssuedToken {
    const { issues, lifetime } = this.#options;
    const latest = this.#latest;
    const expiresAt = this.now + lifetime * 1000;
    if (latest && !latest.isRevoked && (issues === "static" || (issues === "reused" && this.now < latest.expiresAt))) {
      if (issues === "static") latest.expiresAt = expiresAt;
      return latest;
    }
    if (issues === "single" && latest) latest.isRevoked = true;
    const value = `token-${this.#issued.size}`;
    // The first token is accepted everywhere, as if issued long ago.
    const token = { value, issuedAt: latest ? this.now : -Infinity, expiresAt, isRevoked: false };
    this.#issued.set(value, token);
    this.#latest = token;
    return token;
  }

  #receive(client: number, token: ReceivedToken): void {
    const received = this.#received[client] ?? [];
    const same = received.find((one) => one.value === token.value);
    // The same token never gets a later expiry than it had, while it has not expired.
    if (same && this.#isUnexpired(same))
      token.lifetimeMs = Math.min(token.lifetimeMs, same.lifetimeMs - this.#elapsed(same) + this.#elapsed(token));
    this.#received[client] = [...received.filter((one) => one !== same), token];
  }

  #isUnexpired(token: ReceivedToken): boolean {
    if (this.#elapsed(token) >= token.lifetimeMs) token.lifetimeMs = 0;
    return token.lifetimeMs > 0;
  }

  #elapsed({ wall, monotonic }: ReceivedToken): number {
    return Math.max(this.#clock.now() - wall, this.#clock.monotonic() - monotonic);
  }

  #sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(resolve, milliseconds);
      signal?.addEventListener("abort", () => {
        this.#clock.clearTimeout(timer);
        reject(signal.reason);
      });
    });
  }
}

// Many callers of an API, which post bodies and compare the echo.

import { setTimeout as sleep } from "node:timers/promises";

type Fetch = typeof globalThis.fetch;

export interface Tally {
  calls: number;
  /** How many bodies came back changed. */
  lost: number;
  readonly failed: Failure[];
}

export interface Failure {
  /** The error, or the status. */
  readonly reason: unknown;
  /** Whether plain `fetch` would have failed too, with the newest token when the call began. */
  readonly isPlainToo: boolean;
}

export interface NewestToken {
  readonly value: string;
  readonly expiresAt: Date | undefined;
}

export interface CallersOptions {
  readonly echoUrl: string;
  readonly callers: number;
  readonly durationMs: number;
  /** Callers start one after another within this time. */
  readonly beginMs: number;
  /** The mean pause of a caller between two calls. */
  readonly pauseMs: number;
  readonly newest: () => NewestToken;
}

export async function runCallers(api: Fetch, options: CallersOptions): Promise<Tally> {
  const tally: Tally = { calls: 0, lost: 0, failed: [] };
  const end = performance.now() + options.durationMs;
  const run = async (caller: number) => {
    await sleep((caller / options.callers) * options.beginMs);
    for (let call = 0; performance.now() < end; call++) {
      await callOnce(api, `caller ${caller}, call ${call}: ${"ä?&=%+ ".repeat(caller)}`, options, tally);
      await sleep(Math.min(2 * Math.random() * options.pauseMs, end - performance.now()));
    }
  };
  await Promise.all(Array.from({ length: options.callers }, (_, caller) => run(caller)));
  return tally;
}

async function callOnce(api: Fetch, text: string, { echoUrl, newest }: CallersOptions, tally: Tally): Promise<void> {
  const { value, expiresAt = new Date() } = newest();
  tally.calls++;
  let reason: unknown;
  try {
    const response = await api(echoUrl, { method: "POST", headers: TEXT, body: bodyOf(text, tally.calls) });
    const echo = await response.text();
    if (response.status === 200) {
      if (echo !== text) tally.lost++;
      return;
    }
    reason = response.status;
  } catch (error) {
    reason = error;
  }
  const isExpired = expiresAt <= new Date();
  const headers = { ...TEXT, Authorization: `Bearer ${value}` };
  const plain = await fetch(echoUrl, { method: "POST", headers, body: text });
  tally.failed.push({ reason, isPlainToo: isExpired || !plain.ok });
}

const TEXT = { "Content-Type": "text/plain" };

/** The kinds of bodies take turns. */
function bodyOf(text: string, count: number): BodyInit {
  return [text, new TextEncoder().encode(text), new Blob([text])][count % 3] as BodyInit;
}

// Many callers of an API, who post and compare what comes back.

import { setTimeout as sleep } from "node:timers/promises";

type Fetch = typeof globalThis.fetch;

export interface Tally {
  calls: number;
  /** Bodies that came back as others. */
  lost: number;
  readonly failed: Failure[];
}

export interface Failure {
  /** What was thrown, or the status. */
  readonly reason: unknown;
  /** Whether plain `fetch` had done no better with the newest token of the moment at which the call began. */
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
  /** They begin one after another within this time. */
  readonly beginMs: number;
  /** Each caller pauses between two calls for up to twice as long. */
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

/** A body of one kind after the other. */
function bodyOf(text: string, count: number): BodyInit {
  return [text, new TextEncoder().encode(text), new Blob([text])][count % 3] as BodyInit;
}

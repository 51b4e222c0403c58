import { expect, test, vi } from "vitest";
import { sleep, withTimeout } from "../src/time/wait.ts";
import { FakeClock, settled } from "./fake-clock.ts";

/** Waits for a promise that never settles, with a time limit of 1 s. */
function waitInVain(options: { signal?: AbortSignal } = {}) {
  const clock = new FakeClock();
  const state = { result: undefined as unknown, signal: undefined as AbortSignal | undefined };
  withTimeout(
    (signal) => {
      state.signal = signal;
      return new Promise(() => {});
    },
    { timeoutMs: 1000, clock, ...options },
  ).catch((error) => {
    state.result = error;
  });
  return { clock, state };
}

test("withTimeout rejects at its time limit, even if the function ignores its signal", async () => {
  const { clock, state } = waitInVain();
  await clock.pass(999);
  expect(state).toMatchObject({ result: undefined, signal: { aborted: false } });
  await clock.pass(1);
  expect(state.result).toMatchObject({ name: "TimeoutError", message: "No result within 1000 ms" });
  expect(state.signal?.reason).toBe(state.result);
});

test("withTimeout returns a result that arrives in the same moment as its time limit", async () => {
  const clock = new FakeClock();
  let arrive = (_: string) => {};
  const result = new Promise<string>((resolve) => {
    arrive = resolve;
  });
  const limited = withTimeout(() => result, { timeoutMs: 1000, clock });
  // As when the event loop was blocked: both the timer and the socket are due.
  clock.setTimeout(() => arrive("in time"), 1000);
  await clock.pass(1000);
  expect(await limited).toBe("in time");
});

test("withTimeout rejects with the reason of an abort, and aborts its own signal with it", async () => {
  const controller = new AbortController();
  const { state, clock } = waitInVain({ signal: controller.signal });
  controller.abort("enough");
  await settled();
  expect(state.result).toBe("enough");
  expect(state.signal?.reason).toBe("enough");
  expect(clock.timers).toBe(0);
});

test("withTimeout leaves no timer and no listener", async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const [add, remove] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
  await withTimeout(async () => 1, { timeoutMs: 1000, clock, signal });
  await withTimeout(async () => Promise.reject(1), { timeoutMs: 1000, clock, signal }).catch(() => {});
  await settled();
  expect(clock.timers).toBe(0);
  expect(add).toHaveBeenCalledTimes(2);
  expect(remove.mock.calls).toEqual(add.mock.calls);
});

test("withTimeout rejects if the function throws synchronously, and leaves no timer", async () => {
  const clock = new FakeClock();
  const failing = () => {
    throw new RangeError("at once");
  };
  await expect(withTimeout(failing, { timeoutMs: 1000, clock })).rejects.toThrow("at once");
  expect(clock.timers).toBe(0);
});

test("sleep resolves when its time has passed on the clock", async () => {
  const clock = new FakeClock();
  let isAwake = false;
  sleep(500, clock).then(() => {
    isAwake = true;
  });
  await clock.pass(499);
  expect(isAwake).toBe(false);
  await clock.pass(1);
  expect(isAwake).toBe(true);
});

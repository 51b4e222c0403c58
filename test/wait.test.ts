import { expect, test, vi } from "vitest";
import { sleep, withTimeout } from "../src/time/wait.ts";
import { FakeClock, settled } from "./fake-clock.ts";

/** Waits for 1 s for what never comes. */
function wait(options: { signal?: AbortSignal } = {}) {
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

test("a time limit rejects when it is over, even if its signal is not heeded", async () => {
  const { clock, state } = wait();
  await clock.pass(999);
  expect(state).toMatchObject({ result: undefined, signal: { aborted: false } });
  await clock.pass(1);
  expect(state.result).toMatchObject({ name: "TimeoutError", message: "No result within 1000 ms" });
  expect(state.signal?.reason).toBe(state.result);
});

test("a result that has arrived is read before the time limit rejects", async () => {
  const clock = new FakeClock();
  let arrive = (_: string) => {};
  const result = new Promise<string>((resolve) => {
    arrive = resolve;
  });
  const limited = withTimeout(() => result, { timeoutMs: 1000, clock });
  // As after a long computation: the timer is due, and so is the socket.
  clock.setTimeout(() => arrive("in time"), 1000);
  await clock.pass(1000);
  expect(await limited).toBe("in time");
});

test("an abort ends the wait with its reason, and passes it on", async () => {
  const controller = new AbortController();
  const { state, clock } = wait({ signal: controller.signal });
  controller.abort("enough");
  await settled();
  expect(state.result).toBe("enough");
  expect(state.signal?.reason).toBe("enough");
  expect(clock.timers).toBe(0);
});

test("no timer and no listener outlives the wait", async () => {
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

test("a function that throws at once rejects, and leaves no timer", async () => {
  const clock = new FakeClock();
  const failing = () => {
    throw new RangeError("at once");
  };
  await expect(withTimeout(failing, { timeoutMs: 1000, clock })).rejects.toThrow("at once");
  expect(clock.timers).toBe(0);
});

test("sleep takes its time by the clock", async () => {
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

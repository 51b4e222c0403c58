// A program whose token endpoint hangs. Prints its result, and for how long the process lived on afterwards, which depends on the source.
// `background`: it has a token, which is refreshed in the background. `waiting`: it has none, and waits for one.

import { createTokenSource } from "../../src/index.ts";
import { systemClock } from "../../src/time/clock.ts";

const [mode = "", attemptTimeoutMs = "", timeoutMs = ""] = process.argv.slice(2);
let offsetMs = 0;
let requests = 0;
// Only the source keeps the process alive.
const hang = ({ signal }: { signal: AbortSignal }) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
const tokens = createTokenSource({
  attemptTimeoutMs: Number(attemptTimeoutMs),
  timeoutMs: Number(timeoutMs),
  clock: { ...systemClock, now: () => Date.now() + offsetMs },
  request: async (options) => {
    if (requests++ === 0 && mode === "background") return { access_token: "t", expires_in: 3600 };
    return hang(options);
  },
});

if (mode === "background") {
  await tokens.get();
  offsetMs = 3_000_000;
}
const result = await tokens.get().catch((error) => error.name);
console.log(`${result}`.split(",")[0]);
const finished = performance.now();
process.on("exit", () => console.log(requests, Math.round(performance.now() - finished)));

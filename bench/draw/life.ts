// A token's life as its callers see it: the real source under a clock that is made to pass, called four times a second.

import { createTokenSource, TokenRequestError, type TokenSource } from "oauth2-token-response";
import { FakeClock, settled } from "../../test/fake-clock.ts";
import { svgOf } from "./svg.ts";

/** Short enough for all of its bands to be seen: they are parts of the lifetime. */
const LIFETIME_SECONDS = 60;
const SECONDS = 120;
const TICK_MS = 250;
const LATENCY_MS = 1000;

/** What a call meets, in the order of the legend. */
const STATES = {
  "returned at once": "#59a14f",
  "returned at once, refreshed in the background": "#a5d49b",
  waits: "#f1ce63",
  "rejected at once": "#e15759",
} as const;
type State = keyof typeof STATES;

/** Whether the token endpoint is down, by the second. */
const SCENES: Record<string, (second: number) => boolean> = {
  "all is well": () => false,
  "endpoint down from 45 s to 58 s": (second) => second >= 45 && second < 58,
  "endpoint down from 45 s to 90 s": (second) => second >= 45 && second < 90,
};

interface Stretch {
  readonly scene: string;
  readonly state: State;
  readonly from: number;
  to: number;
}

/** Draws what callers get in each scene, and when the token endpoint is asked. */
export async function drawLife(): Promise<string> {
  const stretches: Stretch[] = [];
  const requests: { scene: string; at: number }[] = [];
  for (const [scene, isDown] of Object.entries(SCENES)) {
    const clock = new FakeClock(0);
    const second = () => clock.now() / 1000;
    const request = async () => {
      const at = second();
      requests.push({ scene, at });
      await new Promise<void>((resolve) => clock.setTimeout(resolve, LATENCY_MS));
      if (isDown(at)) throw new TokenRequestError("https://enterprise-api.easyship.com", { status: 503 });
      return { access_token: `t${at}`, expires_in: LIFETIME_SECONDS };
    };
    const tokens = createTokenSource({ request, clock });
    for (let count = 0; count < (SECONDS * 1000) / TICK_MS; count++) {
      const from = second();
      const state = await stateOf(tokens);
      const last = stretches.at(-1);
      if (last?.scene === scene && last.state === state) last.to = from + TICK_MS / 1000;
      else stretches.push({ scene, state, from, to: from + TICK_MS / 1000 });
      await clock.pass(TICK_MS);
    }
  }
  return svgOf({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: "What a caller gets, and when the token endpoint is asked, while a token of 60 s lives and is renewed",
    width: 640,
    height: { step: 44 },
    encoding: { y: { field: "scene", type: "nominal", title: null, sort: null, axis: { labelLimit: 320 } } },
    layer: [
      {
        data: { values: stretches },
        mark: { type: "bar", height: 22 },
        encoding: {
          x: { field: "from", type: "quantitative", title: "seconds" },
          x2: { field: "to" },
          color: {
            field: "state",
            type: "nominal",
            scale: { domain: Object.keys(STATES), range: Object.values(STATES) },
            legend: {
              title: "a call is … (black strokes: requests to the token endpoint)",
              titleLimit: 640,
              orient: "top",
              labelLimit: 240,
            },
          },
        },
      },
      {
        data: { values: requests },
        mark: { type: "tick", thickness: 2, size: 34, color: "black", opacity: 1 },
        encoding: { x: { field: "at", type: "quantitative" } },
      },
    ],
  });
}

/** What a call at this moment meets; it may go on waiting. */
async function stateOf(tokens: TokenSource): Promise<State> {
  if (tokens.peekFresh()) return "returned at once";
  let state: State = "waits";
  tokens.get().then(
    () => (state = "returned at once, refreshed in the background"),
    () => (state = "rejected at once"),
  );
  await settled();
  return state;
}

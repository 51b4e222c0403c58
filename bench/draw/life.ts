// Draws the lifetime of a token as callers see it, with a real source that is called four times a second of a simulated clock.

import { createTokenSource, TokenRequestError, type TokenSource } from "oauth2-token-response";
import { FakeClock, settled } from "../../test/fake-clock.ts";
import { svgOf } from "./svg.ts";

/** Short enough to make all stages of the lifetime visible. */
const LIFETIME_SECONDS = 60;
const SECONDS = 120;
const TICK_MS = 250;
const LATENCY_MS = 1000;

/** The possible results of a call, in the order of the legend. */
const STATES = {
  "gets the token": "#59a14f",
  "gets the token, a refresh runs": "#a5d49b",
  "waits for the refresh": "#f1ce63",
  "is rejected at once": "#e15759",
} as const;
type State = keyof typeof STATES;

/** Each function reports whether the token endpoint is down at a second. */
const SCENES: Record<string, (second: number) => boolean> = {
  "endpoint works": () => false,
  "endpoint down from 45 s to 58 s": (second) => second >= 45 && second < 58,
  "endpoint down from 45 s to 90 s": (second) => second >= 45 && second < 90,
};

interface Stretch {
  readonly scene: string;
  readonly state: State;
  readonly from: number;
  to: number;
}

/** Draws what callers get in each scene, and when a token is requested. */
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
    description: "What a caller gets during the lifetime of a 60 s token, and when a token is requested",
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
              title: "a call … (black strokes: token requests)",
              titleLimit: 640,
              orient: "top",
              labelLimit: 320,
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

/** Makes a call and reports what it gets now. The call may go on waiting. */
async function stateOf(tokens: TokenSource): Promise<State> {
  if (tokens.peekFresh()) return "gets the token";
  let state: State = "waits for the refresh";
  tokens.get().then(
    () => (state = "gets the token, a refresh runs"),
    () => (state = "is rejected at once"),
  );
  await settled();
  return state;
}

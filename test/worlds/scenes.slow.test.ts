import { bearerFetch, createTokenSource, ReplayableRequest } from "oauth2-token-response";
import { describe, expect, test } from "vitest";
import { startEchoServer } from "../provider/echo.ts";
import { CLIENT, startProvider } from "../provider/provider.ts";
import { HARM_SCENES } from "./scenes.ts";

const WAYS: Record<string, (...args: [string, RequestInit]) => Parameters<typeof fetch>> = {
  "fetch(url, init)": (url, init) => [url, init],
  "fetch(new ReplayableRequest(url, init))": (url, init) => [new ReplayableRequest(url, init)],
};

describe.each(Object.entries(WAYS))(
  "with %s on real sockets no call fails and every form can be read",
  (_, argumentsOf) => {
    for (const { name, options, play } of HARM_SCENES) {
      test.concurrent(name, async () => {
        const [provider, api] = await Promise.all([startProvider(options), startEchoServer()]);
        // A call without a token is rejected too.
        api.rejected.add("");
        const tokens = createTokenSource({ baseUrl: provider.baseUrl, ...CLIENT, scope: ["enterprise.company"] });
        const authorised = bearerFetch(tokens, { origins: [api.origin] });
        const call = async ({ path = "/", ...init }) =>
          (await authorised(...argumentsOf(`${api.origin}${path}`, init))).status;
        const failures = (await play(call, provider, api)).slice(0, -1);
        await Promise.all([provider.close(), api.close()]);
        expect(failures).toEqual(failures.map(() => 0));
      });
    }
  },
);

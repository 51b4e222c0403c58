import got from "got";
import type { AccessToken } from "oauth2-token-response";
import { apiUrl, tokens } from "./tokens.ts";

export const client = got.extend({
  prefixUrl: apiUrl,
  hooks: {
    beforeRequest: [
      async (options) => {
        const token = await tokens.get();
        options.context["token"] = token;
        options.headers["authorization"] = token.authorization;
      },
    ],
    afterResponse: [
      (response, retry) => {
        if (response.statusCode !== 401) return response;
        tokens.invalidate(response.request.options.context["token"] as AccessToken);
        return retry({});
      },
    ],
  },
});

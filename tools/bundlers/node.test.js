// Sends real requests in Jest's environment for Node.

import * as main from "oauth2-token-response";
import * as middleware from "oauth2-token-response/openapi-fetch";
import { redisStore } from "oauth2-token-response/redis";
import createClient from "openapi-fetch";
import { upload, uploadTyped } from "./calls.js";

const servers = [process.env.TOKEN_URL, process.env.API_URL];

test("a call is replayed after a 401", async () => {
  await expect(upload(main, servers)).resolves.toBe(200);
  await expect(uploadTyped(main, middleware, { redisStore, createClient }, servers)).resolves.toBe(200);
});

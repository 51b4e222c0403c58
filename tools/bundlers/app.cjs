// Does the same as `app.js`, with `require`, on versions of Node that can load ES modules with it.

const main = require("oauth2-token-response");
const middleware = require("oauth2-token-response/openapi-fetch");
const { redisStore } = require("oauth2-token-response/redis");
const { default: createClient } = require("openapi-fetch");
const { upload, uploadTyped } = require("./calls.js");

// Not `process.env.…`, which Vite replaces.
const { env } = process;
const servers = [env.TOKEN_URL, env.API_URL];

async function run() {
  const statuses = [
    await upload(main, servers),
    await uploadTyped(main, middleware, { redisStore, createClient }, servers),
  ];
  console.log(...statuses);
}

run();

// The program that each bundler bundles. It imports the main entry point and two others, and prints the status of each call.

import * as main from "oauth2-token-response";
import * as middleware from "oauth2-token-response/openapi-fetch";
import { redisStore } from "oauth2-token-response/redis";
import createClient from "openapi-fetch";
import { upload, uploadTyped } from "./calls.js";

// Not `process.env.…`, which Vite replaces.
const { env } = process;
const servers = [env.TOKEN_URL, env.API_URL];

// Not every bundler accepts a top-level `await`.
async function run() {
  const statuses = [
    await upload(main, servers),
    await uploadTyped(main, middleware, { redisStore, createClient }, servers),
  ];
  console.log(...statuses);
}

run();

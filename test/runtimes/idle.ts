// Requests one token, and prints what keeps the process alive afterwards.

import { createTokenSource } from "../../src/index.ts";

const tokens = createTokenSource({ request: async () => ({ access_token: "t", expires_in: 3600 }) });
console.log(`${await tokens.get()}`);
console.log(process.getActiveResourcesInfo().filter((resource) => resource !== "PipeWrap"));

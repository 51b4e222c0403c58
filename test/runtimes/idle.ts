// Requests one token, and has nothing more to do: prints what keeps the process alive then.

import { createTokenSource } from "../../src/index.ts";

const tokens = createTokenSource({ request: async () => ({ access_token: "t", expires_in: 3600 }) });
console.log(`${await tokens.get()}`);
console.log(process.getActiveResourcesInfo().filter((resource) => resource !== "PipeWrap"));

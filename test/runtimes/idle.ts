// Asks for one token, and has nothing more to do: whether the process ends is for `runtimes.test.ts` to see.

import { createTokenSource } from "../../src/index.ts";

const tokens = createTokenSource({ request: async () => ({ access_token: "t", expires_in: 3600 }) });
console.log(`${await tokens.get()}`);

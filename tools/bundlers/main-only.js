// Imports only the main entry point, for a bundler that does not read `exports`.

import { bearerFetch, createTokenSource } from "oauth2-token-response";
import { upload } from "./calls.js";

const { env } = process;
upload({ bearerFetch, createTokenSource }, [env.TOKEN_URL, env.API_URL]).then((status) => console.log(status));

// openid-client, a certified library for the grants that this package does not implement. Here the client signs an
// assertion instead of sending a secret (private_key_jwt, RFC 7523). Each token request gets a new assertion.

import { bearerFetch, createTokenSource } from "oauth2-token-response";
import { Configuration, clientCredentialsGrant, PrivateKeyJwt } from "openid-client";

const jwk = JSON.parse(process.env["OAUTH2_PRIVATE_KEY"] ?? "{}");
const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
const server = { issuer: "https://login.example.com", token_endpoint: "https://login.example.com/token" };
const config = new Configuration(server, "your-client-id", undefined, PrivateKeyJwt({ key, kid: jwk.kid }));
// Its requests take no signal, so the time limit of an attempt is set here too, in seconds.
config.timeout = 10;

const scope = "enterprise.company";
const tokens = createTokenSource({ request: () => clientCredentialsGrant(config, { scope }), scope });
const api = bearerFetch(tokens, { origins: ["https://api.example.com"] });

const response = await api("https://api.example.com/companies", { method: "POST", body: '{"name":"Zoë & Söhne"}' });
console.log(await response.json());

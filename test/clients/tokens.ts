import { bearerFetch, createTokenSource } from "oauth2-token-response";

export const apiUrl = process.env["API_URL"] ?? "https://api.example.com";
export const tokens = createTokenSource({
  tokenUrl: process.env["TOKEN_URL"] ?? "https://login.example.com/token",
  clientId: process.env["CLIENT_ID"] ?? "your-client-id",
  clientSecret: process.env["CLIENT_SECRET"] ?? "your-client-secret",
});
export const api = bearerFetch(tokens, { origins: [apiUrl] });

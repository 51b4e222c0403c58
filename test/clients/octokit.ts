import { Octokit } from "@octokit/core";
import { api, apiUrl } from "./tokens.ts";

export const octokit = new Octokit({ baseUrl: apiUrl, request: { fetch: api } });

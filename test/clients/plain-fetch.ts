import { api, apiUrl } from "./tokens.ts";

export const createCompany = (company: { name: string }): Promise<Response> =>
  api(`${apiUrl}/companies`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(company),
  });

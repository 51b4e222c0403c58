import { api, apiUrl } from "./tokens.ts";

export const createCompany = (company: { name: string }): Promise<Response> =>
  api(`${apiUrl}/companies`, { method: "POST", body: JSON.stringify(company) });

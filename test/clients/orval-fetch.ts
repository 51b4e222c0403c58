import { api, apiUrl } from "./tokens.ts";

export async function orvalFetch<T>(path: string, init: RequestInit): Promise<T> {
  const response = await api(`${apiUrl}${path}`, init);
  const body = await response.text();
  return { data: body && JSON.parse(body), status: response.status, headers: response.headers } as T;
}

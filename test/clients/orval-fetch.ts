import { api, apiUrl } from "./tokens.ts";

export async function orvalFetch<T>(path: string, init: RequestInit): Promise<T> {
  const response = await api(`${apiUrl}${path}`, init);
  return { data: await response.json(), status: response.status, headers: response.headers } as T;
}

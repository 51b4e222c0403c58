// The table as a Worker: it responds with what it found.

import { run } from "../like-fetch/entry.ts";
import type { Origins } from "../like-fetch/run-table.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const origins = (await request.json()) as Origins;
    return new Response(await run(origins, navigator.userAgent));
  },
};

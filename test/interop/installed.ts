// Finds out which servers can be started on this machine.

import { spawnSync } from "node:child_process";
import type { ForeignServer } from "./server.ts";
import { SERVERS } from "./servers.ts";

export function isInstalled({ needs }: ForeignServer): boolean {
  return needs === undefined || spawnSync(needs.command, needs.args).status === 0;
}

/** Warns once, before all tests, which servers are skipped. In CI that is an error. */
export default function report(): void {
  for (const server of SERVERS.filter((server) => !isInstalled(server))) {
    const hint = `${server.name} is skipped: \`apt-get install --no-install-recommends ${server.needs?.packages}\``;
    if (process.env["CI"]) throw new Error(hint);
    console.warn(hint);
  }
}

// Runs a server that is a Node program in a process of its own. Node accepts one connection in a turn of its event loop, and in
// a process with many callers the turns are long.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Order } from "./host.ts";
import type { ForeignServer, RunningServer } from "./server.ts";

export async function startHosted({ name }: ForeignServer): Promise<RunningServer> {
  const child = fork(fileURLToPath(new URL("host.ts", import.meta.url)), [name], {
    execArgv: ["--import", "tsx/esm"],
    // Its warnings do not concern these tests.
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors = (errors + chunk).slice(-2000);
  });
  const exit = once(child, "exit");
  const nextReply = async () => {
    const ended = exit.then(() => Promise.reject(new Error(`${name} ended: ${errors}`)));
    return (await Promise.race([once(child, "message"), ended]))[0];
  };
  const say = async (order: Order) => {
    child.send(order);
    return (await nextReply()).result;
  };
  const { tokenUrl, echoUrl } = await nextReply();
  return {
    ...{ tokenUrl, echoUrl },
    revoke: (token) => say({ order: "revoke", token }),
    audienceOf: (token) => say({ order: "audienceOf", token }),
    async stop() {
      child.disconnect();
      await exit;
    },
  };
}

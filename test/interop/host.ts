// The program that `hosted.ts` starts: runs one server and obeys its parent.

import { SERVERS } from "./servers.ts";

export interface Order {
  readonly order: "revoke" | "audienceOf";
  readonly token: string;
}

const foreign = SERVERS.find(({ name }) => name === process.argv[2]);
const server = await foreign?.start();
process.on("message", async ({ order, token }: Order) => process.send?.({ result: await server?.[order]?.(token) }));
process.on("disconnect", () => process.exit());
process.send?.({ tokenUrl: server?.tokenUrl, echoUrl: server?.echoUrl });

import { post } from "../../lib/api.js";

export const runtime = "edge";

export async function GET() {
  return new Response(await post("edge"));
}

import { post } from "../lib/api.js";

export const dynamic = "force-dynamic";

export default async function Page() {
  return <pre>{await post("page")}</pre>;
}

import { post } from "../../lib/api.js";

/** Rendered once, by the build. */
export default async function Page() {
  return <pre>{await post("static")}</pre>;
}

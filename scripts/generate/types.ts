// The only file that knows openapi-typescript: the description as `paths`, `components` and `operations`.

import openapiTS, { astToString } from "openapi-typescript";
import type { Description } from "./read.ts";

/** Emits the types of the whole description. */
export async function emitTypes({ document }: Description): Promise<string> {
  const nodes = await openapiTS(JSON.stringify(document), {
    alphabetize: true,
    // Otherwise a `default` would make a field of a response required.
    defaultNonNullable: false,
    emptyObjectsUnknown: true,
    silent: true,
  });
  return astToString(nodes);
}

// The only file that knows openapi-typescript: the description as `paths`, `components` and `operations`.

import { createRequire } from "node:module";
import type { Description } from "./read.ts";

// Its CommonJS build: as an ES module it takes twice as long to load, and loading is most of what `npm run generate` does.
const openapiTypescript: typeof import("openapi-typescript") = createRequire(import.meta.url)("openapi-typescript");

/** Emits the types of the whole description. */
export async function emitTypes({ document }: Description): Promise<string> {
  const nodes = await openapiTypescript.default(JSON.stringify(document), {
    alphabetize: true,
    // Otherwise a `default` would make a field of a response required.
    defaultNonNullable: false,
    emptyObjectsUnknown: true,
    silent: true,
  });
  return openapiTypescript.astToString(nodes);
}

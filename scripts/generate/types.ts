// The only file that knows openapi-typescript: the description as `paths`, `components` and `operations`.

import { createRequire } from "node:module";
import type { Description } from "./description.ts";
import { withoutDataReferences } from "./keys.ts";
import { DescriptionError, keysTo, mappingAt } from "./read.ts";
import { circularIn } from "./schemas.ts";

// Its CommonJS build: as an ES module it takes twice as long to load, and loading is most of what `npm run generate` does.
const openapiTypescript: typeof import("openapi-typescript") = createRequire(import.meta.url)("openapi-typescript");

/**
 * Emits the types of the whole description. What it cannot type is `unknown`, and a warning says so.
 *
 * @throws {DescriptionError} if openapi-typescript cannot read the description
 */
export async function emitTypes(description: Description): Promise<string> {
  // The tool would follow what looks like a reference in data.
  const document = withoutDataReferences(description.document);
  for (const pointer of circularIn(description)) {
    delete mappingAt(document, ...keysTo(pointer))["$ref"];
    description.warnings.push(`${description.locate(pointer)} found a schema that is itself: its type is unknown`);
  }
  try {
    const nodes = await openapiTypescript.default(JSON.stringify(document), {
      alphabetize: true,
      // Otherwise a `default` would make a field of a response required.
      defaultNonNullable: false,
      emptyObjectsUnknown: true,
      silent: true,
    });
    return openapiTypescript.astToString(nodes);
  } catch (error) {
    throw new DescriptionError(`openapi-typescript cannot read the description: ${(error as Error).message}`);
  }
}

// Emits the types `paths`, `components` and `operations`. No other file uses openapi-typescript.

import { createRequire } from "node:module";
import { InputError } from "../command.ts";
import type { Description } from "./description.ts";
import { type Keys, keysIn, withoutDataReferences } from "./keys.ts";
import { asText, isMapping, keysTo, type Mapping, mappingAt } from "./read.ts";
import { circularIn, isEnum, isOpen, OPEN } from "./schemas.ts";

// The CommonJS build loads twice as fast as the ES module, and loading takes most of the time of `npm run generate`.
const openapiTypescript: typeof import("openapi-typescript") = createRequire(import.meta.url)("openapi-typescript");

/**
 * Emits the types of the description. Circular schemas become `unknown`, with a warning.
 *
 * @throws {InputError} if openapi-typescript cannot read the description
 */
export async function emitTypes(description: Description): Promise<string> {
  // openapi-typescript would follow references in data.
  const document = repaired(withoutDataReferences(description.document));
  for (const pointer of circularIn(description)) {
    delete mappingAt(document, ...keysTo(pointer))["$ref"];
    description.warnings.push(`${description.locate(pointer)} found a circular schema: its type is unknown`);
  }
  try {
    const nodes = await openapiTypescript.default(JSON.stringify(document), {
      alphabetize: true,
      // If it were true, a `default` would make a field of a response required.
      defaultNonNullable: false,
      emptyObjectsUnknown: true,
      silent: true,
      transform: (schema) => (ANY_STRING in schema ? anyString() : undefined),
    });
    return openapiTypescript.astToString(nodes);
  } catch (error) {
    throw new InputError(`openapi-typescript cannot read the description: ${(error as Error).message}`);
  }
}

/** Marks a schema that accepts any string and still lets editors complete the literals beside it. */
const ANY_STRING = "x-any-string";

function anyString() {
  const { tsIntersection, STRING, tsRecord, NEVER } = openapiTypescript;
  return tsIntersection([STRING, tsRecord(NEVER, NEVER)]);
}

/** Rewrites an open enum for openapi-typescript: the listed values or any string. */
function opened({ type, enum: values, nullable, ...words }: Mapping): Mapping {
  if (!isEnum({ enum: values })) return { type, nullable, ...words };
  return {
    ...words,
    anyOf: [
      { type, enum: values, nullable },
      { type: "string", [ANY_STRING]: true },
    ],
  };
}

const TEXTS = new Set(["title", "summary", "description"]);

/** Returns a copy without empty values and with malformed schemas, lists and texts replaced, which openapi-typescript rejects. */
function repaired(value: unknown, keys: Keys = "keywords", isSchemas = false): unknown {
  if (keys === "data") return value;
  if (Array.isArray(value)) return value.map((item) => repaired(item, keys));
  if (!isMapping(value)) return value;
  const isNames = keys === "names";
  if (!isNames && isOpen(value)) return repaired(opened({ ...value, [OPEN]: undefined }), keys);
  const isSchema = !isNames && !("in" in value || "content" in value);
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const mustBeSchema = isNames ? isSchemas : key === "schema" || key === "items";
    if (mustBeSchema && !isMapping(inner)) return [[key, {}]];
    const innerKeys = keysIn(key, inner, keys);
    if (inner === null && innerKeys !== "data") return [];
    if (key === "required" && isSchema && !Array.isArray(inner)) return [];
    if (!isNames && TEXTS.has(key)) return [[key, asText(inner)]];
    const isParts = !isNames && /^(allOf|oneOf|anyOf)$/.test(key) && Array.isArray(inner);
    return [[key, repaired(isParts ? inner.filter(isMapping) : inner, innerKeys, /^(properties|schemas)$/.test(key))]];
  });
  return Object.fromEntries(entries);
}

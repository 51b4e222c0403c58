// The table: what `fetch` does, as the web platform tests check it, for every runtime.

import type { Row } from "./row.ts";
import { ABORTS } from "./rows/aborts.ts";
import { BODIES } from "./rows/bodies.ts";
import { HEADERS } from "./rows/headers.ts";
import { INITS } from "./rows/init.ts";
import { INPUTS } from "./rows/inputs.ts";
import { REDIRECTS } from "./rows/redirects.ts";
import { RESPONSES } from "./rows/responses.ts";

export const ROWS: readonly Row[] = [...INPUTS, ...HEADERS, ...INITS, ...BODIES, ...REDIRECTS, ...ABORTS, ...RESPONSES];

// `npm run draw` runs the code and draws the picture of `docs/how-it-decides.md` from the results.

import { writeFileSync } from "node:fs";
import { drawLife } from "./draw/life.ts";

// A constant, because random values would draw another picture each time.
Math.random = () => 0.5;

writeFileSync("docs/life.svg", await drawLife());

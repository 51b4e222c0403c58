// `npm run draw`: draws the picture of `docs/how-it-decides.md` from what the code does.

import { writeFileSync } from "node:fs";
import { drawLife } from "./draw/life.ts";

// The mean, because random values would draw another picture each time.
Math.random = () => 0.5;

writeFileSync("docs/life.svg", await drawLife());

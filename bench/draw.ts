// `npm run draw`: the pictures of `docs/`, drawn from what the code does.

import { writeFileSync } from "node:fs";
import { drawLife } from "./draw/life.ts";

// Chance would draw another picture each time: this is the mean.
Math.random = () => 0.5;

writeFileSync("docs/life.svg", await drawLife());

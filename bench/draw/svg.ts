// Draws a chart as SVG without a browser. The same data always results in the same bytes.

import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

export async function svgOf(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}

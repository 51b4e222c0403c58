// `npm run bench:spec`: measures how long it takes to read a description and to extract our part of it, by its size.

import { stringify } from "yaml";
import { parseDescription } from "../scripts/generate/read.ts";
import { extract } from "../scripts/update-spec/extract.ts";
import { fullDescription } from "../test/update-spec/full-description.ts";

for (const paths of [100, 200, 400, 800, 1600, 3200]) {
  const text = stringify(fullDescription(paths), { aliasDuplicateObjects: false });
  const times = Array.from({ length: 3 }, () => {
    const begun = performance.now();
    const description = parseDescription(text, "bench");
    const read = performance.now();
    extract(description, "/oauth2/");
    return [read - begun, performance.now() - read] as const;
  });
  const [read, extracting] = [0, 1].map((index) => Math.min(...times.map((time) => time[index] ?? 0)));
  const size = `${(text.length / 2 ** 20).toFixed(1)} MiB`;
  console.log(
    `${String(paths).padStart(5)} paths, ${size.padStart(8)}: read ${read?.toFixed(0).padStart(5)} ms, extract ${extracting?.toFixed(1).padStart(6)} ms`,
  );
}

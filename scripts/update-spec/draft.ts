// Drafts a new fragment and what is generated from it. A hostile description may take as long, or as much, as it likes: it does so in
// a process of its own, which runs this very file.

import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DescriptionError, readDescription } from "../generate/read.ts";
import { emit } from "../generate.ts";
import { reasonOf, UpdateError } from "./errors.ts";
import { fragmentOf, SPEC } from "./fragment.ts";
import { outputOf } from "./limits.ts";
import { readSource } from "./load.ts";

export interface Draft {
  /** The text of `openapi.yaml`. */
  readonly fragment: string;
  /** What is generated from it, by path. */
  readonly outputs: readonly (readonly [string, string])[];
}

const SOURCE = "source";

/** In characters; the type check has to read them. Every check names all schemas that it reaches, so they can grow as the square of the fragment. */
const MAX_OUTPUT = 4 * 2 ** 20;

/**
 * Cuts the paths that begin with `prefix` out of the description at `source`, a URL or a file relative to `root`, and generates from them.
 *
 * @throws {UpdateError} where that cannot be done. What the generator refuses is kept, to be looked at.
 */
export async function draft(source: string, prefix: string, root: string): Promise<Draft> {
  const { name, text } = await readSource(source, root);
  const folder = mkdtempSync(join(tmpdir(), "update-spec-"));
  try {
    writeFileSync(join(folder, SOURCE), text);
    const typescript = pathToFileURL(createRequire(import.meta.url).resolve("tsx/esm")).href;
    const program = ["--import", typescript, fileURLToPath(import.meta.url)];
    const answer = JSON.parse(await outputOf([...program, name, prefix, root], { cwd: folder }));
    if ("reason" in answer) throw new UpdateError(answer.reason);
    return answer;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** In that process, in that folder. */
async function drafted(name: string, prefix: string, root: string): Promise<Draft> {
  const fragment = fragmentOf(readFileSync(SOURCE, "utf8"), name, prefix, root);
  writeFileSync(SPEC, fragment);
  try {
    const outputs = await emit(await readDescription(process.cwd(), join(root, "redocly.yaml")));
    if ([...outputs.values()].join("").length > MAX_OUTPUT) {
      throw new UpdateError("what is generated grows beyond 4 MiB; cut out fewer paths");
    }
    return { fragment, outputs: [...outputs] };
  } catch (error) {
    if (!(error instanceof DescriptionError)) throw error;
    const kept = mkdtempSync(join(tmpdir(), "update-spec-"));
    writeFileSync(join(kept, SPEC), fragment);
    throw new UpdateError(`cut out, it is refused; to be looked at in ${kept}:\n${error.message}`);
  }
}

if (realpathSync(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  const [name = "", prefix = "", root = ""] = process.argv.slice(2);
  const answer = await drafted(name, prefix, root).catch((error) => ({ reason: reasonOf(error) }));
  process.stdout.write(JSON.stringify(answer));
}

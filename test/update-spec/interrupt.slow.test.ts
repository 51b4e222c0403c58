// An interrupted run writes all files or none.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { main as generate } from "../../scripts/generate.ts";
import { changed, schemaOf, scopes } from "./specs.ts";
import { createWorkspace, outputsIn } from "./workspace.ts";

const { folder, root, update, reset } = await createWorkspace();
const TSX = import.meta.resolve("tsx/esm");
const program = [resolve("scripts/update-spec.ts"), "new.yaml", "--write"];
const text = changed((spec) => {
  scopes(spec).other = "Other";
  spec.components.schemas.Renamed = schemaOf(spec, "RevokeAccessTokenResponse");
  delete spec.components.schemas.RevokeAccessTokenResponse;
  spec.paths["/oauth2/revoke"].post.responses[200].content["application/json"].schema.$ref =
    "#/components/schemas/Renamed";
});

test("Ctrl-C during any write does not prevent the other writes; after a kill, `npm run generate` restores the previous files", async () => {
  const before = outputsIn(root);
  await update(text, "--write");
  const after = outputsIn(root);
  reset();

  const snapshots = join(folder, "snapshots");
  const env = { ...process.env, SNAPSHOTS: snapshots };
  const preloaded = ["--import", TSX, "--import", resolve("test/interrupt.mjs")];
  const { signal } = spawnSync(process.execPath, [...preloaded, ...program], { cwd: root, env });
  expect(signal).toBeNull();
  expect(outputsIn(root)).toEqual(after);

  const killed = readdirSync(snapshots);
  expect(killed.length).toBeGreaterThan(10);
  for (const moment of killed) {
    const left = join(snapshots, moment);
    await generate([], left, { out: () => {}, err: () => {} });
    expect(outputsIn(left)).toEqual(before);
  }
});

// The weekly workflow does what `docs/spec-changes.md` promises.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { TEXT } from "./specs.ts";
import { createWorkspace } from "./workspace.ts";

const { folder, root, git } = await createWorkspace();
const { jobs, on } = parse(readFileSync(".github/workflows/description.yml", "utf8"));
const steps: string[] = jobs.update.steps.flatMap(({ run }: { run?: string }) => run ?? []);

/** A folder with a program of this name, and the environment in which it is found first. */
function stub(name: string, script: string) {
  const bin = mkdtempSync(join(folder, "bin-"));
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { bin, env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` } };
}

test("it runs once a week, and its steps are Bash", () => {
  expect(on.schedule).toHaveLength(1);
  expect(steps).toHaveLength(3);
  for (const step of steps) expect(spawnSync("bash", ["-n", "-c", step], { encoding: "utf8" }).stderr).toBe("");
});

test.each([
  [0, "report", 0],
  [1, "report", 0],
  [2, "report", 1],
  [1, "", 1],
  [2, "", 1],
])("when the command exits with %i and prints '%s', the step exits with %i", (code, report, expected) => {
  const { bin, env } = stub("npm", `printf '%s' '${report}'\nexit ${code}`);
  const step = steps.find((step) => step.includes("npm run --silent update-spec -- ")) ?? "";
  expect(spawnSync("bash", ["-e", "-c", step], { cwd: bin, env: { ...env, SPEC: "new.yaml" } }).status).toBe(expected);
});

/** Runs the step that pushes, with an empty repository as `origin` and a `gh` that does nothing. */
function push(prepare: (origin: string) => void) {
  const origin = mkdtempSync(join(folder, "origin-"));
  execFileSync("git", ["init", "-q", "--bare", origin]);
  git("push", "-q", origin, "HEAD:refs/heads/main");
  prepare(origin);
  git("remote", "add", "origin", origin);
  const { env } = stub("gh", "");
  const step = steps.find((step) => step.includes("git push")) ?? "";
  const before = git("rev-parse", "HEAD").trim();
  const { status } = spawnSync("bash", ["-e", "-c", step], { cwd: root, env });
  git("remote", "remove", "origin");
  git("reset", "-q", "--hard", before);
  const read = (...args: string[]) => execFileSync("git", ["--git-dir", origin, ...args], { encoding: "utf8" }).trim();
  return { status, read };
}

test("when the description has not changed, the step exits with 0 and pushes nothing", () => {
  const { status, read } = push(() => {});
  expect(status).toBe(0);
  expect(read("branch", "--format=%(refname:short)")).toBe("main");
});

test.each([
  ["does not exist", undefined, 0, "bot"],
  ["ends with a commit of the bot", "bot", 0, "bot"],
  ["ends with a commit of somebody", "somebody", 1, "somebody"],
])("when its branch %s (%s), the step exits with %i and the last commit is by %s", (_, author, status, last) => {
  const { status: actual, read } = push((origin) => {
    if (author) {
      git("-c", `user.name=${author}`, "-c", "user.email=a@test", "commit", "-q", "--allow-empty", "-m", "more");
      git("push", "-q", origin, "HEAD:refs/heads/description");
      git("reset", "-q", "--hard", "HEAD~1");
    }
    writeFileSync(join(root, "openapi.yaml"), `${TEXT}# new\n`);
  });
  expect(actual).toBe(status);
  expect(read("log", "-1", "--format=%an", "description")).toBe(last);
});

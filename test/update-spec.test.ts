// `npm run update-spec` extracts, classifies and writes a newer description. Without `--write` it leaves no trace.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { changed, response, type Spec, schemaOf, scopes, TEXT } from "./update-spec/specs.ts";
import { createWorkspace, fill, outputsIn, run } from "./update-spec/workspace.ts";

const { folder, root, git, update } = await createWorkspace();
const withScope = (text = "Other") =>
  changed((spec) => {
    scopes(spec).other = text;
  });
const renamed = changed((spec) => {
  response(spec).expires = response(spec).expires_in;
  delete response(spec).expires_in;
});

test("nothing changes if the fragment is extracted from itself", async () => {
  expect(await update(TEXT, "--write")).toMatchObject({
    code: 0,
    touched: "",
    out: expect.stringContaining("nothing changes"),
  });
});

test("nothing changes if only other parts of the provider's description have changed", async () => {
  const known = withScope();
  await update(known, "--write");
  const first = git("diff");
  const elsewhere = known.replace("paths:", "paths:\n  /pets: {get: {responses: {200: {description: ok}}}}");
  expect(await update(elsewhere, "--write", "--force")).toMatchObject({
    code: 0,
    out: expect.stringContaining("nothing changes"),
  });
  expect(git("diff")).toBe(first);
});

test("without --write nothing is written, and the lines that a break affects are listed, `src` first", async () => {
  const { code, out, err, touched } = await update(renamed);
  expect({ code, touched }).toEqual({ code: 1, touched: "" });
  expect(err).toMatch(
    /found no expires_in, which the client reads in the response of the token endpoint\nupdate-spec: nothing written; use --write\.\n$/,
  );
  expect(out).toMatch(/^breaking +OAuth2TokenResponse.expires_in: renamed to expires$/m);
  const missing = "Property 'expires_in' does not exist on type 'OAuth2TokenResponse'";
  const [first, second] = ["src", "test"].map(
    (folder) => `  ${folder}/user.ts:4: ${missing}. Did you mean 'expires'?\n`,
  );
  expect(out).toMatch(/\nTo fix:\n/);
  expect(out.split("To fix:\n")[1]).toBe(`${first}${second}`);
});

test("lines that did not compile before are not listed", async () => {
  writeFileSync(join(root, "src/more.ts"), "export const broken: string = 1;\n");
  const { out } = await update(renamed);
  expect(out).toContain("src/user.ts:4");
  expect(out).not.toContain("src/more.ts");
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
])("an expected change, %s, is applied without a hand-written line", async (_, code, change) => {
  const result = await update(changed(change), "--write", "--json");
  expect(result.code).toBe(code);
  expect(JSON.parse(result.out).affectedLines).toEqual([]);
  expect(result.touched).toContain("openapi.yaml");
  expect(result.touched).toContain("src/generated/");
  const written = parse(readFileSync(join(root, "openapi.yaml"), "utf8"));
  expect(written.info["x-cut-from"]).toMatchObject({
    version: "2023-09",
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("a second run writes the same bytes, with the comments at the top", async () => {
  const text = withScope();
  await update(text, "--write");
  const first = git("diff");
  expect(await update(text, "--write")).toMatchObject({ code: 0, out: expect.stringContaining("nothing changes") });
  expect(git("diff")).toBe(first);
  expect(readFileSync(join(root, "openapi.yaml"), "utf8")).toMatch(/^# The Enterprise API's OAuth 2 endpoints/);
});

test("a role that the overlay moves or removes is a break", async () => {
  const file = join(root, "openapi.overlay.yaml");
  const overlay = readFileSync(file, "utf8");
  const without = overlay.replace("x-oauth2-endpoint: introspection", "x-other: true");
  writeFileSync(file, without.replace("x-oauth2-endpoint: revocation", "x-oauth2-endpoint: introspection"));
  const { code, out } = await update(
    changed(() => {}),
    "--write",
    "--force",
  );
  expect(code).toBe(1);
  expect(out).toMatch(
    /^breaking +x-oauth2-endpoint introspection: operation changed\n +was: POST \/oauth2\/introspect\n +is: POST \/oauth2\/revoke$/m,
  );
  expect(out).toMatch(/^breaking +x-oauth2-endpoint revocation: removed$/m);
  const table = readFileSync(join(root, "src/generated/endpoints.ts"), "utf8");
  expect(table).toContain("export const revocationEndpoint = undefined;");
  expect(table).toMatch(/introspectionEndpoint = \{\n.*\n +path: "\/oauth2\/revoke"/);
});

test("a schema whose name is taken is renamed, with a warning", async () => {
  const text = changed((spec) => {
    spec.components.schemas.Error = { type: "object" };
    response(spec).error = { $ref: "#/components/schemas/Error" };
  });
  const { code, err } = await update(text, "--write");
  expect(code).toBe(0);
  expect(err).toMatch(
    /^update-spec: new.yaml:\d+:\d+ #\/components\/schemas\/Error cannot have the name Error: it is called EasyshipError\n/,
  );
  expect(readFileSync(join(root, "src/generated/types.ts"), "utf8")).toContain("export interface EasyshipError ");
});

test.each<[string, string, (spec: Spec) => unknown]>([
  [
    "a schema that has no check",
    "#/components/schemas/OAuth2TokenResponse/properties/scope/nullable found `nullable` beside a `$ref`, expected .*",
    (spec) =>
      Object.assign(response(spec), { scope: { $ref: "#/components/schemas/OAuth2TokenInfo", nullable: true } }),
  ],
  [
    "a broken rule of redocly.yaml",
    "#/paths/~1oauth2~1token/post/summary Operation object should contain `summary` field. \\(operation-summary\\)",
    (spec) => delete spec.paths["/oauth2/token"].post.summary,
  ],
])("%s causes a warning, with its place in the provider's file", async (_, message, change) => {
  const { code, err } = await update(changed(change));
  expect(code).not.toBe(2);
  expect(err).toMatch(new RegExp(`^update-spec: new.yaml:\\d+:\\d+ ${message.replaceAll("$", "\\$")}\n`));
});

test("a description may have the name of a temporary file", async () => {
  const text = withScope();
  writeFileSync(join(root, "openapi.yaml.new"), text);
  expect(await update(undefined, "openapi.yaml.new", "--write")).toMatchObject({ code: 0 });
  expect(readFileSync(join(root, "openapi.yaml.new"), "utf8")).toBe(text);
});

test("control characters of a provider are escaped in openapi.yaml, and none is lost", async () => {
  const controls = "\u0007\u001b[31m\u007f\u0085\u009b\u202e\u2066\u2028\ufeff";
  const { err } = await update(
    changed((spec) => {
      spec.info.description = `${controls}\n${controls}: a # b`;
      scopes(spec)[`x${controls}`] = "X";
    }),
    "--write",
  );
  const text = readFileSync(join(root, "openapi.yaml"), "utf8");
  for (const written of [err, text]) expect(written).not.toMatch(/(?!\n)[\p{Cc}\u2028\u202e\u2066\ufeff]/u);
  expect(parse(text).info.description).toBe(`${controls}\n${controls}: a # b`);
  expect(scopes(parse(text))).toHaveProperty([`x${controls}`], "X");
});

test("a string that some parsers read as a number is quoted", async () => {
  expect(await update(withScope("0b101").replace("0b101", '"0b101"'), "--write")).toMatchObject({ code: 0 });
  expect(git("diff", "--unified=0", "openapi.yaml")).toMatch(/^\+ +other: "0b101"$/m);
});

test("uncommitted changes are overwritten with --force only", async () => {
  writeFileSync(join(root, "openapi.yaml"), `${TEXT}# mine\n`);
  const text = withScope();
  expect(await update(text, "--write")).toMatchObject({ code: 2, err: expect.stringContaining("uncommitted changes") });
  expect(readFileSync(join(root, "openapi.yaml"), "utf8")).toContain("# mine");
  expect(await update(text, "--write", "--force")).toMatchObject({ code: 0 });
});

test("--markdown prints the report as Markdown", async () => {
  const { out } = await update(
    changed((spec) => {
      delete response(spec).expires_in;
    }),
    "--markdown",
  );
  expect(out).toMatch(/^## `Easyship Enterprise API 2023-09`\n\n\| \| where \|.*\n\| --- .*\n\| breaking \| /);
  expect(out).toMatch(/### To fix\n\n- \[ \] `src\//);
});

test("a description of another provider is accepted, with other paths, in OpenAPI 3.1 and JSON", async () => {
  const elsewhere = join(folder, "elsewhere");
  await fill(elsewhere);
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
  for (const name of ["openapi.yaml", "openapi.overlay.yaml"]) rmSync(join(elsewhere, name));
  writeFileSync(join(elsewhere, "keycloak.json"), JSON.stringify(keycloak));
  const { code, out, err } = await run(["keycloak.json", "--write"], elsewhere);
  expect(code).toBe(1);
  expect(err).toMatch(/^update-spec: keycloak.json:1:\d+ .* \(operation-4xx-response\)\n/);
  expect(
    err,
  ).toContain(`update-spec: openapi.overlay.yaml assigns no role. These endpoints were detected; add these actions to it, or others:
- target: $.paths['/realms/{realm}/protocol/openid-connect/token'].post
  update:
    x-oauth2-endpoint: token
`);
  expect(out).toMatch(/^additive +POST \/realms\/{realm}\/protocol\/openid-connect\/token: added$/m);
  expect(out).toMatch(/^ {2}src\/user\.ts:1: .*OAuth2TokenResponse/m);
  expect(readFileSync(join(elsewhere, "src/generated/openapi.ts"), "utf8")).toContain("session_state?: string | null;");
  expect(outputsIn(elsewhere)["openapi.yaml"]).not.toContain("admin");
  // The new overlay says what was detected, so a second run detects nothing.
  const again = await run(["keycloak.json", "--write"], elsewhere);
  expect(again).toMatchObject({ code: 0, err: expect.not.stringContaining("detected") });
});
describe("exit code 2, one line of output and no change follow", () => {
  let url: string;
  let close: () => void;
  beforeAll(async () => {
    const answers: Record<string, RequestListener> = {
      "/404": (_, answer) => answer.writeHead(404).end(),
      "/html": (_, answer) => answer.end("<!doctype html><title>Sign in</title>"),
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
  ])("a URL that returns %s", async (path, message) => {
    expect(await update(undefined, `${url}${path}`, "--write")).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
      out: "",
      touched: "",
    });
  });

  test("a server that takes longer than 10 s", async () => {
    const late = vi.spyOn(AbortSignal, "timeout");
    late.mockReturnValue(AbortSignal.abort(new DOMException("late", "TimeoutError")));
    const { code, err } = await update(undefined, `${url}/404`).finally(() => late.mockRestore());
    expect({ code, err }).toEqual({ code: 2, err: `update-spec: ${url}/404: cannot be read within 10 s\n` });
  });

  test("error responses in the description that collide with those of the overlay", async () => {
    const text = changed((spec) => {
      delete schemaOf(spec, "OAuth2ErrorResponse")["x-origin"];
    });
    expect(await update(text, "--write")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/openapi\.overlay\.yaml:\d+:5 #\/actions\/7 .*OAuth2ErrorResponse.* targets nothing/),
      touched: "",
    });
  });

  test("a role in the overlay whose operation has moved", async () => {
    const text = changed(({ paths }) => {
      paths["/oauth2/token/details"] = paths["/oauth2/token/info"];
      delete paths["/oauth2/token/info"];
    });
    const err =
      "update-spec: openapi.overlay.yaml:26:5 #/actions/6 $.paths['/oauth2/token/info'].get targets nothing\n";
    expect(await update(text, "--write")).toEqual({ code: 2, out: "", err, touched: "" });
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

  test.each([
    [
      "a URL with a password",
      undefined,
      "HTTPS://me:secret@127.0.0.1:1/a?key=secret",
      "update-spec: https://127.0.0.1:1/a: a URL must not contain a user or password",
    ],
    [
      "a URL, of which only the path is named",
      undefined,
      "https://127.0.0.1:1/a?key=secret",
      "update-spec: https://127.0.0.1:1/a: cannot",
    ],
    ["a missing file", undefined, "none.yaml", "none.yaml: no such file"],
    ["a folder", undefined, "src", "src: is a folder"],
    [
      "invalid YAML",
      "a: [",
      undefined,
      "new.yaml:2:1 found unexpected end of the stream within a flow collection, expected YAML or JSON",
    ],
    ["something else than a description", "hello", undefined, "expected an OpenAPI description"],
    [
      "Swagger",
      "swagger: '2.0'",
      undefined,
      'new.yaml:1:1 #/swagger found swagger: "2.0", expected an OpenAPI description, 3.0 or 3.1; convert it: npx -y swagger2openapi --patch new.yaml -o openapi3.yaml',
    ],
    ["a URL of another scheme", undefined, "file:///etc/passwd", "name a file, or a URL that begins with https://"],
    ["an invalid URL", undefined, "https://", "name a file, or a URL that begins with https://"],
    ["a byte more than 10 MiB", `openapi: 3.0.3\n${"#".repeat(10 * 2 ** 20 - 14)}`, undefined, "longer than 10 MiB"],
  ])("%s", async (_, text, source, message) => {
    const result = source ? await update(undefined, source, "--write") : await update(text, "--write");
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining(message), out: "", touched: "" });
    expect(result.err).toMatch(/^update-spec: .*\n$/);
  });

  test("a description of another provider: every line of the overlay without a target is reported", async () => {
    const { code, out, err, touched } = await update("openapi: 3.0.3\npaths: {}\n", "--write");
    expect({ code, out, touched }).toEqual({ code: 2, out: "", touched: "" });
    expect(err.match(/^update-spec: openapi.overlay.yaml:.* targets nothing$/gm)?.length).toBeGreaterThan(3);
  });

  test("a prefix without paths", async () => {
    const outcome = { code: 2, out: "", err: "update-spec: no path begins with /pets/\n", touched: "" };
    expect(await update(TEXT, "--paths", "/pets/", "--write")).toEqual(outcome);
  });

  test("dangling references, which are all reported with their place in the provider's file", async () => {
    const text = changed((spec) => {
      response(spec).a = { $ref: "#/components/schemas/None" };
      response(spec).b = { $ref: "other.yaml" };
    });
    const { code, err } = await update(text);
    expect(code).toBe(2);
    const place = String.raw`update-spec: new.yaml:\d+:\d+ #/components/schemas/OAuth2TokenResponse/properties`;
    expect(err).toMatch(
      new RegExp(
        `^${place}/a/.ref found .*, which leads to nothing\n${place}/b/.ref found other.yaml, which leads out`,
      ),
    );
  });

  test("two files at once, no file, or wrong options", async () => {
    expect(await update(undefined)).toMatchObject({ code: 2, err: expect.stringContaining("name one file or URL") });
    expect(await update(undefined, "a", "b")).toMatchObject({ code: 2 });
    expect(await update(undefined, "--nonsense")).toMatchObject({ code: 2 });
    expect(await update(TEXT, "--json", "--markdown")).toMatchObject({
      code: 2,
      err: expect.stringContaining("not both"),
    });
    expect(await update(TEXT, "--force")).toMatchObject({ code: 2, err: expect.stringContaining("requires --write") });
    expect(await update(undefined, "--help")).toMatchObject({ code: 0, out: expect.stringContaining("Usage:") });
  });

  test("a file that cannot be written, and earlier writes are undone", async () => {
    const generated = join(root, `src/generated/types.ts.${process.pid}.new`);
    execFileSync("mkdir", [generated]);
    const text = withScope();
    const { code, err } = await update(text, "--write", "--force");
    rmSync(generated, { recursive: true, force: true });
    expect(code).toBe(2);
    expect(err).toMatch(/EISDIR|illegal operation/);
    expect(git("status", "--porcelain").trim()).toBe("");
  });
});

import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseYaml, stringifyYaml } from "@redocly/openapi-core";
import fc from "fast-check";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";
import { TAKEN } from "../scripts/generate/taken.ts";
import { writeChanges } from "../scripts/generate/write.ts";
import { main } from "../scripts/generate.ts";
import * as endpoints from "./fixture/endpoints.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests change any part of a description.
type Spec = any;

const made: string[] = [];
afterAll(() => made.forEach((folder) => void rmSync(folder, { recursive: true })));

/** Creates a folder with a description, by default that of the fixture. */
function workspace(description: string | Buffer = readFileSync("test/fixture/openapi.yaml")): string {
  const root = mkdtempSync(join(tmpdir(), "generate-"));
  made.push(root);
  cpSync("redocly.yaml", join(root, "redocly.yaml"));
  // The generated checks import this file.
  cpSync("src/standard-schema.ts", join(root, "src/standard-schema.ts"));
  writeFileSync(join(root, "openapi.yaml"), description);
  return root;
}

let template: Promise<string> | undefined;

/** A folder with the description `PETS` and what is generated from it. */
async function generated(): Promise<string> {
  template ??= (async () => {
    const root = workspace(PETS);
    await generate(root);
    return root;
  })();
  const root = workspace(PETS);
  cpSync(await template, root, { recursive: true });
  return root;
}

/** Runs the command as `npm run generate` would. */
async function generate(root: string, ...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(args, root, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join(""), err: withoutPointers(err.join("")) };
}

/** Removes the JSON pointer that follows line and column: one test checks it. */
function withoutPointers(text: string): string {
  return text.replace(/(:\d+:\d+) #\S*/g, "$1");
}

/** Every file below a folder, with its content. */
function filesIn(root: string): Record<string, string> {
  const entries = existsSync(root) ? readdirSync(root, { withFileTypes: true, recursive: true }) : [];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((file) => [file.slice(root.length + 1), readFileSync(file, "utf8")]));
}

/** A small description around some schemas. */
function describing(schemas: string, more = ""): string {
  const indented = schemas.replace(/^(?=.)/gm, "    ");
  return `openapi: 3.0.3
info:
  title: Pets
  version: "1"
  license: { name: MIT, url: https://example.com/licence }
servers: [{ url: https://pets.test }]
security: []
paths:
  /pets:
    get:
      operationId: listPets
      summary: List
      responses:
        "200": { description: Fine, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
        "400": { description: No }
${more}components:
  schemas:
${indented}`;
}

const PETS = describing(`
Pet:
  type: object
  description: "An animal | not a plant. */ process.exit() /*"
  required: [id]
  properties:
    id: { type: integer, minimum: 1, description: "Its number\\n(or a | of it)" }
    kind: { type: string, enum: [cat, "guinea-pig", "3"], default: cat, description: What it is }
    moods: { type: array, items: { type: string, enum: [calm, wild] } }
    born: { type: string, format: date, nullable: true, deprecated: true }
    owner: { $ref: "#/components/schemas/Owner" }
    home: { type: object, properties: { zip: { type: string, pattern: "^[0-9]+$" } } }
Owner:
  type: object
  properties:
    pets: { type: array, items: { $ref: "#/components/schemas/Pet" } }
    colour: { $ref: "#/components/schemas/Colour" }
    name: { $ref: "#/components/schemas/Name" }
Colour: { type: string, enum: [red, green], description: A colour }
Name: { type: string, title: A name }
`);

const SCOPED = {
  OAuth: { type: "oauth2", flows: { clientCredentials: { tokenUrl: "https://id.test", scopes: { a: "A" } } } },
};

/** With what is generated from its description. */
const FIXTURE = workspace();
await generate(FIXTURE);

describe("a description", () => {
  test("yields the committed files, if it is the project's own", async () => {
    const root = workspace(readFileSync("openapi.yaml"));
    expect((await generate(root)).code).toBe(0);
    expect(filesIn(join(root, "src/generated"))).toEqual({
      "endpoints.ts": readFileSync("src/generated/endpoints.ts", "utf8"),
      "schemas.ts": readFileSync("src/generated/schemas.ts", "utf8"),
      "openapi.ts": readFileSync("src/generated/openapi.ts", "utf8"),
      "types.ts": readFileSync("src/generated/types.ts", "utf8"),
    });
    expect(filesIn(join(root, "docs/reference"))).toEqual(filesIn(resolve("docs/reference")));
  });

  test("yields the table that the tests of the library use, if it is the fixture", async () => {
    const text = readFileSync(join(FIXTURE, "src/generated/endpoints.ts"), "utf8");
    const program = ts.transpile(text, { module: ts.ModuleKind.ESNext });
    expect(await import(`data:text/javascript,${encodeURIComponent(program)}`)).toMatchObject({ ...endpoints });
  });

  test("is named at the top of each file, with nothing that varies between runs", async () => {
    const origin = "Generated by `npm run generate` from Easyship Enterprise API 2023-09. Do not edit.";
    for (const [file, text] of Object.entries({
      ...filesIn(join(FIXTURE, "src/generated")),
      ...filesIn(join(FIXTURE, "docs/reference")),
    })) {
      expect(text.split("\n")[0]).toBe(file.endsWith(".md") ? `<!-- ${origin} -->` : `// ${origin}`);
    }
  });

  test("yields the same bytes in any order of its keys", async () => {
    const root = workspace();
    await generate(root);
    const committed = filesIn(root);
    const document = parseYaml(committed["openapi.yaml"] ?? "");
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(1000)), async (random) => {
        writeFileSync(join(root, "openapi.yaml"), stringifyYaml(shuffled(document, () => random.next().value ?? 0)));
        expect((await generate(root, "--check")).out).toBe("generate: up to date.\n");
      }),
      { numRuns: 5 },
    );
    expect({ ...filesIn(root), "openapi.yaml": "" }).toEqual({ ...committed, "openapi.yaml": "" });
  });
});

describe("a second run", () => {
  test("has nothing to do", async () => {
    const root = await generated();
    expect((await generate(root)).out).toBe("generate: nothing to do.\n");
    expect((await generate(root, "--check")).code).toBe(0);
  });

  test("removes files that are no longer emitted, and leftovers of a killed run", async () => {
    const root = workspace();
    mkdirSync(join(root, "docs/reference/old"), { recursive: true });
    for (const file of ["docs/reference/Gone.md", "docs/reference/old/Gone.md", "docs/reference/README.md.new"]) {
      writeFileSync(join(root, file), "");
    }
    await generate(root);
    expect(Object.keys(filesIn(join(root, "docs/reference")))).toEqual(
      expect.not.arrayContaining(["Gone.md", "old/Gone.md", "README.md.new"]),
    );
  });
});

describe("--check", () => {
  test("prints a unified diff of stale files, exits with 1 and writes nothing", async () => {
    const root = await generated();
    writeFileSync(join(root, "openapi.yaml"), PETS.replace("A colour", "A hue"));
    writeFileSync(join(root, "docs/reference/Gone.md"), "gone\n");
    rmSync(join(root, "docs/reference/Name.md"));
    const before = filesIn(root);
    const { code, out, err } = await generate(root, "--check");
    expect(code).toBe(1);
    expect(out).toContain("--- a/src/generated/types.ts\n+++ b/src/generated/types.ts\n@@");
    expect(out).toContain("\n-/** A colour */\n");
    expect(out).toContain("\n+/** A hue */\n");
    expect(out).toContain("--- a/docs/reference/Gone.md\n+++ /dev/null\n");
    expect(out).toContain("--- /dev/null\n+++ b/docs/reference/Name.md\n");
    expect(err).toBe("generate: 7 of the generated files are stale; run `npm run generate`.\n");
    expect(filesIn(root)).toEqual(before);
  });
});

describe("an error has file, line and column, and leaves every output unchanged:", () => {
  test.each([
    ["invalid YAML", "a: [1,\nb: 2\n", "openapi.yaml:3:1 found unexpected end"],
    [
      "a duplicate key",
      "openapi: 3.0.3\nopenapi: 3.0.3\n",
      "openapi.yaml:2:1 found duplicated mapping key, expected YAML",
    ],
    [
      "a string instead of a mapping",
      "hello\n",
      "openapi.yaml:1:1 found no mapping, expected an OpenAPI description, 3.0 or 3.1",
    ],
    ["an empty file", "", "openapi.yaml:1:1 found no mapping"],
    [
      "Swagger",
      "swagger: '2.0'\n",
      'openapi.yaml:1:1 found swagger: "2.0", expected an OpenAPI description, 3.0 or 3.1; convert it: npx -y swagger2openapi --patch openapi.yaml -o openapi3.yaml',
    ],
    ["another format", "asyncapi: '3.0'\n", "openapi.yaml:1:1 found openapi: undefined, expected"],
    ["HTML", "<!doctype html>", "openapi.yaml: found HTML, expected an OpenAPI description"],
    [
      "a reference to another file",
      PETS.replace("#/components/schemas/Name", "name.yaml"),
      "openapi.yaml:35:17 found name.yaml, which leads out of the description; bundle its files first: npx -y @redocly/cli bundle",
    ],
    ["another version", "openapi: 4.0.0\n", 'openapi.yaml:1:1 found openapi: "4.0.0", expected'],
    [
      "a dangling reference",
      PETS.replace("schemas/Name", "schemas/Nobody"),
      "openapi.yaml:35:17 found #/components/schemas/Nobody, which leads to nothing",
    ],
    [
      "an unknown role of an endpoint",
      PETS.replace("summary: List", "summary: List\n      x-oauth2-endpoint: tokn"),
      'openapi.yaml:13:7 found the role "tokn", expected one of token, introspection, revocation, token-info',
    ],
    [
      "a reference to itself",
      PETS.replace("{ type: string, title: A name }", '{ $ref: "#/components/schemas/Name" }'),
      "openapi.yaml:37:13 found #/components/schemas/Name, which refers to itself",
    ],
  ])("%s", async (_, description, message) => {
    const root = await generated();
    writeFileSync(join(root, "openapi.yaml"), description);
    const before = filesIn(root);
    const { code, out, err } = await generate(root);
    expect(err).toContain(`generate: ${message}`);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(filesIn(root)).toEqual(before);
  });

  test("a missing file", async () => {
    const root = workspace(PETS);
    rmSync(join(root, "openapi.yaml"));
    const message = "openapi.yaml: found no readable file (ENOENT), expected an OpenAPI description";
    expect(await generate(root)).toEqual({ code: 1, out: "", err: `generate: ${message}\n` });
  });

  test("a folder with the path of the last temporary file", async () => {
    const root = await generated();
    writeFileSync(join(root, "openapi.yaml"), PETS.replaceAll(/Pet\b/g, "Beast"));
    const before = filesIn(root);
    mkdirSync(join(root, `src/generated/types.ts.${process.pid}.new`));
    const { code, err } = await generate(root);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("EISDIR") });
    expect(filesIn(root)).toEqual(before);
  });

  test("a folder with the path of a target", async () => {
    const root = await generated();
    rmSync(join(root, "src/generated/types.ts"));
    mkdirSync(join(root, "src/generated/types.ts/in-the-way"), { recursive: true });
    writeFileSync(join(root, "openapi.yaml"), PETS.replaceAll(/Pet\b/g, "Beast"));
    const before = filesIn(root);
    expect((await generate(root)).code).toBe(1);
    expect(filesIn(root)).toEqual(before);
  });

  test("a folder that appears at the path of a target: earlier renames are undone, and the first error is thrown", () => {
    const root = workspace();
    mkdirSync(join(root, "in-the-way"));
    const before = filesIn(root);
    const write = (path: string) => ({ path, before: before[path], after: "new" });
    const changes = ["redocly.yaml", "in-the-way", "openapi.yaml", "more.yaml"].map(write);
    expect(() => writeChanges(root, changes)).toThrow(/EISDIR.*rename/);
    expect(filesIn(root)).toEqual(before);
  });

  test("an unknown flag", async () => {
    const { code, out, err } = await generate(workspace(PETS), "--chekc");
    expect({ code, out, err }).toEqual({
      code: 1,
      out: "",
      err: expect.stringMatching(/^generate: Unknown option '--chekc'.*\n$/),
    });
  });

  test("an additional argument", async () => {
    expect(await generate(workspace(PETS), "other.yaml")).toMatchObject({ code: 1, out: "" });
  });
});

describe("a foreign description is accepted as it is:", () => {
  const answering = (warning: RegExp) => ({ code: 0, err: expect.stringMatching(warning) });

  test.each([
    [
      "a keyword that does not exist",
      (text: string) => text.replace("operationId: listPets", "operationId: listPets\n      summery: List"),
      "struct",
    ],
    ["no summary", (text: string) => text.replace("      summary: List\n", ""), "operation-summary"],
    ["no response of an error", (text: string) => text.replace(/ +"400".*\n/, ""), "operation-4xx-response"],
    ["no licence", (text: string) => text.replace(/ +license:.*\n/, ""), "info-license"],
    ["a stale example", (text: string) => text.replace("title: A name", "example: 1"), "no-invalid-schema-examples"],
  ])("%s causes a warning of the linter, and no other output", async (_, change, rule) => {
    const rules = "extends: [recommended]\nrules: { no-invalid-schema-examples: error }\n";
    const root = workspace(change(PETS));
    writeFileSync(join(root, "redocly.yaml"), rules);
    expect(await generate(root)).toEqual({
      ...answering(new RegExp(`^generate: openapi.yaml:\\d+:\\d+ .+ \\(${rule}\\)\\n$`)),
      out: expect.stringMatching(/files written/),
    });
    expect(errorsIn(root)).toEqual([]);
  });

  test.each([
    ["a field without a schema", "home: { type: object, properties: { a: null } }"],
    ["items that are no schema", "home: { type: array, items: null }"],
    [
      "a field that is itself marked as required",
      "home: { type: object, required: true, properties: { a: { type: string, required: true } } }",
    ],
    ["texts that are none", "home: { type: object, title: 1, description: null }"],
    ["keywords without a value", "home: { type: object, properties: null, enum: null, required: null, allOf: null }"],
    ["limits that are none", "home: { type: string, minLength: a, uniqueItems: 1, maximum: { toString: null } }"],
    ["parts that are no schemas", "home: { allOf: [null, { type: object }] }"],
    ["a name that begins with a sign", 'home: { type: string }\n    "@odata.kind": { type: string, enum: [a, b] }'],
    ["a name that has no letter", 'home: { type: string }\n    "*": { type: string, enum: [a, b] }'],
  ])("%s is accepted, and the emitted code compiles", async (_, home) => {
    const root = workspace(PETS.replace(/home: .*/, home.replaceAll("\n    ", "\n        ")));
    writeFileSync(join(root, "redocly.yaml"), "extends: []\n");
    expect(await generate(root)).toMatchObject({ code: 0 });
    expect(errorsIn(root)).toEqual([]);
  });

  test("a rule that is often broken is reported once, with a count", async () => {
    const root = workspace(PETS.replaceAll(/ type: string,/g, " type: string, nonsense: 1,"));
    expect((await generate(root)).err).toMatch(/^generate: .*`nonsense`.* \(struct, and 5 more\)\n/);
  });

  test("a message has a JSON pointer beside file, line and column", async () => {
    const root = workspace(PETS.replaceAll("Name", "Error"));
    const err: string[] = [];
    await main([], root, { out: () => {}, err: (text) => err.push(text) });
    expect(err.join("")).toBe(
      "generate: openapi.yaml:37:5 #/components/schemas/Error cannot have the name Error: it is called PetsError\n",
    );
  });

  test.each([
    [
      "a keyword beside a reference",
      PETS.replace('schemas/Owner" }', 'schemas/Owner", nullable: true }'),
      "28:54 found `nullable`",
    ],
    [
      "properties of a value that is not an object",
      PETS.replace("home: { type: object, ", "home: { type: string, "),
      "29:31 found `properties` of a schema that is not an object",
    ],
  ])("a schema with %s has no check", async (_, description, problem) => {
    const root = workspace(description);
    expect(await generate(root)).toMatchObject(answering(new RegExp(`${problem}.*: Pet has no check at run time`)));
    expect(errorsIn(root)).toEqual([]);
  });

  test.each([
    ["a list of itself", "{ type: array, items: { $ref: '#/components/schemas/Name' } }"],
    [
      "any JSON",
      "{ oneOf: [{ type: string }, { type: array, items: { $ref: '#/components/schemas/Name' } }, { type: object, additionalProperties: { $ref: '#/components/schemas/Name' } }] }",
    ],
    [
      "a list of lists of itself",
      "{ type: array, items: { $ref: '#/components/schemas/Others' } }\n    Others: { type: array, items: { $ref: '#/components/schemas/Name' } }",
    ],
  ])("%s has the type unknown where it refers to itself", async (_, schema) => {
    const root = workspace(PETS.replace("{ type: string, title: A name }", schema));
    expect(await generate(root)).toMatchObject(answering(/found a circular schema: its type is unknown\n$/));
    expect(errorsIn(root)).toEqual([]);
  });

  test("references inside extensions and examples are not resolved", async () => {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url ?? "");
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const data = `{ $ref: "${url}/ref" }`;
    const root = workspace(
      PETS.replace("title: A name", `x-a: ${data}, example: ${data}, default: ${data}`).replace(
        "summary: List",
        `summary: List\n      x-b: [${data}]\n      parameters: [{ name: a, in: query, schema: {}, examples: { a: { externalValue: "${url}/external" } } }]`,
      ),
    );
    expect(await generate(root)).toMatchObject({ code: 0 });
    server.close();
    expect(requests).toEqual([]);
    expect(errorsIn(root)).toEqual([]);
  });
});

test("no control character of a description reaches a file or a terminal", async () => {
  const controls = "\u0007\u001b[31m\u007f\u0085\u009b\u202e\u2066\u2028\ufeff\r";
  const document = parseYaml(PETS) as Spec;
  document.info.title += controls;
  document.paths["/pets"].get.summary += controls;
  document.paths["/pets"].get.parameters = [{ name: `q${controls}`, in: "query", schema: { type: "string" } }];
  const { Pet, Colour, Name } = document.components.schemas;
  Pet.description += controls;
  Pet.properties[`k${controls}`] = { type: "string", default: controls };
  Colour.enum.push(`c${controls}`);
  Object.assign(Name, { example: controls, minLength: 1, [`x${controls}`]: 1 });
  const root = workspace(JSON.stringify(document));
  const { code, err } = await generate(root);
  expect(code).toBe(0);
  const { "openapi.yaml": _, "redocly.yaml": __, ...files } = filesIn(root);
  for (const text of [err, ...Object.values(files)]) {
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\u2028\u202e\u2066\ufeff]/u);
  }
  expect(errorsIn(root)).toEqual([]);
  const types = ts.transpile(files["src/generated/types.ts"] ?? "", { module: ts.ModuleKind.ESNext });
  const { Colour: values } = await import(`data:text/javascript,${encodeURIComponent(types)}`);
  expect(Object.values(values)).toContain(`c${controls}`);
});

test("--help prints the usage and writes nothing", async () => {
  const root = workspace(PETS);
  const before = filesIn(root);
  const { code, out } = await generate(root, "--help");
  expect(code).toBe(0);
  expect(out).toMatch(/^Usage: npm run generate .*--check/s);
  expect(filesIn(root)).toEqual(before);
});

describe("names", () => {
  test("exist for every schema, inline enum and set of scopes", () => {
    const names = [
      ...readFileSync(join(FIXTURE, "src/generated/types.ts"), "utf8").matchAll(/^export (?:interface|type) (\w+)/gm),
    ];
    expect(names.map(([, name]) => name)).toEqual(
      expect.arrayContaining([
        "OAuth2TokenResponse",
        "OAuth2TokenResponseTokenType",
        "OAuth2Scope",
        "RevokeAccessTokenResponse",
      ]),
    );
  });

  test("an enum is a constant object and the union of its values", async () => {
    const root = await generated();
    const text = readFileSync(join(root, "src/generated/types.ts"), "utf8");
    expect(text).toContain(
      'export const PetKind = {\n  Cat: "cat",\n  GuineaPig: "guinea-pig",\n  "3": "3",\n} as const;\n',
    );
    expect(text).toContain('export type PetKind = "cat" | "guinea-pig" | "3";\n');
    expect(text).toContain('export type PetMoodsItem = "calm" | "wild";\n');
    expect(text).toContain('export type Colour = "red" | "green";\n');
  });

  test.each([
    ["has a value that makes no name", "enum: [asc, -asc]", '  Asc: "asc",\n  "-asc": "-asc",\n'],
    ["has numbers", "type: integer, enum: [1, 2]", 'export type Colour = Schema<"Colour">;\n'],
    ["is null alone", "enum: [null], nullable: true", 'export type Colour = Schema<"Colour">;\n'],
    ["has two values of one name", "enum: [red, Red]", '  "red": "red",\n  "Red": "Red",\n'],
    ["is nullable", "enum: [red, null], nullable: true", 'export type Colour = "red" | null;\n'],
  ])("an enum that %s is emitted", async (_, values, text) => {
    const root = workspace(
      PETS.replace("type: string, enum: [red, green]", values.startsWith("type") ? values : `type: string, ${values}`),
    );
    expect((await generate(root)).err).toBe("");
    expect(readFileSync(join(root, "src/generated/types.ts"), "utf8")).toContain(text);
    expect(errorsIn(root)).toEqual([]);
  });

  test.each([
    ["of another schema", "pet", "openapi.yaml:37:5 cannot have the name Pet: it is called Pet2"],
    ["that differs from another by case alone", "PET", "openapi.yaml:19:5 cannot have the name Pet: it is called Pet2"],
    ["of a global", "Error", "openapi.yaml:37:5 cannot have the name Error: it is called PetsError"],
    ["of what the package exports", "AccessToken", "cannot have the name AccessToken: it is called PetsAccessToken"],
    ["of the endpoint table", "TokenResponse", "cannot have the name TokenResponse: it is called PetsTokenResponse"],
    ["that is not an identifier", "3D", "openapi.yaml:37:5 cannot have the name 3D: it is called Pets3D"],
    ["of the index of pages", "readme", "openapi.yaml:37:5 cannot have the name Readme: it is called Readme2"],
    ["of an enum within another", "PetKind", "openapi.yaml:25:9 cannot have the name PetKind: it is called PetKind2"],
  ])("a schema with the name %s, %s, is renamed, with a warning", async (_, name, warning) => {
    const root = workspace(PETS.replaceAll("Name", name));
    expect(await generate(root)).toMatchObject({ code: 0, err: expect.stringContaining(`${warning}\n`) });
    const [, given] = /called (\w+)/.exec(warning) ?? [];
    expect(readFileSync(join(root, "src/generated/types.ts"), "utf8")).toMatch(
      new RegExp(`^export (type|interface) ${given} `, "m"),
    );
    expect(Object.keys(filesIn(join(root, "docs/reference")))).toContain(`${given}.md`);
  });

  test("of schemas do not change if others are renamed, nor in a second run", async () => {
    const root = workspace(PETS.replaceAll("Name", "pet").replaceAll("Owner", "Pet2").replaceAll("Colour", "Error"));
    const err = `generate: openapi.yaml:36:5 cannot have the name Error: it is called PetsError
generate: openapi.yaml:37:5 cannot have the name Pet: it is called Pet3
`;
    expect(await generate(root)).toMatchObject({ code: 0, err });
    expect(errorsIn(root)).toEqual([]);
    expect(await generate(root, "--check")).toEqual({ code: 0, out: "generate: up to date.\n", err });
  });

  test("of the exports of the package are all reserved", () => {
    const exported = [
      ...readFileSync("src/index.ts", "utf8")
        .replace(/^\/\/.*/gm, "")
        .matchAll(/\b([A-Z]\w+)(?=,| \})/g),
    ].map(([name]) => name);
    expect(exported).toContain("AccessToken");
    expect(exported.filter((name) => !TAKEN.has(name))).toEqual([]);
  });

  test("a nullable object is emitted as a type, since an interface cannot be nullable", async () => {
    const root = workspace(
      PETS.replace("Owner:\n      type: object", "Owner:\n      type: object\n      nullable: true"),
    );
    await generate(root);
    expect(readFileSync(join(root, "src/generated/types.ts"), "utf8")).toContain(
      'export type Owner = Schema<"Owner">;',
    );
    expect(errorsIn(root)).toEqual([]);
  });

  test("the type of an open enum completes its values and accepts any other string, and its page says so", async () => {
    const open = "enum: [cat], x-extensible-enum: true, nullable: true";
    const root = workspace(PETS.replace('enum: [cat, "guinea-pig", "3"], default: cat', open));
    expect((await generate(root)).err).toBe("");
    writeFileSync(
      join(root, "src/generated/use.ts"),
      `import { type Pet, PetKind } from "./types.ts";
      export const kinds: PetKind[] = [PetKind.Cat, "dog"];
      export const pets: Pet[] = [{ id: 1, kind: "dog" }, { id: 2, kind: null }];
      // @ts-expect-error
      export const none: PetKind = 1;
      // @ts-expect-error
      export const other: Pet = { id: 1, kind: 1 };\n`,
    );
    expect(errorsIn(root, "use.ts")).toEqual([]);
    expect(readFileSync(join(root, "src/generated/openapi.ts"), "utf8")).toMatch(
      /kind\?: \("cat" \| |kind\?: "cat" \| /,
    );
    const page = readFileSync(join(root, "docs/reference/PetKind.md"), "utf8");
    expect(page).toContain("What it is\n\nAny other string is accepted too.\n");
  });

  test("a title cannot end a comment early", async () => {
    const root = workspace(PETS.replace("title: Pets", 'title: "Pets\\nexport const owned = 1; --> */"'));
    await generate(root);
    expect(readFileSync(join(root, "src/generated/types.ts"), "utf8")).not.toMatch(/^export const owned/m);
    expect(readFileSync(join(root, "docs/reference/Pet.md"), "utf8").split("\n")[0]).toMatch(/^<!-- (?:(?!--).)* -->$/);
    expect(errorsIn(root)).toEqual([]);
  });

  test.each([
    ["no schema", { paths: {} }],
    ["nothing but scopes", { paths: {}, components: { securitySchemes: SCOPED } }],
    [
      "a schema that is another",
      { paths: {}, components: { schemas: { A: { $ref: "#/components/schemas/B" }, B: {} } } },
    ],
    ["a text", { paths: {}, components: { schemas: { A: { type: "string" } } } }],
  ])("the code emitted for a fragment with %s compiles", async (_, parts) => {
    const info = { title: "Bare", version: "1" };
    const root = workspace(JSON.stringify({ openapi: "3.1.0", info, servers: [{ url: "https://a.test" }], ...parts }));
    writeFileSync(join(root, "redocly.yaml"), "extends: [spec]\n");
    expect((await generate(root)).err).toBe("");
    expect(errorsIn(root)).toEqual([]);
  });

  test("a description cannot end a comment early: the emitted code compiles", async () => {
    const root = await generated();
    expect(errorsIn(root)).toEqual([]);
  });
});

describe("an inline body", () => {
  const body = (...kinds: [type: string, schema: object][]) => ({
    description: "",
    content: Object.fromEntries(kinds.map(([type, schema]) => [type, { schema }])),
  });
  const fields = { type: "object", properties: { kind: { type: "string", enum: ["a", "b"] } }, required: ["kind"] };
  const JSON_TYPE = "application/json";
  const inline = {
    openapi: "3.0.3",
    info: { title: "Inline", version: "1" },
    servers: [{ url: "https://a.test" }],
    paths: {
      "/tokens/{id}": {
        parameters: [
          { name: "id", in: "path", required: true, schema: { type: "integer", enum: [1, 2] } },
          { name: "q", in: "query", content: { [JSON_TYPE]: { schema: fields } } },
        ],
        post: {
          operationId: "obtain_token",
          requestBody: body(["application/x-www-form-urlencoded", fields], [JSON_TYPE, fields]),
          responses: {
            200: body([JSON_TYPE, fields]),
            201: {
              ...body(["text/plain", { type: "string", nullable: true }]),
              headers: { kind: { schema: { type: "string", enum: ["a", "b"] } } },
            },
            default: body([JSON_TYPE, { $ref: "#/components/schemas/Named" }]),
            "4XX": { $ref: "#/components/responses/Failed" },
          },
        },
        get: { responses: { 200: body([JSON_TYPE, { type: "array", items: fields }]) } },
        put: { requestBody: { $ref: "#/components/requestBodies/Grant" }, responses: { 204: { description: "" } } },
      },
    },
    components: {
      schemas: { Named: { type: "object", properties: { content: fields } } },
      responses: { Failed: body([JSON_TYPE, fields]) },
      requestBodies: { Grant: body([JSON_TYPE, fields]) },
    },
  };
  const NAMES = [
    ...["ObtainTokenRequest", "ObtainTokenRequestForm", "ObtainTokenResponse", "ObtainTokenResponse201"],
    ...["GetTokensIdResponse", "FailedResponse", "GrantRequest", "Named"],
  ];
  const withInline = async () => {
    const root = workspace(JSON.stringify(inline));
    writeFileSync(join(root, "redocly.yaml"), "extends: [spec]\n");
    expect((await generate(root)).err).toBe("");
    return root;
  };

  test("is named after its operation, or its component, and so is an enum within it", async () => {
    const root = await withInline();
    const types = readFileSync(join(root, "src/generated/types.ts"), "utf8");
    const kinds = NAMES.filter((name) => !name.endsWith("201")).map((name) =>
      name === "Named" ? "NamedContentKind" : name === "GetTokensIdResponse" ? `${name}ItemKind` : `${name}Kind`,
    );
    const exported = [...types.matchAll(/^export (?:type|interface) (\w+)/gm)].map(([, name]) => name);
    expect(exported.sort()).toEqual([...NAMES, ...kinds].sort());
    expect(errorsIn(root)).toEqual([]);
  });

  test("has a page and a check", async () => {
    const root = await withInline();
    const pages = filesIn(join(root, "docs/reference"));
    const checks = readFileSync(join(root, "src/generated/schemas.ts"), "utf8");
    for (const name of NAMES) {
      expect(pages[`${name}.md`]).toContain(`Checked at run time by \`${name}Schema\``);
      expect(checks).toContain(`export const ${name}Schema: Checked<types.${name}> =`);
    }
    expect(pages["ObtainTokenRequestForm.md"]).toContain("[ObtainTokenRequestFormKind](ObtainTokenRequestFormKind.md)");
  });

  test("has a name, a type and a page if its path, and a field of it, have a percent sign", async () => {
    const schema = { type: "object", properties: { "c%20d": { type: "string", enum: ["e"] } } };
    const paths = { "/a%20b": { post: { responses: { 200: body([JSON_TYPE, schema]) } } } };
    const root = workspace(JSON.stringify({ ...inline, paths, components: {} }));
    writeFileSync(join(root, "redocly.yaml"), "extends: [spec]\n");
    expect((await generate(root)).err).toBe("");
    expect(errorsIn(root)).toEqual([]);
    const page = readFileSync(join(root, "docs/reference/PostA20bResponse.md"), "utf8");
    expect(page).toContain("| `c%20d` | [PostA20bResponseC20d](PostA20bResponseC20d.md) | no |");
  });

  test("has the type that openapi-typescript emits", async () => {
    const root = await withInline();
    const use = join(root, "src/generated/use.ts");
    writeFileSync(
      use,
      `import type { GetTokensIdResponse, GrantRequest, ObtainTokenRequest, ObtainTokenResponse201 } from "./types.ts";
      export const request: ObtainTokenRequest = { kind: "a" };
      export const grant: GrantRequest = { kind: "b" };
      export const list: GetTokensIdResponse = [request];
      export const text: ObtainTokenResponse201 = null;
      // @ts-expect-error
      export const other: ObtainTokenRequest = { kind: "c" };\n`,
    );
    expect(errorsIn(root, "use.ts")).toEqual([]);
  });
});

describe("an editor shows the description", () => {
  const hover = hoverOver(`
    import type { OAuth2TokenResponse } from "./types.ts";
    import { OAuth2TokenResponseTokenType, type OAuth2Scope } from "./types.ts";
    declare const response: OAuth2TokenResponse;
    response.expires_in;
    OAuth2TokenResponseTokenType.Bearer;
    declare const scope: OAuth2Scope;
  `);
  test.each([
    ["OAuth2TokenResponse }", "OAuth 2 Token Response"],
    ["response:", "OAuth2TokenResponse"],
    ["expires_in", "OAuth 2 Access Token Expiration Time in Seconds"],
    ["OAuth2TokenResponseTokenType.", "OAuth 2 Token Type"],
    ["OAuth2Scope;", "- `enterprise.company`: Companies API (Enterprise API)"],
  ])("over %s: %s", (place, text) => {
    expect(hover(place)).toContain(text);
  });
});

describe("reference pages", () => {
  test("show a schema's example and fields, and link to their types", async () => {
    const root = await generated();
    expect(
      readFileSync(join(root, "docs/reference/Pet.md"), "utf8"),
    ).toBe(`<!-- Generated by \`npm run generate\` from Pets 1. Do not edit. -->

# Pet

An animal | not a plant. */ process.exit() /*

Checked at run time by \`PetSchema\` of \`oauth2-token-response/schemas\`.

## Example

\`\`\`json
{
  "born": "string",
  "home": {
    "zip": "string"
  },
  "id": 0,
  "kind": "cat",
  "moods": [
    "calm"
  ],
  "owner": {
    "colour": "red",
    "name": "string",
    "pets": [
      {}
    ]
  }
}
\`\`\`

## Fields

| Field | Type | Required | Description |
| --- | --- | --- | --- |
| \`born\` | *string* (date) or \`null\` | no | **deprecated** |
| \`home\` | *object* | no |  |
| \`home.zip\` | *string* | no | \`pattern: "^[0-9]+$"\` |
| \`id\` | *integer* | yes | Its number (or a \\| of it) \`minimum: 1\` |
| \`kind\` | [PetKind](PetKind.md) | no | What it is \`default: "cat"\` |
| \`moods\` | array of [PetMoodsItem](PetMoodsItem.md) | no |  |
| \`owner\` | [Owner](Owner.md) | no |  |
`);
  });

  test("show the fields of objects in lists, and the limits of a schema itself", async () => {
    const list = "Name: { type: array, minItems: 1, items: { type: object, properties: { first: { type: string } } } }";
    const root = workspace(PETS.replace("Name: { type: string, title: A name }", list));
    await generate(root);
    const page = readFileSync(join(root, "docs/reference/Name.md"), "utf8");
    expect(page).toContain("## Type\n\narray of *object*, `minItems: 1`\n");
    expect(page).toContain("| `[].first` | *string* | no |");
  });

  test("show the values of an enum that are not strings", async () => {
    const root = workspace(PETS.replace("type: string, enum: [red, green]", "type: integer, enum: [1, 2]"));
    await generate(root);
    const page = readFileSync(join(root, "docs/reference/Colour.md"), "utf8");
    expect(page).toContain("*integer*, `enum: [1,2]`\n");
  });

  test("show fields of any name as `*`", async () => {
    const map =
      "Name: { type: object, properties: { a: { type: integer } }, additionalProperties: { type: object, properties: { b: { type: string, enum: [c] } } } }";
    const root = workspace(PETS.replace("Name: { type: string, title: A name }", map));
    expect((await generate(root)).err).toBe("");
    const page = readFileSync(join(root, "docs/reference/Name.md"), "utf8");
    expect(page).toContain("| `*` | *object* | no |  |\n| `*.b` | [NameValueB](NameValueB.md) | no |  |\n");
    expect(page).toContain('{\n  "a": 0,\n  "*": {\n    "b": "c"\n  }\n}');
    expect(errorsIn(root)).toEqual([]);
  });

  test.each([
    [
      "allOf",
      '{ description: B, allOf: [{ $ref: "#/components/schemas/Colour" }, { properties: { n: { enum: [x, y] } } }] }',
      "## Type\n\n[Colour](Colour.md) and *object*\n",
      "| `n` | [NameN](NameN.md) | no |",
    ],
    [
      "oneOf",
      '{ nullable: true, oneOf: [{ $ref: "#/components/schemas/Owner" }, { type: string, enum: [x] }] }',
      "## Type\n\n[Owner](Owner.md) or [NameOption2](NameOption2.md) or `null`\n",
      '"colour": "red"',
    ],
    [
      "oneOf within others",
      "{ type: object, properties: { x: { oneOf: [{ type: object, properties: { y: { type: integer } } }, { type: array, items: { anyOf: [{ type: string }, { type: object, required: [z] }] } }] } }, additionalProperties: { allOf: [{ type: object, properties: { n: { type: string } } }] } }",
      "| `x` | *object* or array of *string* or *object* | no |",
      "| `*` | *object* | no |  |\n| `*.n` | *string* | no |",
    ],
    ["anyOf", "{ type: object, anyOf: [{ required: [a] }, { required: [b] }] }", "*any* or *any*", "```json\n{}\n```"],
  ])("show the parts of %s", async (_, schema, type, more) => {
    const root = workspace(PETS.replace("{ type: string, title: A name }", schema));
    writeFileSync(join(root, "redocly.yaml"), "extends: []\nrules: { no-unresolved-refs: error }\n");
    expect((await generate(root)).err).toBe("");
    const page = readFileSync(join(root, "docs/reference/Name.md"), "utf8");
    expect(page).toContain(type);
    expect(page).toContain(more);
    expect(errorsIn(root)).toEqual([]);
  });

  test("show an example of null as null", async () => {
    const root = workspace(PETS.replace("title: A name", "nullable: true, example: null"));
    await generate(root);
    expect(readFileSync(join(root, "docs/reference/Name.md"), "utf8")).toContain("```json\nnull\n```");
  });

  test("link only to pages that exist", () => {
    const pages = filesIn(resolve("docs/reference"));
    const linked = Object.values(pages).flatMap((text) =>
      [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target),
    );
    expect(new Set(linked)).toEqual(new Set(Object.keys(pages).filter((page) => page !== "README.md")));
  });
});

/** Library files are parsed once, because they take most of the time of a type check. */
const libraries = new Map<string, ts.SourceFile | undefined>();

/** What the compiler reports of the generated files. */
function errorsIn(root: string, ...more: string[]): unknown[] {
  const files = ["openapi.ts", "types.ts", "endpoints.ts", "schemas.ts", ...more].map((file) =>
    join(root, "src/generated", file),
  );
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, types: [], skipLibCheck: true },
    ...{ noUnusedLocals: true, noUnusedParameters: true, noImplicitReturns: true, noUncheckedIndexedAccess: true },
    ...{ exactOptionalPropertyTypes: true, noPropertyAccessFromIndexSignature: true, erasableSyntaxOnly: true },
    ...{ declaration: true, isolatedDeclarations: true, verbatimModuleSyntax: true, module: ts.ModuleKind.ESNext },
    ...{ target: ts.ScriptTarget.ES2022, lib: ["lib.es2022.d.ts"] },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (file, ...how) => {
    if (file.startsWith(root)) return getSourceFile(file, ...how);
    if (!libraries.has(file)) libraries.set(file, getSourceFile(file, ...how));
    return libraries.get(file);
  };
  return ts.getPreEmitDiagnostics(ts.createProgram(files, options, host)).map(({ messageText }) => messageText);
}

/** The same document with the keys of each mapping in another order. */
function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => ({ key, child, rank: random() }));
  entries.sort((a, b) => a.rank - b.rank);
  return Object.fromEntries(entries.map(({ key, child }) => [key, shuffled(child, random)]));
}

/** What an editor shows over a place in a program that stands beside the generated files. */
function hoverOver(text: string): (place: string) => string {
  const file = join(FIXTURE, "src/generated/hover.ts");
  const read = (name: string) => (name === file ? text : ts.sys.readFile(name));
  const host: ts.LanguageServiceHost = {
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => ts.ScriptSnapshot.fromString(read(name) ?? ""),
    getCurrentDirectory: () => dirname(file),
    getCompilationSettings: () => ({
      strict: true,
      allowImportingTsExtensions: true,
      types: [],
      lib: ["lib.es2022.d.ts"],
    }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: read,
  };
  const service = ts.createLanguageService(host);
  return (place) => {
    const info = service.getQuickInfoAtPosition(file, text.lastIndexOf(place));
    const tags = info?.tags?.flatMap((tag) => tag.text ?? []) ?? [];
    return [...(info?.displayParts ?? []), ...(info?.documentation ?? []), ...tags].map((part) => part.text).join("");
  };
}

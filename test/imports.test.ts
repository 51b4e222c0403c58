import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

/** The files of `src`. Each may import those above it. */
const LAYERS = [
  "standard-schema",
  "generated/openapi",
  "generated/types",
  "generated/endpoints",
  "generated/schemas",
  "errors",
  "expiry",
  "access-token",

  "time/clock",
  "time/wait",

  "token-request/secure-url",
  "token-request/platform-fetch",
  "token-request/redact",
  "token-request/response-body",
  "token-request/endpoint",
  "token-request/token-request-options",
  "token-request/token-request",
  "token-request/thrown-error",

  "token-source/events",
  "token-source/refresh-policy",
  "token-source/evidence",
  "token-source/refresh",
  "token-source/token-requester",

  "store/token-store",
  "store/seal",
  "store/sealed-store",
  "store/stored-values",
  "store/shared-token",
  "store/share",
  "store/memory",
  "store/redis",
  "store/testing",

  "token-source/token-source-options",
  "token-source/token-cache",
  "token-source/last-failure",
  "token-source/token-requests",
  "token-source/token-source",

  "bearer-fetch/fetch-arguments",
  "bearer-fetch/body",
  "bearer-fetch/replayable-request",
  "bearer-fetch/recovery",
  "bearer-fetch/handle-unauthorized",
  "bearer-fetch/bearer-fetch",
  "bearer-fetch/openapi-fetch",

  "index",
];

const files = readdirSync("src", { encoding: "utf8", recursive: true })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replace(/\.ts$/, ""));

test("the list of layers names every file of `src`, and no other", () => {
  expect(LAYERS.toSorted()).toEqual(files.toSorted());
});

test.each(LAYERS)("`%s` imports only files above it in the list, types included", (file) => {
  const text = readFileSync(join("src", `${file}.ts`), "utf8");
  const imported = [...text.matchAll(/(?:from |import\()"(\.[^"]+)\.ts"/g)].map(([, path = ""]) =>
    posix.join(posix.dirname(file), path),
  );
  const before = LAYERS.slice(0, LAYERS.indexOf(file));
  expect(imported.filter((path) => !before.includes(path))).toEqual([]);
});

test("`store` is imported as a value by `index` only, so that bundles without a store do not contain it", () => {
  const importing = files.filter((file) => !file.startsWith("store/") && file !== "index");
  const lines = importing.flatMap((file) =>
    [...readFileSync(join("src", `${file}.ts`), "utf8").matchAll(/^import [^;]* from "[./]*store\/.*$/gm)].map(String),
  );
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => !line.startsWith("import type "))).toEqual([]);
});

test("the only package that `src` imports is openapi-fetch, as a type, in one file", () => {
  const packages = files.flatMap((file) => {
    const text = readFileSync(join("src", `${file}.ts`), "utf8");
    return [...text.matchAll(/^(?:import|export)\b[^;]*? from "(?!\.).*$/gm)].map(([line]) => `${file}: ${line}`);
  });
  expect(packages).toEqual(['bearer-fetch/openapi-fetch: import type { Middleware } from "openapi-fetch";']);
});

test("no hand-written file of `src` names a path or a schema of the description", () => {
  const { paths, components } = parse(readFileSync("test/fixture/openapi.yaml", "utf8"));
  const names = [...Object.keys(paths), ...Object.keys(components.schemas)];
  expect(names.length).toBeGreaterThan(2);
  // `./token-request/…` is not the path `/token`.
  const isIn = (text: string) => (name: string) =>
    new RegExp(`(?<![\\w./])${name.replace(/\W/g, "\\$&")}(?![\\w/-])`).test(text);
  const found = files
    .filter((file) => !file.startsWith("generated/"))
    .flatMap((file) => {
      const text = readFileSync(join("src", `${file}.ts`), "utf8");
      return names.filter(isIn(text)).map((name) => `${file}: ${name}`);
    });
  expect(found).toEqual([]);
});

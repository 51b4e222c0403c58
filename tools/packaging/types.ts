// Compiles the types with each supported version of TypeScript and the types of each platform. `skipLibCheck` is off, so that our
// declarations are checked too.

import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { run } from "./rows.ts";

/** The folder of the installed tools. They have their own package. */
export const TOOLS: string = resolve("tools/packaging/node_modules");

const COMPILERS = [
  join(TOOLS, "typescript5.4"),
  resolve("node_modules/typescript"),
  join(TOOLS, "typescript6"),
  resolve("node_modules/typescript7"),
];

interface Platform {
  readonly lib: readonly string[];
  /** Packages of types, and their names in `TOOLS`. */
  readonly types: Readonly<Record<string, string>>;
  /** The first version of TypeScript that can compile the types. */
  readonly since?: number;
}

const DOM = ["es2023", "dom"];
const PLATFORMS: Readonly<Record<string, Platform>> = {
  "lib dom": { lib: DOM, types: {} },
  "lib dom, @types/node 24": { lib: DOM, types: { "@types/node": "types-node24" } },
  "@types/node 20": { lib: ["es2023"], types: { "@types/node": "types-node20" } },
  "@types/node 22": { lib: ["es2023"], types: { "@types/node": "types-node22" } },
  "@types/node 24": { lib: ["es2023"], types: { "@types/node": "types-node24" } },
  "@types/bun": { lib: ["esnext"], types: { "@types/bun": "@types/bun" }, since: 5.9 },
  "@cloudflare/workers-types": { lib: ["es2023"], types: { "@cloudflare/workers-types": "@cloudflare/workers-types" } },
};

/** The packages that the consumer imports besides ours. */
const LIBRARIES = ["oauth4webapi", "openapi-fetch", "openid-client"];

/**
 * Lists the checks with their names. Each platform has its own folder below the one with the installed package.
 *
 * @param programs programs that compile only if `response.json()` returns `any`
 */
export function typeChecks(
  folder: string,
  consumer: string,
  programs: readonly string[],
): [string, () => Promise<string>][] {
  for (const library of LIBRARIES) symlinkSync(join(TOOLS, library), join(folder, "node_modules", library));
  return Object.entries(PLATFORMS).flatMap(([name, platform], index) => {
    const project = join(folder, `platform${index}`);
    const files = [consumer, ...(platform.lib === DOM ? programs : [])];
    writeProject(project, platform, files);
    return COMPILERS.filter((compiler) => parseFloat(versionOf(compiler)) >= (platform.since ?? 0)).map(
      (compiler): [string, () => Promise<string>] => [
        `TypeScript ${versionOf(compiler)}, ${name}`,
        async () => {
          await run(project, process.execPath, join(compiler, "bin/tsc"), "--pretty", "false");
          return `the whole surface${files.length > 1 ? ", and the README's programs" : ""}`;
        },
      ],
    );
  });
}

function writeProject(project: string, { lib, types }: Platform, files: readonly string[]): void {
  for (const [name, tool] of Object.entries(types)) {
    const link = join(project, "node_modules", name);
    mkdirSync(join(link, ".."), { recursive: true });
    symlinkSync(join(TOOLS, tool), link);
  }
  mkdirSync(project, { recursive: true });
  for (const [index, file] of files.entries()) copyFileSync(file, join(project, `program${index}.ts`));
  const compilerOptions = {
    ...{ strict: true, module: "nodenext", target: "es2022", skipLibCheck: false, noEmit: true },
    ...{ lib, types: Object.keys(types).map((name) => name.replace("@types/", "")) },
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
}

function versionOf(compiler: string): string {
  return JSON.parse(readFileSync(join(compiler, "package.json"), "utf8")).version;
}

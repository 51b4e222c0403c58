// The public types of the package, from the declarations that TypeScript emits: what each entry point exports, and each
// declaration that an export leads to. In which file it is does not matter, so a move is no change.

import { posix } from "node:path";

/** A name that a file declares, imports or exports, and where it comes from. */
interface Name {
  readonly name: string;
  readonly file: string;
}

interface Module {
  /** One line for each name. */
  readonly exports: readonly (Name & { readonly line: string })[];
  readonly imports: ReadonlyMap<string, Name>;
  /** An overloaded function has several. */
  readonly declarations: readonly { readonly name: string; readonly text: string }[];
}

/** A description's names are not listed: these files are committed, so what changes is visible in them. */
const GENERATED = "src/generated/";
const LINK = /^(import|export)( type)? (\{.*\}|\*.*) from "(.*)";$/s;
const DECLARATION =
  /^(?:export )?(?:declare )?(?:abstract )?(class|const|enum|function|interface|namespace|type) (\w+)/;

/** Formats the report. `entryPoints` has the file of each; `read` returns the declarations of a file, by its path. */
export function reportApi(entryPoints: Readonly<Record<string, string>>, read: (file: string) => string): string {
  const modules = new Map<string, Module>();
  const load = (file: string): Module => {
    const module = modules.get(file) ?? parse(file, read(file));
    modules.set(file, module);
    return module;
  };
  const reached = new Map<string, Set<string>>();
  const reach = ({ name, file }: Name): void => {
    const isOurs = file.startsWith("src/") && !file.startsWith(GENERATED);
    if (!isOurs || reached.get(file)?.has(name)) return;
    reached.set(file, (reached.get(file) ?? new Set()).add(name));
    const { imports, exports, declarations } = load(file);
    const texts = declarations.filter((declaration) => declaration.name === name).map(({ text }) => text);
    const words = texts.flatMap((text) => text.replace(/"[^"]*"/g, "").match(/\w+/g) ?? []);
    for (const word of words) {
      if (imports.has(word)) reach(imports.get(word) as Name);
      else if (declarations.some((declaration) => declaration.name === word)) reach({ name: word, file });
    }
    for (const each of exports.filter((each) => each.name === name)) reach(each);
  };

  const sections = Object.entries(entryPoints).map(([name, file]) => {
    const { exports } = load(file);
    for (const each of exports) reach(each);
    const isGenerated = (each: Name) => each.file === file && file.startsWith(GENERATED);
    const lines = exports.map((each) => (isGenerated(each) ? `export * from "${file}";` : each.line));
    return section(name, [...new Set(lines)].sort());
  });
  const isReached = (file: string) => (each: { readonly name: string }) => reached.get(file)?.has(each.name);
  const declared = [...reached.keys()].flatMap((file) => load(file).declarations.filter(isReached(file)));
  declared.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return [
    ...sections,
    section(
      "Declarations",
      declared.map(({ text }) => text),
    ),
  ].join("\n");
}

function parse(file: string, text: string): Module {
  const exports: (Name & { line: string })[] = [];
  const imports = new Map<string, Name>();
  const declarations: { name: string; text: string }[] = [];
  // A statement begins in the first column, and its other lines with a blank or with what closes it.
  for (const statement of text.split(/^(?=[^\s)}\]])/m).map((part) => part.trimEnd())) {
    const [, kind = "", declared] = DECLARATION.exec(statement) ?? [];
    if (declared) declarations.push({ name: declared, text: statement });
    if (declared && statement.startsWith("export "))
      exports.push(exported(declared, file, /interface|type/.test(kind)));
    const [, keyword, type, list = "", from = ""] = LINK.exec(statement) ?? [];
    const source = from.startsWith(".") ? posix.join(posix.dirname(file), from) : from;
    for (const item of list
      .split(/[{},]/)
      .map((part) => part.trim())
      .filter(Boolean)) {
      const [name = "", local = name] = item.replace(/^type /, "").split(" as ");
      if (keyword === "import") imports.set(local, { name, file: source });
      else exports.push(exported(name, source, type !== undefined || item.startsWith("type ")));
    }
  }
  return { exports, imports, declarations };
}

function exported(name: string, file: string, isType: boolean): Name & { line: string } {
  const names = name === "*" ? name : `{ ${name} }`;
  const from = file.startsWith(GENERATED) ? ` from "${file}"` : "";
  return { name, file, line: `export ${isType ? "type " : ""}${names}${from};` };
}

function section(title: string, lines: readonly string[]): string {
  return `## ${title}\n\n\`\`\`ts\n${lines.join("\n")}\n\`\`\`\n`;
}
